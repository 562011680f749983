// The relay's log: JSON lines, one a step of a push, with its id. Secrets never get in; these paths are the second line.
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
      formatters: { level: label => ({ level: label }) },
      redact: {
        paths: [
          'token',
          'secret',
          'authorization',
          '*.token',
          '*.secret',
          '*.authorization',
          'headers["webhook-signature"]',
          'headers["x-hub-signature-256"]',
          'headers.authorization',
          'headers.cookie',
        ],
        censor: '[hidden]',
      },
    },
    stream,
  )
}
