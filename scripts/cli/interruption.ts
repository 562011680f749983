// Ctrl-C, a `kill` and a closed terminal, for commands that end in order and say how far they came.

export const INTERRUPTED = 130

/** What an interrupted command throws at the place where it stops. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

/** Aborted, with `Interrupted`, by the first signal; a second one ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => controller.abort(new Interrupted(signal)))
  return controller.signal
}
