// How many refreshes may be without a verdict: a function over values. As many as the catalog works off in a moment, no more.

/** `baseMs`: how long a verdict takes when nothing is in its way. `isSettling`: it was made smaller, and what comes now was asked for before. */
export type Window = { size: number; baseMs: number; isSettling?: boolean }

/** What has been seen since the window was set. `wasFull`: somebody had to wait for it. */
export type Round = { latenciesMs: readonly number[]; lost: number; wasFull: boolean }

/** With fewer a catalog is idle between two of its polls; more than that no catalog has been seen to work off. */
export const WINDOW = { least: 10, most: 2_000 } as const
/** Who pushes alone waits behind what is in the catalog's queue. Usual is 0.8 s: its poll, and what our module holds back. */
const TARGET = { leastMs: 1_500, times: 2.5 } as const
/** How much of a round that was faster, or slower, is believed: one lucky round says little, and a queue is not how a catalog is. */
const BELIEVES = { faster: 0.2, slower: 0.002 } as const
/** A round, where the target is far. */
const GROWS = 0.15

export function nextWindow(window: Window, { latenciesMs, lost, wasFull }: Round): Window {
  const answered = latenciesMs.length
  const { size, isSettling } = window
  if (answered + lost === 0) return window
  if (lost > answered) return isSettling ? { ...window, isSettling: false } : smaller(window, 0.5)
  const medianMs = latenciesMs.toSorted((a, b) => a - b)[Math.floor(answered / 2)] ?? window.baseMs
  const baseMs = baseOf(window.baseMs, medianMs)
  const targetMs = Math.max(TARGET.leastMs, TARGET.times * baseMs)
  const room = 1 - medianMs / targetMs
  if (room >= 0) return { baseMs, size: wasFull ? within(size * (1 + Math.min(GROWS, room / 2)) + 1) : size }
  return isSettling ? { baseMs, size } : smaller({ baseMs, size }, targetMs / medianMs)
}

function baseOf(baseMs: number, medianMs: number): number {
  if (!Number.isFinite(baseMs)) return medianMs
  return baseMs + (medianMs - baseMs) * (medianMs < baseMs ? BELIEVES.faster : BELIEVES.slower)
}

const smaller = ({ size, ...window }: Window, by: number): Window => ({
  ...window,
  size: within(size * Math.max(0.5, by)),
  isSettling: true,
})

const within = (size: number) => Math.min(WINDOW.most, Math.max(WINDOW.least, Math.round(size)))
