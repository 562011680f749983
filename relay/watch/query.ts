// What is asked for in the address of a page or a route: a state, a time.
import { parseDurationMs } from '../config/duration.ts'
import { PUSH_STATES, type PushState } from '../store/ports/records.ts'

export const isState = (value: unknown): value is PushState | 'problem' =>
  value === 'problem' || PUSH_STATES.some(state => state === value)

/** A time, or a duration before now. Undefined for anything else. */
export function sinceMs(value: unknown, nowMs: number): number | undefined {
  if (typeof value !== 'string') return undefined
  const ago = parseDurationMs(value)
  if (ago !== undefined) return nowMs - ago
  const at = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
