// The pull request of a branch of ours: there is one at the most, opened or updated, and never opened again.
import type { GhesRequests } from '../../relay/clients/ghes/client.ts'
import { allOf, complete, field, nothing } from '../../relay/clients/ghes/read.ts'
import type { Refusal } from '../../relay/clients/ghes/refusal.ts'

export type PullRequest = {
  number: number
  state: 'open' | 'merged' | 'closed'
  url: string
  title: string
  body: string
}

const R = '/repos/{owner}/{repo}'
const of = (repository: string) => {
  const [owner = '', repo = ''] = repository.split('/')
  return { owner, repo }
}

/** The newest one from our branch. */
export async function latestPullRequest(
  ghes: GhesRequests,
  repository: string,
  branch: string,
): Promise<PullRequest | undefined | Refusal> {
  const { owner } = of(repository)
  const query = { head: `${owner}:${branch}`, state: 'all', sort: 'created', direction: 'desc', per_page: 5 }
  const answer = await ghes.ask(`GET ${R}/pulls`, { ...of(repository), ...query }, data => allOf(data, pullRequestIn))
  return answer.result === 'refused' ? answer : answer.value[0]
}

export type Wanted = { branch: string; base: string; title: string; body: string }

/** There may be one already: its answer was lost, or somebody has opened it since we looked. */
export async function openPullRequest(
  ghes: GhesRequests,
  repository: string,
  wanted: Wanted,
): Promise<PullRequest | Refusal> {
  const { branch: head, base, title, body } = wanted
  const answer = await ghes.ask(`POST ${R}/pulls`, { ...of(repository), head, base, title, body }, pullRequestIn)
  if (answer.result === 'answered') return answer.value
  const there = answer.kind === 'invalid' ? await latestPullRequest(ghes, repository, head) : undefined
  return there !== undefined && 'state' in there && there.state === 'open' ? there : answer
}

export async function updatePullRequest(
  ghes: GhesRequests,
  repository: string,
  number: number,
  { title, body }: Wanted,
): Promise<PullRequest | Refusal> {
  const answer = await ghes.ask(`PATCH ${R}/pulls/{number}`, { ...of(repository), number, title, body }, pullRequestIn)
  return answer.result === 'refused' ? answer : answer.value
}

/** Labels that are not there are made by GHES. */
export async function addLabels(
  ghes: GhesRequests,
  repository: string,
  number: number,
  labels: readonly string[],
): Promise<true | Refusal> {
  const answer = await ghes.ask(`POST ${R}/issues/{number}/labels`, { ...of(repository), number, labels }, nothing)
  return answer.result === 'refused' ? answer : true
}

/** `teams`: by their slug. GHES refuses whom it does not know there, and all of them with one. */
export async function requestReviewers(
  ghes: GhesRequests,
  repository: string,
  number: number,
  { teams, people }: { teams: readonly string[]; people: readonly string[] },
): Promise<true | Refusal> {
  const asked = { ...of(repository), number, team_reviewers: teams, reviewers: people }
  const answer = await ghes.ask(`POST ${R}/pulls/{number}/requested_reviewers`, asked, nothing)
  return answer.result === 'refused' ? answer : true
}

function pullRequestIn(data: unknown): PullRequest | undefined {
  const isOpen = field(data, 'state', 'text') === 'open'
  const isMerged = field(data, 'merged_at', 'text') !== undefined
  return complete<PullRequest>({
    number: field(data, 'number', 'number'),
    state: isOpen ? 'open' : isMerged ? 'merged' : 'closed',
    url: field(data, 'html_url', 'text'),
    title: field(data, 'title', 'text'),
    body: field(data, 'body', 'text') ?? '',
  })
}
