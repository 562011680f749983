// Runs git for the tests: isolated from the configuration and the environment of whoever runs them.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { endWithUs } from './process.ts'

const gitConfig = join(import.meta.dirname, 'gitconfig')

export type GitRun = {
  exitCode: number
  stdout: Buffer
  /** Where `git push` writes what the pusher sees. */
  stderr: string
}

/** Nothing of the user's own git configuration, GITHUB_* (CI) or GIT_* (a git hook that runs the tests) comes in. */
export function gitEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_CONFIG_GLOBAL: gitConfig,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...extra,
  }
}

/** Runs git to its end and never throws because of its exit code; a git that a signal ended throws. */
export function runGit(
  directory: string,
  args: readonly string[],
  options: { env?: Record<string, string>; input?: string | Buffer } = {},
): Promise<GitRun> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: directory, env: gitEnvironment(options.env), stdio: 'pipe' })
    endWithUs(child)
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.once('error', reject)
    child.once('close', (exitCode, signal) => {
      if (exitCode === null) return reject(new Error(`git ${args.join(' ')} was ended by ${signal}`))
      resolve({ exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') })
    })
    // A git that exits without reading its input is no failure of the test.
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
  })
}

/** Runs git, expects success, returns its output without the last line end. */
export async function git(
  directory: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const run = await runGit(directory, args, { env })
  if (run.exitCode !== 0) throw new Error(`git ${args.join(' ')} ended with ${run.exitCode}: ${run.stderr}`)
  return run.stdout.toString('utf8').replace(/\n$/, '')
}
