// Ctrl-C, a `kill` and a closed terminal, for commands that end in order and say how far they came.
import { setImmediate } from 'node:timers/promises'

export const INTERRUPTED = 130

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What an interrupted command throws at the place where it stops. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

/** Aborted, with `Interrupted`, by the first signal; a second one ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of SIGNALS) process.once(signal, () => controller.abort(new Interrupted(signal)))
  return controller.signal
}

/** Does what must not be left half done: a signal that comes meanwhile ends the process behind it, as it would have. */
export async function uninterrupted(work: () => void): Promise<void> {
  let heard: NodeJS.Signals | undefined
  const hear = (signal: NodeJS.Signals) => {
    heard = signal
  }
  for (const signal of SIGNALS) process.on(signal, hear)
  try {
    work()
    // Signals are told between two turns of the loop.
    await setImmediate()
  } finally {
    for (const signal of SIGNALS) process.off(signal, hear)
    if (heard !== undefined) process.kill(process.pid, heard)
  }
}
