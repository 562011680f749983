// Runs git and other programs to their end, and ends what still runs when the user does not want to wait.
import { type ChildProcess, spawn } from 'node:child_process'

export type Run = { exitCode: number; stdout: string; stderr: string }
export type RunOptions = { env?: NodeJS.ProcessEnv; input?: string }

const living = new Set<ChildProcess>()

/** It is killed with the others, while it runs. */
export function endWithUs(child: ChildProcess): void {
  living.add(child)
  child.once('error', () => living.delete(child))
  child.once('close', () => living.delete(child))
}

/** With whatever they started: each is the first of a process group of its own. */
export function killRunning(): void {
  for (const { pid } of living) {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    } catch {
      // it ended meanwhile
    }
  }
}

/** Runs a program to its end, and never throws because of how it ended: 255 stands for a signal. One that is missing throws. */
export function run(folder: string, program: string, args: readonly string[], options: RunOptions = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const { env = process.env } = options
    const child = spawn(program, args, { cwd: folder, env, stdio: 'pipe', detached: true })
    endWithUs(child)
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.once('error', reject)
    child.once('close', exitCode => {
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8')
      resolve({ exitCode: exitCode ?? 255, stdout: text(stdout), stderr: text(stderr) })
    })
    child.stdin.on('error', () => {}) // one that does not read its input
    child.stdin.end(options.input ?? '')
  })
}

export const runGit = (folder: string, args: readonly string[], { env = ownEnvironment(), input }: RunOptions = {}) =>
  run(folder, 'git', args, { env, ...(input === undefined ? {} : { input }) })

/** Runs git, expects success, gives its output without the last line end. */
export async function git(folder: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await runGit(folder, args, options)
  if (exitCode !== 0) throw new Error(`git ${args[0]} ended with ${exitCode}: ${stderr.trim()}`)
  return stdout.replace(/\n$/, '')
}

/** For the user's repository: their own configuration counts (safe.directory), and nothing of theirs is written, not even a refreshed index. */
export function userEnvironment(): NodeJS.ProcessEnv {
  return { ...withoutGit(), GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
}

/** For our temporary repositories: nobody's configuration, so no hooks, signing or credentials of the user's. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  return {
    ...withoutGit(),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  }
}

/** What a git hook that runs us has set would lead our git to another repository. */
const withoutGit = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(GIT_|GITHUB_)/.test(name)))
