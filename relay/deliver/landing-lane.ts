// The lane of pushes that wait for GHES: asks whether they have landed, and records what it says.
import type { Ghes } from '../clients/ghes/ghes.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Tell } from '../runtime/events.ts'
import { PACES } from '../runtime/limits.ts'
import type { Logger } from '../runtime/log.ts'
import type { Leases } from '../store/ports/jobs.ts'
import type { Landings, LandingTask, LandingVerdict, WaitingPush } from '../store/ports/landings.ts'
import { StoreUnavailable } from '../store/store.ts'
import { faultOf } from './fault.ts'
import { askLandings, type Landing, verdictOn } from './landing.ts'
import { Lane } from './lane.ts'
import type { Target } from './target.ts'

export type LandingLaneOptions = {
  store: Landings & Pick<Leases, 'release'>
  ghes: Ghes
  target: Target
  clock: Clock
  log: Logger
  tell?: Tell
  giveUpAfterMs: number
  /** GHES could not answer: asked again after this at the earliest. */
  troubleAgainMs: number
  /** Pushes have landed: there are jobs. */
  onLanded: () => void
}

export function landingLane(options: LandingLaneOptions): Lane<LandingTask> {
  const { store, target, clock, log } = options
  const faults: Faults = new Map()
  const work = {
    name: 'landing',
    most: PACES.landingConcurrency,
    target: target.circuit,
    claim: (limit: () => number) => store.claimLandings({ limit, leaseMs: PACES.leaseMs }),
    run: (task: LandingTask, answered: () => void) => landEach(options, faults, task, answered),
    release: (leases: string[]) => store.release(leases),
    nextDueAtMs: () => store.nextLandingAtMs(),
  }
  return new Lane(work, clock, log)
}

/**
 * A fault of ours in one push must not hold up the others of its branch: they are settled one by one then, and the one that fails is put off, and given up after some
 * attempts.
 */
async function landEach(
  options: LandingLaneOptions,
  faults: Faults,
  task: LandingTask,
  answered: () => void,
): Promise<void> {
  try {
    await land(options, task, answered)
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error
    for (const push of task.pushes) await landAlone(options, faults, { ...task, pushes: [push] }, push)
  }
}

/** How often each push has met a fault of ours. */
type Faults = Map<string, number>

const MOST_FAULTS = 5

async function landAlone(
  options: LandingLaneOptions,
  faults: Faults,
  task: LandingTask,
  push: WaitingPush,
): Promise<void> {
  const { store, clock, log, troubleAgainMs } = options
  try {
    await land(options, task)
    faults.delete(push.id)
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error
    const met = (faults.get(push.id) ?? 0) + 1
    log.error({ err: error, id: push.id, attempt: met }, 'landing: a push met a fault of ours')
    const reason = faultOf(error)
    const verdict: LandingVerdict =
      met >= MOST_FAULTS
        ? { result: 'broken', reason: `given up after ${met} attempts: ${reason}` }
        : { result: 'unanswered', reason, againAtMs: clock.now() + troubleAgainMs * 2 ** met }
    const verdicts = new Map([[push.id, verdict]])
    if ((await store.settleLandings(task, verdicts)) > 0) report(options, task, verdicts)
    if (met >= MOST_FAULTS) faults.delete(push.id)
    else faults.set(push.id, met)
  }
}

async function land(options: LandingLaneOptions, task: LandingTask, answered: () => void = () => {}): Promise<void> {
  const { store, ghes, target } = options
  const landings = await askLandings(ghes, task)
  const trouble = [...landings.values()].find(landing => landing.result === 'trouble')
  const about = { place: `${task.repository} ${task.ref}` }
  if (trouble) target.failed(trouble, about)
  else target.worked(about)
  answered()
  const verdicts = verdictsOn(options, task, landings)
  const counted = await store.settleLandings(task, verdicts)
  if (counted > 0) report(options, task, verdicts)
  if ([...verdicts.values()].some(verdict => verdict.result === 'landed')) options.onLanded()
}

function verdictsOn(
  { clock, giveUpAfterMs, troubleAgainMs, target }: LandingLaneOptions,
  task: LandingTask,
  landings: Map<string, Landing>,
): Map<string, LandingVerdict> {
  const nowMs = clock.now()
  const rules = { giveUpAfterMs, nowMs, troubleAgainMs: Math.max(troubleAgainMs, target.againAtMs - nowMs) }
  const verdicts = new Map<string, LandingVerdict>()
  for (const push of task.pushes) {
    const found = landings.get(push.id)
    if (found) verdicts.set(push.id, verdictOn(push, found, rules))
  }
  return verdicts
}

function report(
  { clock, log, tell }: LandingLaneOptions,
  { repository, ref, pushes }: LandingTask,
  verdicts: Map<string, LandingVerdict>,
): void {
  for (const { id, receivedAtMs } of pushes) {
    const verdict = verdicts.get(id)
    if (!verdict) continue
    const { result } = verdict
    const detail = result === 'landed' ? verdict.detail : verdict.reason
    log[result === 'pending' ? 'debug' : 'info']({ id, repository, ref, step: result, detail }, `push ${result}`)
    tell?.({ event: 'landing', result, sinceReceivedMs: clock.now() - receivedAtMs })
  }
}
