// How much of the run's time is left. GHES gives all hooks of a push 5 s together; ours end well before.

export type Deadline = { leftMs: () => number; isOver: () => boolean }

/** `elapsedMs`: what was already spent before this process could look at a clock. */
export function startDeadline(limitMs: number, elapsedMs: number, now: () => number): Deadline {
  const end = now() + limitMs - elapsedMs
  const leftMs = () => Math.max(0, end - now())
  return { leftMs, isOver: () => leftMs() === 0 }
}
