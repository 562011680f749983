// Built hooks for the tests: made as `npm run build` makes them, each with a configuration of its own, and run as GHES runs them.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { defaults } from '../../hooks/config/hook-config.ts'
import { buildHook, type HookName } from '../../scripts/build/hook-file.ts'
import { bakeHookConfig } from '../../scripts/config/hook-config.ts'
import { bundledOnce, codeCacheOnce } from '../support/bundled-once.ts'
import { gitEnvironment } from '../support/git.ts'
import { endWithUs } from '../support/process.ts'

/** How long a hook may take where a test is not about its time limit: no verdict hangs on how fast the machine is. */
const PATIENT_MS = 60_000

/** Of a hook with a configuration of its own that does not run often: to compile it in each run takes less, up to eleven times, than to make a code cache. */
const NO_CACHE = Buffer.alloc(0)

export type BuildOptions = { timeMs?: number; waitMs?: number; lookupMs?: number; runsOften?: boolean }

/**
 * Builds one hook file into a folder and gives its path. In the place of the default time limit it gets one that no machine reaches;
 * `timeMs`, `waitMs` and `lookupMs` are put in where the schema does not allow them.
 */
export async function buildInto(
  directory: string,
  file: string,
  config: unknown = {},
  name: HookName = 'catalog-gate',
  { runsOften = false, timeMs, ...patience }: BuildOptions = {},
): Promise<string> {
  const baked = bakeHookConfig(config)
  if (baked.result === 'wrong') throw new Error(baked.problems.join('\n'))
  const { limits, relay, ...others } = baked.config
  const patient = {
    ...others,
    limits: { ...limits, timeMs: timeMs ?? (limits.timeMs === defaults.limits.timeMs ? PATIENT_MS : limits.timeMs) },
    ...(relay === undefined ? {} : { relay: { ...relay, ...patience } }),
  }
  const path = join(directory, file)
  const isCached = runsOften || JSON.stringify(config) === '{}'
  const made = { hookScript: bundledOnce, codeCache: isCached ? codeCacheOnce : () => NO_CACHE }
  await writeFile(path, (await buildHook(name, { ...baked, config: patient }, made)).text, { mode: 0o755 })
  return path
}

/** What was killed takes a moment to be gone; a bound, not a wait. */
const DYING_MS = 20_000

export type HookRun = {
  exitCode: number | null
  stdout: string
  stderr: string
  tookMs: number
  /** Processes of the run that were still there at its end. */
  leftBehind: string[]
}

/** Runs a program with `input` on stdin, in the environment that a hook on GHES has. Never throws because of its end. */
export function runHook(
  command: readonly string[],
  options: {
    cwd: string
    env?: Record<string, string | undefined>
    input?: string | Buffer | 'left open'
    /** What it leaves behind is not waited for. */
    mayLeave?: boolean
  },
): Promise<HookRun> {
  const [program = '', ...args] = command
  const merged = {
    ...gitEnvironment(),
    GITHUB_REPO_NAME: 'acme/direct',
    CATALOG_GATE_NODE: process.execPath,
    ...options.env,
  }
  const env = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined))
  const from = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env, stdio: 'pipe', detached: true })
    endWithUs(child)
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')))
    child.once('error', reject)
    let tookMs = 0
    child.once('exit', () => {
      tookMs = performance.now() - from
    })
    child.once('close', async exitCode => {
      // What was killed a moment ago can still be on its way out; nothing says when it is.
      const until = performance.now() + (options.mayLeave ? 0 : DYING_MS)
      let left: Left[]
      do left = sessionOf(child.pid ?? 0)
      while (left.length > 0 && performance.now() < until && (await nextTurn(true)))
      for (const { pid } of left) end(pid)
      const leftBehind = left.map(({ stat }) => stat)
      resolve({ exitCode, stdout, stderr, tookMs, leftBehind })
    })
    child.stdin.on('error', () => undefined)
    if (options.input !== 'left open') child.stdin.end(options.input ?? '')
  })
}

type Left = { pid: number; stat: string }

/** The living processes of a session: a detached child is the first of its own. Whoever came before it (numbers begin anew only after four million) cannot be in it. */
function sessionOf(session: number): Left[] {
  return readdirSync('/proc')
    .filter(name => Number(name) >= session)
    .flatMap(pid => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
        const [state, , , sid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return Number(sid) === session && state !== 'Z' ? [{ pid: Number(pid), stat: stat.slice(0, 60) }] : []
      } catch {
        return [] // gone meanwhile
      }
    })
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // gone meanwhile
  }
}

/** A component that the catalog takes, unless its name has a blank. */
export const component = (name: string, more = ''): string => `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ${name}
spec: { type: service, lifecycle: production, owner: team-a }
${more}`

export const GOOD = component('payments')
export const BAD = component('payments api')

export const locationOf = (...targets: string[]): string => `apiVersion: backstage.io/v1alpha1
kind: Location
metadata: { name: all }
spec:
  targets: ${JSON.stringify(targets)}
`

export const ZERO = '0'.repeat(40)
