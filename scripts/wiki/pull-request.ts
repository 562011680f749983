// The pull request by which docs come to a repository: there is one at the most, opened or updated, and never opened again.
import type { GhesRequests } from '../../relay/clients/ghes/client.ts'
import { allOf, complete, field } from '../../relay/clients/ghes/read.ts'
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

export async function openPullRequest(
  ghes: GhesRequests,
  repository: string,
  wanted: Wanted,
): Promise<PullRequest | Refusal> {
  const { branch: head, base, title, body } = wanted
  const answer = await ghes.ask(`POST ${R}/pulls`, { ...of(repository), head, base, title, body }, pullRequestIn)
  return answer.result === 'refused' ? answer : answer.value
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
