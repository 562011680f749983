// Commit statuses: what stands beside a commit, and in its pull request.
import type { Trouble } from '../trouble.ts'
import { repositoryOf } from './branches.ts'
import type { GhesClient } from './client.ts'
import { nothing } from './read.ts'
import { troubleOf } from './refusal.ts'

export type CommitStatus = {
  state: 'pending' | 'success' | 'failure' | 'error'
  context: string
  /** GHES takes 140 characters. */
  description: string
  targetUrl?: string
}

/** `refused`: this one will never be taken (no such commit, nor repository). */
type StatusAnswer = { result: 'set' } | { result: 'refused'; reason: string } | Trouble

export type GhesStatuses = {
  setStatus(commit: { repository: string; sha: string }, status: CommitStatus): Promise<StatusAnswer>
}

export function ghesStatuses(client: GhesClient): GhesStatuses {
  const { ask } = client.for('status')
  return {
    setStatus: async ({ repository, sha }, { targetUrl, ...status }) => {
      const { owner, name } = repositoryOf(repository)
      const target = targetUrl === undefined ? {} : { target_url: targetUrl }
      const answer = await ask(
        'POST /repos/{owner}/{repo}/statuses/{sha}',
        { owner, repo: name, sha, ...status, ...target },
        nothing,
      )
      if (answer.result === 'answered') return answer.status === 201 ? { result: 'set' } : notCreated(answer.status)
      const isGone = ['invalid', 'not-found', 'repository-moved'].includes(answer.found)
      return isGone ? { result: 'refused', reason: answer.message } : troubleOf(answer)
    },
  }
}

/** A page to log in, say: nothing was set. */
const notCreated = (status: number): Trouble => ({
  result: 'trouble',
  kind: 'foreign',
  reason: `GHES answered ${status} to a commit status, and not as its API does`,
})
