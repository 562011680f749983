// The relay in the test's own process, where it is not about a process: all that `relay/main.ts` does, with edges of ours.
import { runRelay } from '../../relay/run.ts'
import { type RelayEnd, type RelayProcessOptions, RunningRelay, writeConfig } from './relay-process.ts'

/** Starts it and waits until it listens. `stop` is its SIGTERM. */
export async function startRelayHere(
  options: RelayProcessOptions,
): Promise<{ relay: RunningRelay; stop: () => Promise<RelayEnd> }> {
  const run = Promise.withResolvers<RelayEnd>()
  const stops: (() => void)[] = []
  const relay = new RunningRelay(run.promise)
  runRelay({
    args: ['--config', await writeConfig(options)],
    env: { LOG_LEVEL: 'debug', ...options.env },
    out: {
      write(text) {
        for (const line of text.trimEnd().split('\n')) relay.onLine(line)
      },
    },
    err: {
      write(text) {
        relay.stderr += text
      },
    },
    nodeVersion: process.versions.node,
    onStop: callback => void stops.push(callback),
    endNow: () => undefined,
  }).then(code => run.resolve({ code, signal: null }), run.reject)
  await relay.listening()
  return {
    relay,
    stop() {
      for (const one of stops) one()
      return relay.ended
    },
  }
}
