// Times whole processes, one case after the other in every round: what else the machine does then falls on all of them alike.
import { spawnSync } from 'node:child_process'
import type { Row } from './row.ts'

export type Case = {
  what: string
  command: string
  args?: readonly string[]
  input?: string
  env: NodeJS.ProcessEnv
  cwd: string
  /** Exit code that the run must have, or those it may have: a bench of something broken says nothing. */
  exitCode?: number | readonly number[]
  /** What the output must look like, both streams together; empty when left out. */
  output?: RegExp
}

export type Samples = ReadonlyMap<string, readonly number[]>

/** Rounds of every case. At least 30 for figures that are to be shown. */
export const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 40)

/** Every case `rounds` times, in turn; each once before, untimed. `cases` may differ by round: then `what` says which belong together. */
export function interleave(cases: (round: number) => readonly Case[], rounds = ROUNDS): Samples {
  const samples = new Map<string, number[]>()
  for (let round = -1; round < rounds; round++) {
    for (const one of cases(round)) {
      const ms = runOnce(one)
      if (round >= 0) samples.set(one.what, [...(samples.get(one.what) ?? []), ms])
    }
  }
  return samples
}

/** Milliseconds from the spawn to the end of one process. Throws when it did not do what the case says. */
export function runOnce({ what, command, args = [], input = '', env, cwd, exitCode = 0, output = /^$/ }: Case): number {
  const from = process.hrtime.bigint()
  const run = spawnSync(command, args, { input, env, cwd, encoding: 'utf8', maxBuffer: 1 << 26 })
  const ms = Number(process.hrtime.bigint() - from) / 1e6
  const said = `${run.stdout}${run.stderr}`
  if (run.error) throw new Error(`${what}: ${run.error.message}`)
  if (run.status === null || ![exitCode].flat().includes(run.status) || !output.test(said))
    throw new Error(
      `${what}: exit code ${run.status ?? run.signal}, expected ${exitCode}; it said: ${said.slice(0, 400)}`,
    )
  return ms
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [upper = Number.NaN, lower = upper] = [sorted[middle], sorted[sorted.length % 2 === 1 ? middle : middle - 1]]
  return (upper + lower) / 2
}

/** The row of one case, as a ratio of medians to another case of the same rounds. */
export function ratioRow(samples: Samples, what: string, to: string, target?: number): Row {
  const own = samples.get(what) ?? []
  const ratio = median(own) / median(samples.get(to) ?? [])
  return {
    what,
    medianMs: median(own),
    minMs: Math.min(...own),
    figure: `${ratio.toFixed(2)} x`,
    ...(target === undefined ? {} : { target: `<= ${target} x`, isMet: Number(ratio.toFixed(2)) <= target }),
  }
}

/** The row of one case, as what it takes longer than another: the median of the rounds' differences. */
export function addedRow(samples: Samples, what: string, to: string, target?: { text: string; ms: number }): Row {
  const own = samples.get(what) ?? []
  const base = samples.get(to) ?? []
  const added = median(own.map((ms, round) => ms - (base[round] ?? Number.NaN)))
  return {
    what,
    medianMs: median(own),
    minMs: Math.min(...own),
    figure: `${added < 0 ? '-' : '+'}${Math.abs(added).toFixed(1)} ms`,
    ...(target === undefined ? {} : { target: target.text, isMet: added <= target.ms }),
  }
}
