// Where a branch stands, and whether its repository is there: what a landing check asks first.
import type { Trouble } from '../trouble.ts'
import type { GhesClient } from './client.ts'
import { field, type Read } from './read.ts'
import { type Refusal, troubleOf } from './refusal.ts'

export type Repository = { owner: string; name: string }

export type BranchAnswer = { result: 'at'; sha: string } | { result: 'none' } | Trouble
export type RepositoryAnswer = { result: 'found' } | { result: 'moved' } | { result: 'none' } | Trouble

export type GhesBranches = {
  branch(repository: Repository, branch: string): Promise<BranchAnswer>
  repository(repository: Repository): Promise<RepositoryAnswer>
}

export function ghesBranches(client: GhesClient): GhesBranches {
  const { ask } = client.for('landing')
  return {
    branch: async ({ owner, name }, branch) => {
      // As a parameter it would become "heads%2Fteam%2Fx", which strict proxies refuse; {+ref} would leave "#" as it is.
      const path = branch.split('/').map(encodeURIComponent).join('/')
      const answer = await ask(`GET /repos/{owner}/{repo}/git/ref/heads/${path}`, { owner, repo: name }, commitIn)
      if (answer.result === 'answered') return { result: 'at', sha: answer.value }
      return isNone(answer) ? { result: 'none' } : troubleOf(answer)
    },
    repository: async ({ owner, name }) => {
      const answer = await ask('GET /repos/{owner}/{repo}', { owner, repo: name }, isRepository)
      if (answer.result === 'answered') return { result: 'found' }
      if (answer.found === 'not-found') return { result: 'none' }
      return answer.found === 'repository-moved' ? { result: 'moved' } : troubleOf(answer)
    },
  }
}

/**
 * 409: "Git Repository is empty.", as far as GHES itself says it. A repository that was renamed answers with a redirect; asking for the repository tells it from a wrong
 * address.
 */
const isNone = ({ found, status }: Refusal) =>
  found === 'not-found' ||
  found === 'repository-moved' ||
  found === 'redirect' ||
  (found === 'invalid' && status === 409)

/** A page that asks people to log in is none. */
const isRepository: Read<true> = data =>
  field(data, 'full_name', 'text') !== undefined || field(data, 'id', 'number') !== undefined ? true : undefined

const commitIn: Read<string> = data => {
  const sha = field(field(data, 'object', 'map'), 'sha', 'text')
  return sha !== undefined && /^[0-9a-f]{40,64}$/.test(sha) ? sha : undefined
}
