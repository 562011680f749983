// What the relay asks of GHES: where a branch stands, and how two commits relate.

import type { Trouble } from '../trouble.ts'
import { type GhesChanges, ghesChanges, relationOf } from './changes.ts'
import { type GhesInventory, ghesInventory } from './inventory.ts'
import { fieldOf, type GhesOptions, openGhesRequests, unreadable } from './requests.ts'
import { type GhesHooks, ghesHooks } from './webhooks.ts'

export type Repository = { owner: string; name: string }

export type BranchAnswer = { result: 'at'; sha: string } | { result: 'none' } | Trouble
export type RepositoryAnswer = { result: 'found' } | { result: 'moved' } | { result: 'none' } | Trouble
export type Relation = 'ahead' | 'identical' | 'behind' | 'diverged'
/** `unknown`: one of the two commits is not in the repository, or they have no history in common. */
export type CompareAnswer = { result: 'compared'; relation: Relation } | { result: 'unknown' } | Trouble

export type Ghes = {
  branch(repository: Repository, branch: string): Promise<BranchAnswer>
  repository(repository: Repository): Promise<RepositoryAnswer>
  /** How `head` relates to `base`: `ahead` contains it. */
  compare(repository: Repository, base: string, head: string): Promise<CompareAnswer>
  close(): Promise<void>
}

/** All that GHES is asked, for those who put the relay together. */
export type GhesApi = Ghes & { changes: GhesChanges; inventory: GhesInventory; hooks: GhesHooks }

export function openGhes(options: GhesOptions): GhesApi {
  const requests = openGhesRequests(options)
  const { ask, guarded, trouble } = requests
  const of = ({ owner, name }: Repository) => ({ owner, repo: name })

  return {
    branch: (repository, branch) =>
      guarded<BranchAnswer>(async () => {
        // octokit.rest.git.getRef would send "heads%2Fteam%2Fx", which strict proxies refuse; {+ref} would leave "#" as it is.
        const path = branch.split('/').map(encodeURIComponent).join('/')
        const answer = await ask('landing', `GET /repos/{owner}/{repo}/git/ref/heads/${path}`, of(repository))
        const sha = answer.status === 200 ? shaOf(answer.data) : undefined
        if (sha !== undefined) return { result: 'at', sha }
        // 409: "Git Repository is empty."
        if (answer.status === 404 || answer.status === 409) return { result: 'none' }
        if (answer.status === 200) return unreadable('git/ref')
        // A repository that was renamed answers with a redirect; asking for the repository tells it from a wrong address.
        return isRedirect(answer.status) ? { result: 'none' } : trouble(answer)
      }),
    repository: repository =>
      guarded<RepositoryAnswer>(async () => {
        const answer = await ask('landing', 'GET /repos/{owner}/{repo}', of(repository))
        if (answer.status === 200) return { result: 'found' }
        if (answer.status === 404) return { result: 'none' }
        // GHES redirects a renamed or transferred one to /repositories/ID.
        if (isRedirect(answer.status) && /\/repositories\/\d+/.test(answer.headers['location'] ?? ''))
          return { result: 'moved' }
        return trouble(answer)
      }),
    compare: (repository, base, head) =>
      guarded<CompareAnswer>(async () => {
        const parameters = { ...of(repository), basehead: `${base}...${head}`, per_page: 1 }
        const answer = await ask('compare', 'GET /repos/{owner}/{repo}/compare/{basehead}', parameters)
        if (answer.status === 404 || answer.status === 422) return { result: 'unknown' }
        if (answer.status !== 200) return trouble(answer)
        const relation = relationOf(answer.data)
        return relation === undefined ? unreadable('compare') : { result: 'compared', relation }
      }),
    changes: ghesChanges(requests),
    inventory: ghesInventory(requests),
    hooks: ghesHooks(requests),
    close: requests.close,
  }
}

const isRedirect = (status: number) => status >= 300 && status < 400

function shaOf(data: unknown): string | undefined {
  const object = fieldOf(data, 'object')
  const sha = fieldOf(object, 'sha')
  return typeof sha === 'string' && /^[0-9a-f]{40,64}$/.test(sha) ? sha : undefined
}
