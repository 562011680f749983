// How long to wait before the next attempt.

/** Exponential with full jitter: a crowd that failed together does not come back together. */
export function backoffMs(attempt: number, limits: { firstMs: number; maxMs: number }, random: () => number): number {
  const ceiling = Math.min(limits.maxMs, limits.firstMs * 2 ** Math.min(attempt, 30))
  return Math.max(1, Math.round(random() * ceiling))
}

const LANDING_STEPS_MS = [500, 1000, 2000, 5000, 10_000, 30_000]

/** After so many answers of "not there": a push lands within milliseconds, or much later by a slow later hook, or never. */
export function landingStepMs(checks: number): number {
  return LANDING_STEPS_MS[Math.min(checks, LANDING_STEPS_MS.length - 1)] ?? 30_000
}
