// Questions to the live catalog before anything is claimed: a few at once, none while it does not answer, and none believed that shows nothing at all.
import type { CatalogList } from '../clients/catalog-list.ts'
import type { Clock } from '../runtime/clock.ts'
import { LIMITS } from '../runtime/limits.ts'
import type { CatalogCopy } from './catalog-copy.ts'

export type AskerOptions = { catalog: Pick<CatalogList, 'standing'>; copy: CatalogCopy; clock: Clock }

/** Files by ref, of those that are there; undefined: it cannot be said now. */
export type Ask = (refs: readonly string[]) => Promise<ReadonlyMap<string, string> | undefined>

/** Asked for beside the others: where none of them is shown either, our token is not allowed to read any more. */
const WITNESSES = 3
/** Refreshes have the same connections. */
const AT_ONCE = 4
const REST_MS = 5_000

export function openAsker({ catalog, copy, clock }: AskerOptions): Ask {
  let asking = 0
  let restUntilMs = 0

  const askNow = async (refs: readonly string[]) => {
    const witnesses = copy.some(WITNESSES)
    const answer = await catalog.standing([...new Set([...refs, ...witnesses])])
    if (answer.result === 'trouble') {
      restUntilMs = clock.now() + REST_MS
      return undefined
    }
    if (!witnesses.some(ref => answer.of.has(ref))) return undefined
    for (const ref of refs) copy.learn(ref, answer.of.get(ref))
    return answer.of
  }

  return async refs => {
    if (refs.length === 0) return new Map()
    if (asking >= AT_ONCE || clock.now() < restUntilMs) return undefined
    asking++
    const answered = askNow(refs).finally(() => {
      asking--
    })
    return within(answered, clock)
  }
}

/** The hook has given up long before: what is still asked is remembered for the next one. */
function within<T>(answered: Promise<T>, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(LIMITS.lookupMs, () => resolve(undefined))
    answered.then(resolve, reject).finally(cancel)
  })
}
