// What the three entries share: hands in the world, and turns whatever goes wrong with us into an accepted push and one line.
import { readFileSync, writeSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Profile } from '../schemas/profile.ts'
import { parseSecret } from '../schemas/secret.ts'
import type { HookConfig } from './config.ts'
import { startDeadline } from './deadline.ts'
import { type Connection, openConnection } from './notify/connection.ts'
import { gitIn } from './push/git.ts'
import { runHook } from './run.ts'
import { readStdin } from './stdin.ts'

/** A name that no server answers for costs this much at the most, beside `waitMs`. */
const DNS_TIMEOUT_MS = 60

/** Runs the hook and ends the process: 0 accept, 1 reject, 70 our own fault, which the prelude turns into 0. */
export async function main(name: string, config: HookConfig, profile: Profile | undefined, notifies: boolean): Promise<void> {
  try {
    const status = await runHook({
      config,
      profile,
      input: readStdin(),
      env: process.env,
      git: gitIn(process.env),
      deadline: startDeadline(config.limits.timeMs, elapsedMs(process.argv[2]), monotonicMs),
      now: Date.now,
      connect: () => (notifies ? connect(config) : undefined),
      write,
    })
    process.exit(status)
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    write(`warning: ${name}: an error of its own (${reason.slice(0, 200).replaceAll(/[^ -~]/g, '?')}); the push was accepted unchecked\n`)
    process.exit(0)
  }
}

/** The relay's set-up is read only now: it lies in the hook environment, not in the bundle. A wrong one is told without its secret. */
function connect({ relay }: HookConfig): Connection | string | undefined {
  if (relay === undefined) return undefined
  const besideScript = (file: string) => resolve(dirname(process.argv[1] ?? '.'), file)
  let secret: ReturnType<typeof parseSecret>
  let ca: string | undefined
  try {
    secret = parseSecret(readFileSync(besideScript(relay.secretFile), 'utf8'))
    ca = relay.caFile === undefined ? undefined : readFileSync(besideScript(relay.caFile), 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return `a file of the relay's set-up cannot be read (${reason})`
  }
  if (secret.result === 'unusable') return `the relay's secret ${secret.reason}`
  return openConnection({ url: new URL(relay.url), key: secret.key, ca }, DNS_TIMEOUT_MS, Date.now)
}

/** To the descriptor itself: an exit right after must not lose a line, and a pusher who has gone away is no fault. */
function write(text: string): void {
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') continue
      return
    }
  }
}

/** Time since the prelude's shell began, by its process id: 10 ms exact, and only known where /proc is mounted. */
function elapsedMs(shellPid: string | undefined): number {
  try {
    const stat = readFileSync(`/proc/${Number(shellPid)}/stat`, 'latin1')
    const startedTicks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
    const uptimeSeconds = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0])
    return Math.max(0, Math.min(2000, uptimeSeconds * 1000 - startedTicks * 10))
  } catch {
    return 0
  }
}

/** Not performance.now(): its module costs the start 1.5 ms. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
