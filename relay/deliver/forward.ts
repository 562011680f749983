// From a landed file to one refresh in the catalog: the Location by its names, then the entities, then a registration.
import { locationRef } from '../../schemas/entity-ref.ts'
import type { Backstage } from '../clients/backstage.ts'
import type { Trouble } from '../clients/trouble.ts'
import type { Job } from '../store/store.ts'
import { locationTargets, registrationTarget } from './location.ts'

export type Forwarded =
  | { result: 'done'; outcome: string }
  /** The catalog will never take this: a dead letter at once. */
  | { result: 'refused'; reason: string }
  | Trouble

export type ForwardOptions = {
  host: string
  register: boolean
  /** Before every call: waits for its turn. */
  turn: () => Promise<void>
}

/** One refreshed entity re-reads its whole file; more tries are for entities that the catalog does not know yet. */
const ENTITIES_TRIED = 5

export async function forward(backstage: Backstage, job: Job, options: ForwardOptions): Promise<Forwarded> {
  const targets = locationTargets({ host: options.host, ...job })
  for (const target of targets) {
    const known = await refresh(backstage, locationRef(target), `its Location ${target}`, options)
    if (known) return known
  }
  // Entities are the default branch's: on another branch, to refresh them by name would re-read a file that did not change.
  if (!job.defaultBranch) return UNKNOWN
  for (const entity of job.entities.filter(isEntityRef).slice(0, ENTITIES_TRIED)) {
    const known = await refresh(backstage, entity.toLowerCase(), entity, options)
    if (known) return known
  }
  if (job.change === 'removed' || !options.register) return UNKNOWN
  await options.turn()
  const target = registrationTarget({ host: options.host, ...job })
  const answer = await backstage.register(target)
  if (answer.result === 'registered') return { result: 'done', outcome: `registered ${target}` }
  // Somebody was faster; the catalog reads a new Location by itself.
  if (answer.result === 'known') return { result: 'done', outcome: `registered already: ${target}` }
  return answer
}

/** Undefined when the catalog does not know the entity. */
async function refresh(
  backstage: Backstage,
  entityRef: string,
  what: string,
  options: ForwardOptions,
): Promise<Forwarded | undefined> {
  await options.turn()
  const answer = await backstage.refresh(entityRef)
  if (answer.result === 'refreshed') return { result: 'done', outcome: `refreshed ${what}` }
  return answer.result === 'unknown' ? undefined : answer
}

const UNKNOWN: Forwarded = { result: 'done', outcome: 'unknown to the catalog' }

/** The catalog does no defaulting: only a whole `kind:namespace/name` can be known to it. */
const isEntityRef = (text: string) => /^[^:/\s]+:[^:/\s]+\/[^:/\s]+$/.test(text)
