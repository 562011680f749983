// Time, as the relay sees it. Passed in everywhere, so that a test can own it.

export type Clock = {
  /** Milliseconds since 1970, never going back while the process lives. */
  now(): number
  /** Calls back once after the delay, unless cancelled. */
  after(delayMs: number, callback: () => void): () => void
}

/** setTimeout takes 32 bits: a longer delay would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  // Date.now() follows every step of the wall clock: set back by an hour, it would hold all retries for an hour.
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS))
    return () => clearTimeout(timer)
  },
}
