// A repository event of GHES: payload → what became of the repository.
import { readPushNames } from './hook.ts'
import { fieldOf, textAt } from './payload.ts'
import { type Refusal, refuse } from './refusal.ts'

export type RepositoryEvent =
  /** Renamed, or transferred to another owner. */
  | { what: 'moved'; from: string; repository: string; defaultBranch?: string }
  | { what: 'archived' | 'deleted'; repository: string }
  | { what: 'unarchived'; repository: string; defaultBranch?: string }
  | { what: 'default branch changed'; repository: string; from: string; defaultBranch: string }

export function readRepositoryEvent(
  payload: unknown,
): { result: 'repository'; event: RepositoryEvent } | { result: 'ignored'; reason: string } | Refusal {
  const action = textAt(payload, 'action')
  const repository = textAt(payload, 'repository', 'full_name')
  if (action === undefined || !ACTIONS.has(action)) {
    return { result: 'ignored', reason: `repository event ${action ?? 'without action'}` }
  }
  if (repository === undefined) return refuse(400, 'a repository event has repository.full_name')
  const event = eventOf(payload, action, repository)
  if (event === undefined) return { result: 'ignored', reason: `repository event ${action}` }
  const names = [event.repository, ...(event.what === 'moved' ? [event.from] : [])]
  const branch = 'defaultBranch' in event ? event.defaultBranch : undefined
  for (const name of names) {
    const problem = readPushNames({ ...NO_CHANGE, repository: name, ref: `refs/heads/${branch ?? 'main'}` })
    if (problem !== undefined) return refuse(400, problem)
  }
  return { result: 'repository', event }
}

const ACTIONS = new Set(['renamed', 'transferred', 'archived', 'unarchived', 'deleted', 'edited'])
const NO_CHANGE = { before: '0'.repeat(40), after: '0'.repeat(40) }

function eventOf(payload: unknown, action: string, repository: string): RepositoryEvent | undefined {
  const [owner = '', name = ''] = repository.split('/')
  const changes = fieldOf(payload, 'changes')
  const defaultBranch = textAt(payload, 'repository', 'default_branch')
  const branch = defaultBranch === undefined ? {} : { defaultBranch }
  switch (action) {
    case 'renamed': {
      const from = textAt(changes, 'repository', 'name', 'from')
      return from === undefined ? undefined : { what: 'moved', from: `${owner}/${from}`, repository, ...branch }
    }
    case 'transferred': {
      const from = fieldOf(fieldOf(changes, 'owner'), 'from')
      const login = textAt(from, 'organization', 'login') ?? textAt(from, 'user', 'login')
      return login === undefined ? undefined : { what: 'moved', from: `${login}/${name}`, repository, ...branch }
    }
    case 'archived':
    case 'deleted':
      return { what: action, repository }
    case 'unarchived':
      return { what: 'unarchived', repository, ...branch }
    case 'edited': {
      const from = textAt(changes, 'default_branch', 'from')
      if (from === undefined || defaultBranch === undefined) return undefined
      return { what: 'default branch changed', repository, from, defaultBranch }
    }
    default:
      return undefined
  }
}
