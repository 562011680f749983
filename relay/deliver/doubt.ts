// Whether GHES shows us anything at all: to a token that may read nothing it answers 404 to everything, as if all were deleted.
import type { GhesBranches, RepositoryAnswer } from '../clients/ghes/branches.ts'

/** So many different ones that are not there, and none that is, are no coincidence. Fewer are what they say they are. */
const REPOSITORIES = 5
/** What was seen longer ago than this may have been with another token. */
const SEEN_FOR_MS = 600_000

const SET_UP: RepositoryAnswer = {
  result: 'trouble',
  kind: 'set-up',
  reason: `GHES shows none of the repositories that it was asked for, and answers 404 to all: ghe.token is not allowed to read them, or ghe.apiBaseUrl is another GHES; it needs to read contents and metadata of the repositories`,
}

/** The same answers, except that a repository which is not there is trouble while nothing is. */
export function withDoubt<G extends Pick<GhesBranches, 'branch' | 'repository'>>(ghes: G, now: () => number): G {
  const missing = new Set<string>()
  let seenAtMs = Number.NEGATIVE_INFINITY
  const seen = () => {
    seenAtMs = now()
    missing.clear()
  }
  return {
    ...ghes,
    async branch(repository, branch) {
      const answer = await ghes.branch(repository, branch)
      if (answer.result === 'at') seen()
      return answer
    },
    async repository(repository) {
      const answer = await ghes.repository(repository)
      if (answer.result === 'found' || answer.result === 'moved') seen()
      if (answer.result !== 'none' || now() - seenAtMs < SEEN_FOR_MS) return answer
      missing.add(`${repository.owner}/${repository.name}`)
      return missing.size < REPOSITORIES ? answer : SET_UP
    },
  }
}
