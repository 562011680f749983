// What the relay answers of repositories, looked at field by field: what is not as it should be is left out.
import type { FactsAnswer, HookEnforcement, RepositoryFacts } from '../../schemas/repository-facts.ts'

const CHARACTERS = 300
const TOPICS = 50

/** Throws when it is something else altogether. */
export function readFacts(text: string): FactsAnswer {
  const { cursor, ghes, repositories } = mapOf(JSON.parse(text))
  const { host, version } = mapOf(ghes)
  if (typeof cursor !== 'string' || typeof host !== 'string' || host === '' || !Array.isArray(repositories))
    throw new Error('the relay answered something else than repositories')
  return {
    cursor,
    ghes: { host, ...(isText(version) ? { version } : {}) },
    repositories: repositories.flatMap(one => factsIn(mapOf(one))),
  }
}

function factsIn(one: Record<string, unknown>): RepositoryFacts | [] {
  const { repository, visibility, archived, fork, defaultBranch, topics, lastPushAt, hookEnforcement } = one
  if (!isText(repository) || !/^[^/\s]+\/[^/\s]+$/.test(repository)) return []
  return {
    repository,
    ...(isText(visibility) ? { visibility } : {}),
    ...(typeof archived === 'boolean' ? { archived } : {}),
    ...(typeof fork === 'boolean' ? { fork } : {}),
    ...(isText(defaultBranch) ? { defaultBranch } : {}),
    ...(Array.isArray(topics) ? { topics: topics.filter(isText).slice(0, TOPICS) } : {}),
    ...(isEnforcement(hookEnforcement) ? { hookEnforcement } : {}),
    ...(isText(lastPushAt) && !Number.isNaN(Date.parse(lastPushAt)) ? { lastPushAt } : {}),
  }
}

const isEnforcement = (value: unknown): value is HookEnforcement =>
  value === 'enforced' || value === 'testing' || value === 'off'

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= CHARACTERS

const mapOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
