// What is told about every call out, for whoever counts them. Never contains a URL, a token or a body.

/** Why a call was made. `compare` is a landing check's second question. */
export type CallPurpose = 'landing' | 'compare' | 'reconcile' | 'sweep' | 'refresh' | 'register' | 'unregister'

/**
 * Who is called, by the name that stands in the store's circuits, in /v1/status and on the labels of the metrics. GHES stays `ghe` there:
 * a renamed one would lose an open circuit at an update, and every dashboard and alert that asks for it.
 */
export type TargetName = 'ghe' | 'backstage'

export type ObservedCall = {
  target: TargetName
  purpose: CallPurpose
  /** Undefined when the call came to no answer: refused, timed out, cut off. */
  status: number | undefined
  durationMs: number
}

export type ObserveCall = (call: ObservedCall) => void

/** Runs the call and tells about it, whatever comes of it. */
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
