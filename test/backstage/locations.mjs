// An entity provider that names Locations as the GitHub provider does: the targets of BACKSTAGE_LOCATIONS, by blanks; a "*" may be in them.
import { createBackendModule } from '@backstage/backend-plugin-api'
import { catalogProcessingExtensionPoint, locationSpecToLocationEntity } from '@backstage/plugin-catalog-node'

const targets = (process.env.BACKSTAGE_LOCATIONS ?? '').split(' ').filter(Boolean)

// biome-ignore lint/style/noDefaultExport: what a backend adds is a default export
export default createBackendModule({
  pluginId: 'catalog',
  moduleId: 'locations',
  register(env) {
    env.registerInit({
      deps: { catalog: catalogProcessingExtensionPoint },
      async init({ catalog }) {
        catalog.addEntityProvider({
          getProviderName: () => 'locations',
          connect: connection =>
            connection.applyMutation({
              type: 'full',
              entities: targets.map(target => ({
                locationKey: 'locations',
                entity: locationSpecToLocationEntity({ location: { type: 'url', target, presence: 'optional' } }),
              })),
            }),
        })
      },
    })
  },
})
