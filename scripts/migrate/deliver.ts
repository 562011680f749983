// Brings one delivery to its repository: a branch with one commit, a pull request, its labels and reviewers. Each step may have been done by a run that was cut off.

import type { Answered, GhesRequests } from '../../relay/clients/ghes/client.ts'
import type { Refusal } from '../../relay/clients/ghes/refusal.ts'
import {
  addLabels,
  openPullRequest,
  type PullRequest,
  requestReviewers,
  updatePullRequest,
} from '../ghes/pull-requests.ts'
import { repositoriesApi } from '../ghes/repositories.ts'
import type { MigrateConfig } from './config.ts'
import { contentIn, type Delivery, messageOf } from './delivery.ts'
import { pullRequestText } from './pull-request-text.ts'
import type { Delivered, MigrateState } from './state.ts'

export type Outcome =
  | { result: 'opened' | 'updated' | 'finished' | 'unchanged'; url: string; remarks: string[] }
  | { result: 'foreign'; reason: string }
  /** `isForAll`: it would be the same with every other repository. */
  | { result: 'trouble'; reason: string; isForAll: boolean }

export type DeliverEdges = {
  /** Waits for rate limits and outages by itself. */
  ghes: GhesRequests
  state: MigrateState
  config: MigrateConfig
  now: () => number
}

/** Thrown on the way, and an outcome at the end. */
class NotDelivered extends Error {
  readonly outcome: Outcome
  constructor(outcome: Outcome) {
    super(outcome.result)
    this.outcome = outcome
  }
}

export async function deliver(delivery: Delivery, edges: DeliverEdges): Promise<Outcome> {
  try {
    return await delivered(delivery, edges)
  } catch (error) {
    if (error instanceof NotDelivered) return error.outcome
    throw error
  }
}

async function delivered(delivery: Delivery, edges: DeliverEdges): Promise<Outcome> {
  const { row, ours, content, kept, branch } = delivery
  const { repository } = row.repository
  const { head, pullRequest } = ours
  if (head === undefined) {
    const commit = await newCommit(delivery, edges, row.repository.tree ?? '', row.repository.head ?? '')
    await branchAt(repository, branch, commit, edges)
    return opened(delivery, edges, commit)
  }
  const at = kept?.commit === head ? { content: kept.content } : await seen(repository, head, edges)
  if (at === undefined)
    throw new NotDelivered({
      result: 'foreign',
      reason: `somebody has pushed to ${branch}: merge or delete it, then run this again`,
    })
  const commit = at.content === content ? head : await movedOn(delivery, edges, head)
  if (pullRequest === undefined || kept?.pullRequest === undefined || commit !== head) {
    if (pullRequest !== undefined && commit === head && kept === undefined) {
      // Of a run whose state is lost: there is nothing to add to it.
      keep(delivery, edges, { commit, pullRequest: pullRequest.number })
      return { result: 'unchanged', url: pullRequest.url, remarks: [] }
    }
    return opened(delivery, edges, commit)
  }
  return { result: 'unchanged', url: pullRequest.url, remarks: [] }
}

/** What our commit at the branch brought; undefined: it is not ours. */
async function seen(repository: string, head: string, edges: DeliverEdges): Promise<{ content: string } | undefined> {
  const { value } = answered(await repositoriesApi(edges.ghes).commit(repository, head))
  const content = contentIn(value.message)
  return content === undefined ? undefined : { content }
}

async function newCommit(delivery: Delivery, edges: DeliverEdges, tree: string, parent: string): Promise<string> {
  const { row, files, content } = delivery
  const { repository } = row.repository
  const api = repositoriesApi(edges.ghes)
  const changes = [...files].map(([path, text]) => ({ path, mode: '100644', text }) as const)
  const made = answered(await api.createTree(repository, tree, changes))
  const message = messageOf(pullRequestText(delivery, edges.config).title, content)
  return answered(await api.createCommit(repository, { message, tree: made.value, parents: [parent] })).value
}

/** On top of what we have pushed: nothing of anybody is ever pushed away. */
async function movedOn(delivery: Delivery, edges: DeliverEdges, head: string): Promise<string> {
  const { repository } = delivery.row.repository
  const api = repositoriesApi(edges.ghes)
  const { value: tree } = answered(await api.commitTree(repository, head))
  const commit = await newCommit(delivery, edges, tree, head)
  const moved = await api.moveBranch(repository, delivery.branch, commit)
  if (moved.result === 'refused') {
    if (moved.kind !== 'invalid') throw troubled(moved)
    const now = answered(await api.branch(repository, delivery.branch))
    if (now.value !== commit)
      throw new NotDelivered({ result: 'foreign', reason: `somebody has pushed to ${delivery.branch} meanwhile` })
  }
  return commit
}

/** It may be there already: its answer was lost, or somebody else has made it. */
async function branchAt(repository: string, branch: string, commit: string, edges: DeliverEdges): Promise<void> {
  const api = repositoriesApi(edges.ghes)
  const made = await api.createBranch(repository, branch, commit)
  if (made.result !== 'refused') return
  if (made.kind !== 'invalid') throw troubled(made)
  const there = answered(await api.branch(repository, branch))
  if (there.value !== commit)
    throw new NotDelivered({ result: 'foreign', reason: `a branch ${branch} was made meanwhile; run this again` })
}

/** The pull request as it should be; what it lacks afterwards is a remark, and no failure. */
async function opened(delivery: Delivery, edges: DeliverEdges, commit: string): Promise<Outcome> {
  const { row, branch, ours } = delivery
  const { repository, branch: base = '' } = row.repository
  keep(delivery, edges, { commit })
  const wanted = { branch, base, ...pullRequestText(delivery, edges.config) }
  const open = ours.pullRequest
  if (open !== undefined) {
    const updated = given(await updatePullRequest(edges.ghes, repository, open.number, wanted))
    const remarks = delivery.kept?.pullRequest === undefined ? await finished(delivery, edges, updated.number) : []
    keep(delivery, edges, { commit, pullRequest: updated.number })
    return { result: commit === ours.head ? 'finished' : 'updated', url: updated.url, remarks }
  }
  const made = given(await openPullRequest(edges.ghes, repository, wanted))
  const remarks = await finished(delivery, edges, made.number)
  keep(delivery, edges, { commit, pullRequest: made.number })
  return { result: 'opened', url: made.url, remarks }
}

/** What GHES will not take is a remark; what may do better later is done then. */
async function finished({ row }: Delivery, edges: DeliverEdges, number: number): Promise<string[]> {
  const { repository } = row.repository
  const { ghes, config } = edges
  const { labels, reviewers } = config.pullRequests
  const remarks: string[] = []
  const tried = async (what: string, ask: () => Promise<true | Refusal>) => {
    const answer = await ask()
    if (answer === true) return
    if (isForAll(answer)) throw troubled(answer)
    remarks.push(`without its ${what}: ${answer.message}`)
  }
  if (labels.length > 0) await tried('labels', () => addLabels(ghes, repository, number, labels))
  const asked = row.proposal?.reviewers ?? { teams: [], people: [] }
  if (reviewers === 'codeowners' && asked.teams.length + asked.people.length > 0)
    await tried('reviewers', () => requestReviewers(ghes, repository, number, asked))
  return remarks
}

function keep(
  { row, content, branch, kept, ours }: Delivery,
  { state, now }: DeliverEdges,
  done: Pick<Delivered, 'commit' | 'pullRequest'>,
): void {
  const at = kept?.at ?? ours.pullRequest?.createdAt ?? new Date(now()).toISOString()
  state.keep(row.repository.repository, { at, content, branch, entities: row.entities, ...done })
}

function answered<T>(answer: Answered<T> | Refusal): Answered<T> {
  if (answer.result === 'refused') throw troubled(answer)
  return answer
}

function given(answer: PullRequest | Refusal): PullRequest {
  if ('result' in answer) throw troubled(answer)
  return answer
}

const troubled = (why: Refusal) =>
  new NotDelivered({ result: 'trouble', reason: `${why.message}: ${why.remedy}`, isForAll: isForAll(why) })

/** It is not about this repository. A limit or an outage has been waited for. */
const isForAll = ({ kind }: Refusal) => !['permission', 'not-found', 'invalid'].includes(kind)
