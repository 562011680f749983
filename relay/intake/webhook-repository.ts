// A repository event of GHES: payload → what seems to have become of the repository.
import { fieldOf } from '../../schemas/unknown.ts'
import type { RepositoryHint } from '../store/ports/inbox.ts'
import { readPushNames } from './hook.ts'
import { textAt } from './payload.ts'
import { type Refusal, refuse } from './refusal.ts'

/** A hint only: it may come late, or again. `branch` is the default one, as far as it says. */
export type RepositoryEvent = { repository: string; branch: string; hint: RepositoryHint }

export function readRepositoryEvent(
  payload: unknown,
): { result: 'repository'; event: RepositoryEvent } | { result: 'ignored'; reason: string } | Refusal {
  const action = textAt(payload, 'action')
  const repository = textAt(payload, 'repository', 'full_name')
  if (action === undefined || !ACTIONS.has(action)) {
    return { result: 'ignored', reason: `repository event ${action ?? 'without action'}` }
  }
  if (repository === undefined) return refuse(400, 'a repository event has repository.full_name')
  const hint = hintOf(payload, action, repository)
  if (hint === undefined) return { result: 'ignored', reason: `repository event ${action}` }
  const branch = textAt(payload, 'repository', 'default_branch') ?? 'main'
  const places = [
    { repository, branch },
    ...(hint.about === 'moved' ? [{ repository: hint.from, branch }] : []),
    ...(hint.about === 'default branch' ? [{ repository, branch: hint.from }] : []),
  ]
  for (const place of places) {
    const problem = readPushNames({ ...NO_CHANGE, repository: place.repository, ref: `refs/heads/${place.branch}` })
    if (problem !== undefined) return refuse(400, problem)
  }
  return { result: 'repository', event: { repository, branch, hint } }
}

const ACTIONS = new Set(['renamed', 'transferred', 'archived', 'unarchived', 'deleted', 'edited'])
const NO_CHANGE = { before: '0'.repeat(40), after: '0'.repeat(40) }

function hintOf(payload: unknown, action: string, repository: string): RepositoryHint | undefined {
  const [owner = '', name = ''] = repository.split('/')
  const changes = fieldOf(payload, 'changes')
  switch (action) {
    case 'renamed': {
      const from = textAt(changes, 'repository', 'name', 'from')
      return from === undefined ? undefined : { about: 'moved', from: `${owner}/${from}` }
    }
    case 'transferred': {
      const from = fieldOf(fieldOf(changes, 'owner'), 'from')
      const login = textAt(from, 'organization', 'login') ?? textAt(from, 'user', 'login')
      return login === undefined ? undefined : { about: 'moved', from: `${login}/${name}` }
    }
    case 'archived':
    case 'unarchived':
      return { about: 'archived' }
    case 'deleted':
      return { about: 'deleted' }
    default: {
      const from = textAt(changes, 'default_branch', 'from')
      return from === undefined ? undefined : { about: 'default branch', from }
    }
  }
}
