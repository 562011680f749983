// What every store must do, whatever it is made of. An adapter's test file hands in how to open one.
import { test } from 'node:test'
import type { Store } from '../../../../relay/store/store.ts'
import { TestClock } from '../../clock.ts'
import { coordinationPromises } from './coordination.ts'
import { inboxPromises } from './inbox.ts'
import { jobResultPromises } from './job-results.ts'
import { jobPromises } from './jobs.ts'
import { knownFilePromises } from './known-files.ts'
import { landingPromises } from './landings.ts'
import { movePromises } from './moves.ts'
import { partPromises } from './parts.ts'
import { recordPromises } from './records.ts'
import { toldPromises } from './told.ts'
import { verdictPromises } from './verdicts.ts'

export type OpenStore = (now: () => number) => Promise<{
  store: Store
  /** Opens it again as after a crash: nothing was closed, released or written before. */
  crash: () => Promise<Store>
  /** No other process can have it: what a dead one had claimed comes back at the start, and need not wait for its leases to end. */
  isAlone: boolean
  remove: () => Promise<void>
}>

const PROMISES = {
  ...inboxPromises,
  ...partPromises,
  ...landingPromises,
  ...jobPromises,
  ...jobResultPromises,
  ...movePromises,
  ...recordPromises,
  ...knownFilePromises,
  ...toldPromises,
  ...coordinationPromises,
  ...verdictPromises,
}

/** Registers the suite's tests. */
export function storeContract(name: string, open: OpenStore): void {
  for (const [title, run] of Object.entries(PROMISES))
    test(`${name}: ${title}`, async () => {
      const clock = new TestClock()
      const { store, crash, isAlone, remove } = await open(clock.now)
      try {
        await run(store, clock, crash, isAlone)
      } finally {
        await remove()
      }
    })
}
