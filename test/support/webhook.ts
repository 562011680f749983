// Webhooks as GHES sends them: payloads of push and repository events, signed.
import { createHmac } from 'node:crypto'
import { WEBHOOK_SECRET } from './relay-process.ts'

export type CommitLists = { added?: string[]; modified?: string[]; removed?: string[] }

export type PushEvent = {
  repository?: string
  branch?: string
  defaultBranch?: string
  before?: string
  after?: string
  commits?: CommitLists[]
  forced?: boolean
  /** Whatever else the payload has, or has otherwise. */
  more?: Record<string, unknown>
}

export const ids = { nothing: '0'.repeat(40), before: 'a'.repeat(40), after: 'c'.repeat(40) }

export function pushPayload(event: PushEvent): Record<string, unknown> {
  const { repository = 'acme/payments', branch = 'main', defaultBranch = 'main', forced = false } = event
  const { before = ids.before, after = ids.after, commits = [], more } = event
  return {
    ref: `refs/heads/${branch}`,
    before,
    after,
    created: before === ids.nothing,
    deleted: after === ids.nothing,
    forced,
    repository: { full_name: repository, default_branch: defaultBranch },
    pusher: { name: 'octocat' },
    commits: commits.map((lists, i) => ({ id: String(i), added: [], modified: [], removed: [], ...lists })),
    ...more,
  }
}

export function repositoryPayload(action: string, repository: string, changes: unknown, defaultBranch = 'main') {
  const [login = '', name = ''] = repository.split('/')
  return {
    action,
    changes,
    repository: { name, full_name: repository, owner: { login }, default_branch: defaultBranch },
  }
}

let deliveries = 0

/** Delivers it as GHES does. */
export function deliver(
  listen: string,
  event: string,
  payload: unknown,
  { id = `delivery-${++deliveries}`, secret = WEBHOOK_SECRET }: { id?: string; secret?: string } = {},
): Promise<Response> {
  const body = JSON.stringify(payload)
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/0123456',
    'x-github-event': event,
    'x-github-delivery': id,
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  }
  return fetch(`${listen}/v1/github`, { method: 'POST', headers, body })
}
