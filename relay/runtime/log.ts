// The relay's log: JSON lines, one a step of a push, with its id. Secrets never get in; what is hidden here is the second line.
import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

export const LOG_LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error', 'silent']

/** Written where it happens, without worker threads: the relay is one file. */
export function openLog(stream: DestinationStream, level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // Not pino's `redact`: a wildcard is 4 of the 6.5 us that a line takes.
      formatters: { level: label => ({ level: label }), log: hideSecrets },
      serializers: { err: shownError },
    },
    stream,
  )
}

const SECRETS: ReadonlySet<string> = new Set(['token', 'secret', 'authorization'])
const OF_HEADERS: ReadonlySet<string> = new Set([...SECRETS, ...['webhook-signature', 'x-hub-signature-256', 'cookie']])

function shownError(error: unknown): unknown {
  const shown: unknown = error instanceof Error ? pino.stdSerializers.err(error) : error
  return typeof shown === 'object' && shown !== null ? hideIn(shown, SECRETS) : shown
}

/** By its name, here and one level below; of an error the serializer's fields. */
function hideSecrets(fields: object): Record<string, unknown> {
  let shown = hideIn<Record<string, unknown>>({ ...fields }, SECRETS)
  for (const [name, value] of Object.entries(shown)) {
    if (name === 'err' || typeof value !== 'object' || value === null) continue
    const below = hideIn(value, name === 'headers' ? OF_HEADERS : SECRETS)
    if (below !== value) shown = { ...shown, [name]: below }
  }
  return shown
}

/** The same object where there is nothing to hide. */
function hideIn<T extends object>(fields: T, names: ReadonlySet<string>): T {
  const hidden = Object.keys(fields).filter(name => names.has(name))
  return hidden.length === 0 ? fields : { ...fields, ...Object.fromEntries(hidden.map(name => [name, '[hidden]'])) }
}
