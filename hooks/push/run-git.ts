// One start of git: its input as lines, its output as it comes, and an end in any case.
import type { ChildProcess } from 'node:child_process'
import type { Deadline } from '../config/deadline.ts'
import { bytesOf } from './path-text.ts'

/** How git ended: its exit status, or that it was stopped: by `onData`, by the deadline, for its memory. */
export type GitEnd = number | 'stopped'

/** The environment holds it, too; but git up to 2.40 lets the repository's configuration overrule that. */
const ANSWERS = ['-c', 'core.useReplaceRefs=false', '-c', 'core.quotePath=true', '-c', 'core.deltaBaseCacheLimit=8m']

/** In kB; 200,000 changed files. */
const BOUND_KB = 65_536

/**
 * Runs git until it ends, is stopped, or the deadline is over. Never throws: a git that fails just gives less. `input` are lines for its
 * standard input; with `isBound` it has no more memory than the prelude's calls.
 */
export function run(
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  input: readonly string[],
  deadline: Deadline,
  onData: (chunk: Uint8Array, stop: () => void) => void,
  isBound = false,
): Promise<GitEnd> {
  if (deadline.isOver()) return Promise.resolve('stopped')
  // Taken only when needed: requiring child_process costs every push some milliseconds, and most never get here.
  const { spawn } = process.getBuiltinModule('node:child_process')
  const git = ['git', ...ANSWERS, ...args]
  const bound = ['/bin/sh', '-c', `ulimit -d ${BOUND_KB}; exec "$@"`, 'sh', ...git]
  const [program = '', ...words] = isBound ? bound : git
  return new Promise(resolve => {
    // 'pipe' for all three: without /dev/null in the sandbox, 'ignore' fails.
    const child: ChildProcess = spawn(program, words, { env, stdio: 'pipe' })
    const stop = () => child.kill('SIGKILL')
    const timer = setTimeout(stop, deadline.leftMs())
    child.stdout?.on('data', (chunk: Uint8Array) => onData(chunk, stop))
    child.stderr?.resume()
    child.stdin?.on('error', () => undefined) // git ended before it had read all: what it gave is what there is
    child.stdin?.end(bytesOf(input.map(line => `${line}\n`).join('')))
    const end = (status: number | null | undefined) => {
      clearTimeout(timer)
      resolve(status ?? 'stopped')
    }
    child.on('error', () => end(undefined))
    child.on('close', end)
  })
}
