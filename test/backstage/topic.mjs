// A placeholder of a site's own, $topic: the name of a topic becomes its description.
import { createBackendModule } from '@backstage/backend-plugin-api'
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node'

// biome-ignore lint/style/noDefaultExport: what a backend adds is a default export
export default createBackendModule({
  pluginId: 'catalog',
  moduleId: 'topic',
  register(env) {
    env.registerInit({
      deps: { catalog: catalogProcessingExtensionPoint },
      async init({ catalog }) {
        catalog.addPlaceholderResolver('topic', async ({ value }) => `the topic ${JSON.stringify(value)}`)
      },
    })
  },
})
