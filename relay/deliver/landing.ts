// Has a push landed? The hook runs before the branch moves, and a later hook can still refuse: only GHES knows.
import { type BranchAnswer, type Repository, repositoryOf } from '../clients/ghes/branches.ts'
import type { CompareAnswer } from '../clients/ghes/comparisons.ts'
import type { Ghes } from '../clients/ghes/ghes.ts'
import type { Trouble } from '../clients/trouble.ts'
import type { LandingTask, LandingVerdict, WaitingPush } from '../store/ports/landings.ts'
import { landingStepMs } from './backoff.ts'

/** What GHES says about one push. */
export type Landing =
  | { result: 'landed'; detail: string }
  /** Not there. `gone` is the reason to give when it stays so. */
  | { result: 'absent'; reason: string; gone: string }
  | Trouble

export type LandingRules = { giveUpAfterMs: number; troubleAgainMs: number; nowMs: number }

const NOTHING = /^0+$/
const OVERWRITTEN = 'refused by a later hook or overwritten'

/** Asks GHES about all waiting pushes of one branch: one question for the branch, one more for each that it has moved past. */
export async function askLandings(ghes: Ghes, task: LandingTask): Promise<Map<string, Landing>> {
  const repository = repositoryOf(task.repository)
  const at = await ghes.branch(repository, task.ref.replace(/^refs\/heads\//, ''))
  if (at.result === 'trouble') return all(task, at)
  if (at.result === 'none') return noBranch(ghes, repository, task)
  const landings = new Map<string, Landing>()
  // Latest first: a push that has landed proves those that it started from.
  let proven: { before: string; id: string } | undefined
  for (const push of task.pushes.toReversed()) {
    const landing = await landingAt(ghes, repository, push, at, proven)
    landings.set(push.id, landing)
    if (landing.result === 'landed') proven = { before: push.before, id: push.id }
    if (landing.result === 'trouble') return all(task, landing, landings)
  }
  return landings
}

async function landingAt(
  ghes: Ghes,
  repository: Repository,
  push: WaitingPush,
  at: Extract<BranchAnswer, { result: 'at' }>,
  proven: { before: string; id: string } | undefined,
): Promise<Landing> {
  if (at.sha === push.after) return { result: 'landed', detail: `the branch is at ${short(push.after)}` }
  if (proven?.before === push.after)
    return { result: 'landed', detail: `${proven.id} started from ${short(push.after)}` }
  if (NOTHING.test(push.after)) {
    return { result: 'absent', reason: `the branch still exists, at ${short(at.sha)}`, gone: OVERWRITTEN }
  }
  // Still where the push started from: the usual answer to an early look, and no question more.
  if (at.sha === push.before) {
    return {
      result: 'absent',
      reason: `the branch is still at ${short(at.sha)}`,
      gone: 'refused by a later hook or overwritten',
    }
  }
  return movedOn(await ghes.compare(repository, push.after, at.sha), push.after, at.sha)
}

function movedOn(compared: CompareAnswer, after: string, sha: string): Landing {
  if (compared.result === 'trouble') return compared
  if (compared.result === 'compared' && (compared.relation === 'ahead' || compared.relation === 'identical')) {
    return { result: 'landed', detail: `the branch is at ${short(sha)}, which contains ${short(after)}` }
  }
  const how = compared.result === 'unknown' ? 'GHES does not know' : 'the branch does not contain'
  return { result: 'absent', reason: `the branch is at ${short(sha)}; ${how} ${short(after)}`, gone: OVERWRITTEN }
}

/** A branch that is not there, or a repository that is not there, or not for us: GHES says 404 to all three. */
async function noBranch(ghes: Ghes, repository: Repository, task: LandingTask): Promise<Map<string, Landing>> {
  const found = await ghes.repository(repository)
  if (found.result === 'trouble') return all(task, found)
  return new Map(task.pushes.map(push => [push.id, withoutBranch(found.result, push)]))
}

function withoutBranch(repository: 'found' | 'moved' | 'none', push: WaitingPush): Landing {
  if (repository === 'none') {
    return {
      result: 'absent',
      reason: 'GHES shows no such repository; if it exists, ghe.token is not allowed to read it',
      gone: 'repository deleted (or ghe.token is not allowed to read it)',
    }
  }
  if (repository === 'moved') {
    return {
      result: 'absent',
      reason: 'the repository was renamed or transferred',
      gone: 'repository renamed or transferred',
    }
  }
  if (NOTHING.test(push.after)) return { result: 'landed', detail: 'the branch is deleted' }
  const created = NOTHING.test(push.before)
  return {
    result: 'absent',
    reason: 'the branch does not exist',
    gone: created ? 'refused by a later hook, or branch deleted' : 'branch deleted',
  }
}

function all(task: LandingTask, landing: Landing, known: Map<string, Landing> = new Map()): Map<string, Landing> {
  return new Map(task.pushes.map(push => [push.id, known.get(push.id) ?? landing]))
}

/** What becomes of the push: only answers that said "not there" bring it nearer to being given up. */
export function verdictOn(push: WaitingPush, landing: Landing, rules: LandingRules): LandingVerdict {
  if (landing.result === 'landed') return landing
  if (landing.result === 'trouble') {
    return {
      result: 'unanswered',
      reason: landing.reason,
      againAtMs: rules.nowMs + Math.max(landing.retryAfterMs ?? 0, rules.troubleAgainMs),
    }
  }
  if (push.missingMs >= rules.giveUpAfterMs) return { result: 'gone', reason: landing.gone }
  // Planned waits are added up, not times of day: a clock that jumps must not make a push vanish.
  const waitMs = Math.min(landingStepMs(push.checks), rules.giveUpAfterMs - push.missingMs)
  return {
    result: 'pending',
    reason: landing.reason,
    againAtMs: rules.nowMs + waitMs,
    missingMs: push.missingMs + waitMs,
  }
}

const short = (sha: string) => sha.slice(0, 10)
