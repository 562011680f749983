// Every call out is told, whatever comes of it.
import type { ObservedCall } from '../runtime/events.ts'

export type ObserveCall = (call: ObservedCall) => void

/** Runs the call and tells about it. */
export async function observed<T extends { status: number }>(
  about: Pick<ObservedCall, 'target' | 'purpose'>,
  { now, observe }: { now: () => number; observe?: ObserveCall },
  call: () => Promise<T>,
): Promise<T> {
  const startedAtMs = now()
  const tell = (status: number | undefined) => observe?.({ ...about, status, durationMs: now() - startedAtMs })
  try {
    const answer = await call()
    tell(answer.status)
    return answer
  } catch (error) {
    tell(undefined)
    throw error
  }
}
