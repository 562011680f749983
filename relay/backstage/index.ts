// catalog-gate in the catalog's backend: what is configured is started, what is not does nothing.
import {
  type BackendFeature,
  type ConfigService,
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api'
import {
  catalogProcessingExtensionPoint,
  locationSpecToLocationEntity,
  parseEntityYaml,
} from '@backstage/plugin-catalog-node'
import { catalogModelExtensionPoint } from '@backstage/plugin-catalog-node/alpha'
import { eventsServiceRef } from '@backstage/plugin-events-node'
import { openAhead } from './ahead.ts'
import { batchRefresh } from './batch-refresh.ts'
import { Conflicts, watchNames } from './conflicts.ts'
import { DEFAULT_PREFIX, enrichment, isPrefix } from './enrich.ts'
import { FactBook } from './facts.ts'
import { InstanceProvider } from './instance.ts'
import { heldByProvider, openLease } from './lease.ts'
import { markingParser } from './mark.ts'
import { LocationProvider, PROVIDER } from './provider.ts'
import { openRelayClient } from './relay-client.ts'
import { Rounds } from './rounds.ts'
import { stitching } from './stitching.ts'
import { toldOnce } from './told-once.ts'
import { readAgain, Unread } from './unread.ts'
import { VerdictQueue } from './verdict-queue.ts'

const ERRORS = 'experimental.catalog.errors'
const CONFLICT = 'experimental.catalog.conflict'

const catalogModuleCatalogGate: BackendFeature = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'catalog-gate',
  register(env) {
    env.registerInit({
      deps: {
        catalog: catalogProcessingExtensionPoint,
        model: catalogModelExtensionPoint,
        events: eventsServiceRef,
        config: coreServices.rootConfig,
        logger: coreServices.logger,
        database: coreServices.database,
        lifecycle: coreServices.rootLifecycle,
        router: coreServices.httpRouter,
        httpAuth: coreServices.httpAuth,
        permissions: coreServices.permissions,
      },
      async init({ catalog, model, events, config, logger, database, lifecycle, ...http }) {
        const settings = readSettings(config)
        if (!settings) {
          logger.info('catalog-gate: catalogGate.relay is not configured, so this module does nothing')
          return
        }
        const relay = openRelayClient(settings.relay)
        const knex = await database.getClient()
        const unshown = stitching(
          knex,
          toldOnce(logger, 'verdicts tell when an entity was processed, not when it is shown'),
        )
        const queue = new VerdictQueue(relay, logger, unshown)
        const conflicts = new Conflicts()
        const unread = new Unread()
        const rounds = new Rounds(verdict => queue.add(verdict), logger, Date.now, {
          conflict: (entity, location, heldBy) => conflicts.note(entity, location, heldBy),
          unread: ref => unread.failed(ref),
        })
        catalog.addProcessor(rounds.before(), rounds.after())
        try {
          model.setEntityDataParser(markingParser(parseEntityYaml, rounds.onRead))
        } catch (error) {
          logger.warn(
            `catalog-gate: another module reads the files, so verdicts do not name their content, and go by the time alone: ${String(error)}`,
          )
        }
        // Not waited for: where the events service cannot, the rest works on.
        events
          .subscribe({
            id: 'catalog-gate',
            topics: [ERRORS, CONFLICT],
            onEvent: async ({ topic, eventPayload }) =>
              topic === ERRORS ? rounds.failed(eventPayload) : rounds.conflicted(eventPayload),
          })
          .catch((error: unknown) =>
            logger.warn(`catalog-gate: no reasons of refusals, and no conflicts, can be told: ${String(error)}`),
          )
        const endReading = readAgain(
          unread,
          knex,
          toldOnce(logger, 'what could not be read is read with its next round only'),
        )
        const stops = [() => queue.stop(), async () => endReading()]
        const { prefix } = settings
        if (isPrefix(prefix)) {
          const book = new FactBook(relay, logger)
          const instance = new InstanceProvider(prefix, () => book.start(instance))
          catalog.addProcessor(enrichment({ prefix, of: location => book.of(location), log: logger }))
          catalog.addEntityProvider(instance)
          stops.push(() => book.stop())
        } else
          logger.error(
            `catalog-gate: catalogGate.annotations.prefix is "${prefix}", with which no annotation can begin; expected small letters, digits, "-" and ".", as catalog-gate.example.com. Entities get no annotations`,
          )
        if (settings.provider) {
          const lease = await openLease(knex)
          const onTrouble = toldOnce(logger, 'the relay adds and takes away, and never replaces')
          const held = () => heldByProvider(knex, PROVIDER, onTrouble)
          const ahead = openAhead(knex, toldOnce(logger, 'nobody goes ahead of a thousand others'))
          const provider = new LocationProvider({
            relay,
            log: logger,
            lease,
            held,
            toEntity: locationSpecToLocationEntity,
            freed: removed => conflicts.freed(removed),
            ahead: refs => ahead.put(refs),
          })
          catalog.addEntityProvider(provider)
          const refresh = (keys: string[]) => provider.refresh(keys)
          http.router.use(
            batchRefresh({
              ...http,
              knex,
              refresh,
              ahead,
              onTrouble: toldOnce(logger, 'files are refreshed one by one'),
            }),
          )
          const endWatch = watchNames({
            conflicts,
            knex,
            refresh,
            onTrouble: toldOnce(logger, 'a file that lost a name has it with its next round only, once it is free'),
          })
          stops.unshift(
            async () => ahead.stop(),
            async () => endWatch(),
            () => provider.stop(),
          )
        }
        lifecycle.addShutdownHook(async () => {
          await Promise.all(stops.map(stop => stop()))
        })
      },
    })
  },
})

// biome-ignore lint/style/noDefaultExport: what a backend adds is a default export
export default catalogModuleCatalogGate

/** Undefined where there is no relay. */
function readSettings(config: ConfigService) {
  const own = config.getOptionalConfig('catalogGate')
  const relay = own?.getOptionalConfig('relay')
  if (!own || !relay) return undefined
  return {
    relay: { url: relay.getString('url'), secret: relay.getString('secret') },
    provider: own.getOptionalBoolean('provider') ?? true,
    prefix: own.getOptionalString('annotations.prefix') ?? DEFAULT_PREFIX,
  }
}
