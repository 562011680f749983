// Refreshes that are due together go out in one request, where our module in Backstage takes them. What it does not say to have asked for is asked for one by one.
import type { Backstage, RefreshAll, RefreshedAll } from '../clients/backstage.ts'
import type { Clock } from '../runtime/clock.ts'

const MOST = 200
/** A module that is older than this, or a proxy that lets nothing else through. */
const NOT_TAKEN_MS = 60_000
const OF_A_FILE = /^location:default\/generated-[0-9a-f]{40}$/

type Waiting = { entityRef: string; isAhead: boolean; resolve: (isRefreshed: boolean) => void }

type BatchOptions = {
  refreshAll: RefreshAll
  hasModule: () => Promise<boolean>
  clock: Pick<Clock, 'now'>
  onAnswer?: (answer: RefreshedAll) => void
}

/** One request at a time: what falls due meanwhile is the next one. */
export function inBatches(backstage: Backstage, { refreshAll, hasModule, clock, onAnswer }: BatchOptions): Backstage {
  const waiting: Waiting[] = []
  let isRunning = false
  /** Whether this Backstage lets anything go ahead: the first answer says it. */
  let isKnown = false
  let notTakenUntilMs = Number.NEGATIVE_INFINITY

  const askFor = async (batch: readonly Waiting[]): Promise<ReadonlySet<string>> => {
    const ahead = batch.filter(({ isAhead }) => isAhead)
    // Alone it is asked for as ever, which says whether the catalog knows it as well.
    const isUsual = batch.length < 2 && ahead.length === 0 && isKnown
    if (isUsual || clock.now() < notTakenUntilMs) return NONE
    const answer = await refreshAll(batch.map(refOf), ahead.map(refOf)).catch(notTaken)
    isKnown = true
    onAnswer?.(answer)
    if (answer.result === 'refreshed') return answer.refs
    notTakenUntilMs = clock.now() + NOT_TAKEN_MS
    return NONE
  }
  const run = async () => {
    isRunning = true
    // What is due in this turn is one request.
    await undefined
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MOST)
      const refreshed = await askFor(batch)
      for (const { entityRef, resolve } of batch) resolve(refreshed.has(entityRef))
    }
    isRunning = false
  }
  return {
    ...backstage,
    async refresh(entityRef, isAhead = false) {
      if (!OF_A_FILE.test(entityRef) || clock.now() < notTakenUntilMs || !(await hasModule()))
        return backstage.refresh(entityRef)
      const isRefreshed = new Promise<boolean>(resolve => waiting.push({ entityRef, isAhead, resolve }))
      if (!isRunning) void run()
      return (await isRefreshed) ? { result: 'refreshed' } : backstage.refresh(entityRef)
    },
  }
}

const refOf = ({ entityRef }: Waiting) => entityRef
const notTaken = (error: unknown) => ({ result: 'not taken', reason: String(error) }) as const
const NONE: ReadonlySet<string> = new Set()
