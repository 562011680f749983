// The lane of pushes that wait for GHES: asks whether they have landed, and records what it says.
import type { Ghes } from '../clients/ghes/ghes.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Tell } from '../runtime/events.ts'
import { PACES } from '../runtime/limits.ts'
import type { Logger } from '../runtime/log.ts'
import type { Leases } from '../store/ports/jobs.ts'
import type { Landings, LandingTask, LandingVerdict } from '../store/ports/landings.ts'
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
  const work = {
    name: 'landing',
    most: PACES.landingConcurrency,
    target: target.circuit,
    claim: (limit: number) => store.claimLandings({ limit, leaseMs: PACES.leaseMs }),
    run: (task: LandingTask) => land(options, task),
    release: (leases: string[]) => store.release(leases),
    nextDueAtMs: () => store.nextLandingAtMs(),
  }
  return new Lane(work, clock, log)
}

async function land(options: LandingLaneOptions, task: LandingTask): Promise<void> {
  const { store, ghes, target } = options
  const landings = await askLandings(ghes, task)
  const trouble = [...landings.values()].find(landing => landing.result === 'trouble')
  if (trouble) target.failed(trouble)
  else target.worked()
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
  const rules = {
    giveUpAfterMs,
    nowMs,
    troubleAgainMs: Math.max(troubleAgainMs, target.circuit.openUntilMs - nowMs),
  }
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
