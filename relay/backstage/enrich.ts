// What GHES and our hook say of an entity's repository, as annotations. Never an author's own, never a failure, and nothing is asked for.
import type { LoggerService } from '@backstage/backend-plugin-api'
import type {
  CatalogProcessor,
  CatalogProcessorCache,
  CatalogProcessorResult,
  Entity,
} from '@backstage/plugin-catalog-node'
import type { RepositoryFacts } from '../../schemas/repository-facts.ts'

const LOCATION = 'backstage.io/managed-by-location'
const CACHED = 'annotations'
export const DEFAULT_PREFIX = 'catalog-gate'

/** Whether the catalog takes annotations that begin so: any other would fail every entity. */
export const isPrefix = (prefix: string): boolean =>
  prefix.length <= 253 &&
  prefix !== 'backstage.io' &&
  prefix.split('.').every(label => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label))

/** By it the module has an entity processed whose repository has changed. */
export const refreshKey = (repository: string): string => `catalog-gate:${repository.toLowerCase()}`

export type EnrichOptions = {
  prefix: string
  /** What is known of the repository that this Location is in. */
  of: (location: string) => RepositoryFacts | undefined
  log: Pick<LoggerService, 'debug'>
}

export function enrichment({ prefix, of, log }: EnrichOptions): CatalogProcessor {
  return {
    getProcessorName: () => 'CatalogGateEnrich',
    // Right after our own first one: what other processors add may overwrite ours.
    getPriority: () => -999,
    preProcessEntity: async (entity, _location, emit, _origin, cache) => {
      try {
        return await enriched(entity, emit, cache)
      } catch (error) {
        log.debug(`catalog-gate: an entity has no annotations of ours: ${String(error)}`)
        return entity
      }
    },
  }

  async function enriched(
    entity: Entity,
    emit: (result: CatalogProcessorResult) => void,
    cache: CatalogProcessorCache,
  ): Promise<Entity> {
    const { annotations = {} } = entity.metadata
    const location = annotations[LOCATION]
    if (location === undefined || isOfFile(entity)) return entity
    const facts = of(location)
    // While the relay is away, or new, the entity keeps what it was given before.
    const before = mapOf(await cache.get(CACHED))
    const own = { ...before, ...(facts ? annotationsOf(facts, prefix, before) : {}) }
    if (Object.keys(own).length > 0) await cache.set(CACHED, own)
    if (facts && !readsAnew(entity)) emit({ type: 'refresh', key: refreshKey(facts.repository) })
    return { ...entity, metadata: { ...entity.metadata, annotations: { ...own, ...annotations } } }
  }
}

function annotationsOf(facts: RepositoryFacts, prefix: string, before: Record<string, string>): Record<string, string> {
  const { visibility, archived, fork, defaultBranch, topics, lastPushAt, hookEnforcement } = facts
  const named: Record<string, string | undefined> = {
    visibility,
    archived: archived === undefined ? undefined : String(archived),
    fork: fork === undefined ? undefined : String(fork),
    'default-branch': defaultBranch,
    topics: topics?.join(','),
    'hook-enforcement': hookEnforcement,
    'last-push': [lastPushAt, before[`${prefix}/last-push`]]
      .filter(at => at !== undefined)
      .sort()
      .at(-1),
  }
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[`${prefix}/${name}`, value]])),
  )
}

/** The Location of a file itself: it has no repository's facts, since every change of it would read the file anew. */
const isOfFile = ({ kind, metadata }: Entity) => kind === 'Location' && /^generated-[0-9a-f]{40}$/.test(metadata.name)

/** To process it is to ask GHES: for the files that a Location names, or that a placeholder quotes. */
const readsAnew = (entity: Entity) => entity.kind === 'Location' || /"\$[a-z]+":/i.test(JSON.stringify(entity))

function mapOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).filter(([, one]) => typeof one === 'string'))
}
