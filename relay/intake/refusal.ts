// Why a request is not taken, as a status and a sentence.

export type Refusal = {
  result: 'refused'
  status: 400 | 401 | 404 | 405 | 413 | 415 | 429 | 503
  message: string
  headers?: Record<string, string>
  /** For our log and metrics only: a sender without a valid signature learns no detail. */
  detail?: string
}

export function refuse(
  status: Refusal['status'],
  message: string,
  more: { headers?: Record<string, string>; detail?: string } = {},
): Refusal {
  return { result: 'refused', status, message, ...more }
}
