// catalog-gate migrate: catalog files for the repositories of organisations that have none. A plan first; what it changes, it changes with --apply.
import { resolve } from 'node:path'
import { printable } from '../../schemas/printable.ts'
import { INTERRUPTED } from '../cli/interruption.ts'
import type { ProcessEdges } from '../cli/process-edges.ts'
import type { Baked } from '../config/hook-config.ts'
import { patientGhes } from '../ghes/patient.ts'
import { unwritable, writeReports } from '../survey/options.ts'
import { openProgress } from '../survey/progress.ts'
import { applyAll } from './apply.ts'
import { loadMigrateConfig, type MigrateConfig } from './config.ts'
import { csvReport } from './csv.ts'
import { type Delivery, deliveryOf, inWaves, openedOn } from './delivery.ts'
import { type Asking, findPlan, type MigrateEdges, openAsking, type Plan } from './find-plan.ts'
import type { MigrateOptions } from './options.ts'
import { writeFiles } from './out.ts'
import { pageReport } from './page.ts'
import { type Report, reportOf } from './report.ts'
import { type MigrateState, openState } from './state.ts'
import { appliedLines, planLines, statusLines } from './words.ts'

/**
 * 0 planned, or done; 1 a person is needed for some; 2 wrong usage, configuration, address or token; 4 not all could be looked at, so that nothing was
 * changed; 130 interrupted.
 */
export async function migrate(options: MigrateOptions, edges: MigrateEdges): Promise<number> {
  const { clock, cwd } = edges
  const read = loadMigrateConfig(resolve(cwd, options.config), clock.now)
  const baked = read.result === 'config' ? await edges.readConfig(read.config.hook) : undefined
  const opened = read.result === 'config' ? openState(read.config.state) : undefined
  const outputs = [options.csv, options.html].flatMap(file => (file === undefined ? [] : [resolve(cwd, file)]))
  const problems = [
    ...(read.result === 'wrong' ? read.problems : []),
    ...(baked?.result === 'wrong' ? baked.problems : []),
    ...(opened !== undefined && 'problem' in opened ? [opened.problem] : []),
    ...(options.what === 'status' && options.apply ? ['status changes nothing: leave out --apply'] : []),
    ...outputs.flatMap(unwritable),
  ]
  if (
    read.result === 'wrong' ||
    baked?.result !== 'config' ||
    opened === undefined ||
    'problem' in opened ||
    problems.length > 0
  )
    return refuse(problems, edges)
  const asking = await openAsking(read.config, baked, options, edges)
  if ('problems' in asking) return refuse(asking.problems, edges)
  try {
    return await run({ asking, config: read.config, baked, state: opened.state }, options, edges)
  } catch (error) {
    if (!edges.interrupted.aborted) throw error
    edges.writeError('interrupted: what is done is kept; the same command goes on with the rest\n')
    return INTERRUPTED
  } finally {
    await asking.close()
  }
}

function refuse(problems: readonly string[], { writeError }: ProcessEdges): number {
  for (const problem of problems) writeError(`error: ${printable(problem)}\n`)
  return 2
}

type Work = { asking: Asking; config: MigrateConfig; baked: Baked; state: MigrateState }

async function run(work: Work, options: MigrateOptions, edges: MigrateEdges): Promise<number> {
  const { asking, config, state } = work
  const found = await findPlan(asking, state, options.fix === true, edges)
  asking.progress.end()
  if ('problems' in found) return refuse(found.problems, edges)
  edges.interrupted.throwIfAborted()
  const { plan } = found
  const deliveries = inWaves(plan.rows.flatMap(row => deliveryOf(row, asking.gathering.branches, state) ?? []))
  const today = openedOn(new Date(edges.clock.now()).toISOString().slice(0, 10), plan.rows, state)
  const report = reportOf(plan, deliveries, { openedToday: today, perDay: config.pullRequests.perDay })
  const say = (line: string) => edges.write(`${line}\n`)
  if (options.json !== true)
    for (const line of options.what === 'status' ? statusLines(report) : planLines(report)) say(line)
  const left =
    options.out === undefined
      ? 0
      : writeFiles(resolve(edges.cwd, options.out), plan.rows, options.json === true ? () => {} : say).left
  const needed =
    options.apply === true ? await apply(work, { plan, deliveries, today, report }, options, edges) : undefined
  if (options.json === true) edges.write(`${JSON.stringify(report, null, 1)}\n`)
  const unwritten = writeReports(
    [
      [options.csv, () => csvReport(report)],
      [options.html, () => pageReport(report)],
    ],
    edges.cwd,
  )
  if (unwritten.length > 0) return refuse(unwritten, edges)
  if (needed !== undefined && needed !== 0) return needed
  if (plan.failures.length > 0) return 4
  return left > 0 || report.rows.some(({ isForAPerson }) => isForAPerson) ? 1 : 0
}

type Planned = { plan: Plan; deliveries: Delivery[]; today: number; report: Report }

async function apply(
  { asking, config, state }: Work,
  { plan, deliveries, today, report }: Planned,
  options: MigrateOptions,
  edges: MigrateEdges,
): Promise<number> {
  if (plan.failures.length > 0) {
    edges.writeError('error: not all could be looked at, so that a name may be given twice: nothing was changed\n')
    return 4
  }
  const progress = openProgress(edges.isWatched(), edges.writeError, () => '')
  const { ghes, patiently } = asking.gathering
  const applied = await applyAll(deliveries, today, {
    state,
    config,
    now: edges.clock.now,
    clock: edges.clock,
    interrupted: edges.interrupted,
    ghes: patientGhes(ghes, patiently),
    progress: { expect: progress.expect, step: done => progress.step(done, 0) },
  }).finally(progress.end)
  for (const row of report.rows) {
    const outcome = applied.outcomes.get(row.repository)
    if (outcome !== undefined) row.outcome = outcome
  }
  if (options.json !== true) for (const line of appliedLines(applied)) edges.write(`${line}\n`)
  if (applied.ended === undefined)
    return [...applied.outcomes.values()].some(({ result }) => result === 'trouble' || result === 'foreign') ? 1 : 0
  return refuse([`${applied.ended}; nothing more was tried, and the same command goes on`], edges)
}
