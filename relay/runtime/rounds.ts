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

/** As the round sees it that has the lead. */
export type Lead = {
  /** False once its time has run out before it could be renewed (a frozen machine, a store that is away), or the relay stops: another may have it, so that nothing more is done. */
  isHeld(): boolean
  /** Another may have had it since the last round: what was kept of then is old. */
  isNew: boolean
}

/**
 * By one replica at a time; who does not lead asks for the lead again after `othersAskMs`. It is renewed while a round runs, however long that takes, and given back at the end.
 */
export function leadRounds(
  { round, ...rounds }: Omit<Rounds, 'round'> & { round: (lead: Lead) => Promise<number> },
  { store, task, leaseMs, othersAskMs }: { store: Leads; task: string; leaseMs: number; othersAskMs: number },
): () => void {
  const { clock } = rounds
  const holder = randomUUID()
  let isEnded = false
  let isUnderWay = false
  let untilMs = Number.NEGATIVE_INFINITY
  const isHeld = () => !isEnded && clock.now() < untilMs
  const ask = async () => {
    const fromMs = clock.now()
    const isOurs = await store.lead(task, holder, leaseMs)
    untilMs = isOurs ? fromMs + leaseMs : Number.NEGATIVE_INFINITY
    return isOurs
  }
  const resign = () => store.resign(task, holder).catch(() => {}) // its time runs out
  const lead = async () => {
    const isNew = clock.now() >= untilMs
    if (!(await ask())) return othersAskMs
    const leave = goRound({
      clock,
      firstInMs: leaseMs / 4,
      round: async () => {
        // Who has lost it does not take it again in the middle of a round.
        if (isHeld()) await ask()
        return leaseMs / 4
      },
      failed: () => leaseMs / 4,
    })
    isUnderWay = true
    try {
      return await round({ isHeld, isNew })
    } finally {
      leave()
      isUnderWay = false
      if (isEnded) void resign()
    }
  }
  const end = goRound({ ...rounds, round: lead })
  return () => {
    isEnded = true
    end()
    if (!isUnderWay) void resign()
  }
}
