// What the three entries share: hands in the edges, and turns whatever goes wrong with us into an accepted push and one line.
import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileTrouble } from '../../schemas/error-code.ts'
import { PAUSE_FILE, type Pause, readPause } from '../../schemas/pause.ts'
import { parseSecret } from '../../schemas/secret.ts'
import { isInTesting, STAGE_FILE } from '../../schemas/stage.ts'
import { writeAll } from '../../schemas/write-all.ts'
import { type Deadline, startDeadline } from '../config/deadline.ts'
import type { HookConfig } from '../config/hook-config.ts'
import { type Connection, openConnection } from '../notify/connection.ts'
import { gitIn } from '../push/git.ts'
import type { HookSettings } from '../run/hook-edges.ts'
import { runHook } from '../run/run-hook.ts'
import { REJECT_STATUS } from './reject-status.ts'
import { readInput } from './stdin.ts'

/** A name that no server answers for costs this much at the most, beside `waitMs`. */
const DNS_TIMEOUT_MS = 60

/** Beyond the time limit, for the report and the notification. */
const LAST_WORDS_MS = 200

/** The descriptor on which the prelude has left what stands on its own input. */
const MORE_REFS = 3

/** Runs the hook and ends the process: 0 accepts, also after a fault of our own. */
export async function main(
  name: string,
  config: HookConfig,
  gate: HookSettings['gate'],
  notifies: boolean,
): Promise<void> {
  const [, , started, guarded] = process.argv
  const deadline = startDeadline(config.limits.timeMs, elapsedMs(started), monotonicMs)
  // Nobody else ends us where the sandbox has no `timeout`; the prelude says the line for it. Not process.exit: it waits for a name look-up that hangs.
  if (guarded === '') setTimeout(() => process.kill(process.pid, 'SIGKILL'), deadline.leftMs() + LAST_WORDS_MS)
  try {
    const status = await runHook(
      { config, gate },
      {
        input: readInput(0),
        moreRefs: () => readInput(MORE_REFS),
        env: process.env,
        git: gitIn(process.env),
        paused: () => pauseAt(besideScript(PAUSE_FILE)),
        isInTesting: repository => isInTestingAt(besideScript(STAGE_FILE), repository),
        deadline,
        now: Date.now,
        connect: () => (notifies ? connect(config) : undefined),
        write: text => write(text, deadline),
      },
    )
    process.exit(status === 0 ? 0 : REJECT_STATUS)
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    write(
      `warning: ${name}: an internal error (${reason.slice(0, 200).replaceAll(/[^ -~]/g, '?')}); the push was accepted unchecked\n`,
      deadline,
    )
    process.exit(0)
  }
}

const besideScript = (file: string) => resolve(dirname(process.argv[1] ?? '.'), file)

/** What is there and cannot be read pauses, too: when in doubt nothing is refused. */
function pauseAt(file: string): Pause | undefined {
  try {
    if (statSync(file, { throwIfNoEntry: false }) === undefined) return undefined
    return readPause(readFileSync(file, 'utf8'))
  } catch {
    return readPause('')
  }
}

function isInTestingAt(file: string, repository: string): boolean {
  try {
    return isInTesting(readFileSync(file, 'utf8'), repository)
  } catch {
    return false
  }
}

/** The relay's set-up is read only now: it lies in the hook environment, not in the bundle. A wrong one is told without its secret. */
function connect({ relay }: HookConfig): Connection | string | undefined {
  if (relay === undefined) return undefined
  let secret: ReturnType<typeof parseSecret>
  let ca: string | undefined
  try {
    secret = parseSecret(readFileSync(besideScript(relay.secretFile), 'utf8'))
    ca = relay.caFile === undefined ? undefined : readFileSync(besideScript(relay.caFile), 'utf8')
  } catch (error) {
    return `a file of the relay's set-up cannot be read (${fileTrouble(error)})`
  }
  if (secret.result === 'unusable') return `the relay's secret ${secret.reason}`
  return openConnection({ url: new URL(relay.url), key: secret.key, ca }, DNS_TIMEOUT_MS, Date.now)
}

/** A pusher who has gone away is no fault, and one who does not read is not waited for. */
const write = (text: string, deadline: Deadline) => void writeAll(1, text, () => !deadline.isOver())

/** Time since the prelude began, by the kernel's uptime: 10 ms exact, and only known where /proc is mounted. */
function elapsedMs(startedSeconds: string | undefined): number {
  try {
    const nowSeconds = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0])
    const elapsed = startedSeconds ? (nowSeconds - Number(startedSeconds)) * 1000 : 0
    return elapsed > 0 ? elapsed : 0
  } catch {
    return 0
  }
}

/** Not performance.now(): its module costs the start 1.5 ms. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
