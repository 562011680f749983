// Rounds of work: look, do what is to be done, look again, until it is ended. By each replica, or by the one that leads.
import { randomUUID } from 'node:crypto'
import type { Clock } from './clock.ts'

export type Rounds = {
  clock: Clock
  firstInMs: number
  /** Resolves with the milliseconds until the next round. */
  round: () => Promise<number>
  /** The round threw: says so, and returns the milliseconds until the next. */
  failed: (error: unknown) => number
}

/** Until the returned function is called. A round that is under way then ends by itself, and is the last. */
export function goRound({ clock, firstInMs, round, failed }: Rounds): () => void {
  let isEnded = false
  let cancel = () => {}
  const later = (ms: number) => {
    cancel = clock.after(ms, () => {
      round()
        .catch(failed)
        .then(nextMs => {
          if (!isEnded) later(nextMs)
        })
    })
  }
  later(firstInMs)
  return () => {
    isEnded = true
    cancel()
  }
}

/** The store's leads: one holder of a task at a time. */
type Leads = {
  lead(task: string, holder: string, leaseMs: number): Promise<boolean>
  resign(task: string, holder: string): Promise<void>
}

/** By one replica at a time; who does not lead asks for the lead again after `othersAskMs`. It is given back at the end. */
export function leadRounds(
  { round, ...rounds }: Rounds,
  { store, task, leaseMs, othersAskMs }: { store: Leads; task: string; leaseMs: number; othersAskMs: number },
): () => void {
  const holder = randomUUID()
  const end = goRound({
    ...rounds,
    round: async () => ((await store.lead(task, holder, leaseMs)) ? round() : othersAskMs),
  })
  return () => {
    end()
    store.resign(task, holder).catch(() => {}) // its time runs out
  }
}
