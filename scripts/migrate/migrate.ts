// catalog-gate migrate: catalog files for the repositories of organisations that have none. A plan first; what it changes, it changes with --apply.
import { resolve } from 'node:path'
import { printable } from '../../schemas/printable.ts'
import { INTERRUPTED } from '../cli/interruption.ts'
import type { ProcessEdges } from '../cli/process-edges.ts'
import { unwritable } from '../survey/options.ts'
import { loadMigrateConfig } from './config.ts'
import { findPlan, type MigrateEdges } from './find-plan.ts'
import type { MigrateOptions } from './options.ts'
import { writeFiles } from './out.ts'
import { openState } from './state.ts'
import { planLines } from './words.ts'

/** 0 planned or done; 1 a person is needed for some; 2 wrong usage, configuration, address or token; 4 not all could be looked at; 130 interrupted. */
export async function migrate(options: MigrateOptions, edges: MigrateEdges): Promise<number> {
  const { clock, cwd } = edges
  const read = loadMigrateConfig(resolve(cwd, options.config), clock.now)
  const baked = read.result === 'config' ? await edges.readConfig(read.config.hook) : undefined
  const state = read.result === 'config' ? openState(read.config.state) : undefined
  const outputs = [options.csv, options.html].flatMap(file => (file === undefined ? [] : [resolve(cwd, file)]))
  const problems = [
    ...(read.result === 'wrong' ? read.problems : []),
    ...(baked?.result === 'wrong' ? baked.problems : []),
    ...(state !== undefined && 'problem' in state ? [state.problem] : []),
    ...outputs.flatMap(unwritable),
  ]
  if (read.result === 'wrong' || baked?.result !== 'config' || problems.length > 0) return refuse(problems, edges)
  const found = await findPlan(read.config, baked, options, edges)
  if ('problems' in found) return refuse(found.problems, edges)
  for (const line of planLines(found.plan)) edges.write(`${line}\n`)
  if (options.out !== undefined)
    writeFiles(resolve(cwd, options.out), found.plan.rows, line => edges.write(`${line}\n`))
  if (edges.interrupted.aborted) return INTERRUPTED
  return found.plan.failures.length > 0 ? 4 : 0
}

function refuse(problems: readonly string[], { writeError }: ProcessEdges): number {
  for (const problem of problems) writeError(`error: ${printable(problem)}\n`)
  return 2
}
