// Pushes that wait under a former name of their repository: told of late, or nobody has reported the rename. GHES says the name when it is asked for the former one.
import type { GhesBranches, RepositoryFacts } from '../clients/ghes/branches.ts'
import { type Inbox, noCommits, type Repositories, reportId } from '../store/ports/inbox.ts'
import type { KnownFiles } from '../store/ports/known-files.ts'

export type RenamedEdges = {
  store: Pick<Inbox & KnownFiles & Repositories, 'acceptLanded' | 'knownFiles' | 'renameRepository'>
  now: () => number
  /** There is a question. */
  onAsked: () => void
}

/** The same answers; what waits goes on under the name that they say. */
export function withRenames<G extends Pick<GhesBranches, 'repository'>>(ghes: G, edges: RenamedEdges): G {
  return {
    ...ghes,
    async repository(repository) {
      const answer = await ghes.repository(repository)
      if (answer.result === 'moved' && answer.to) await goOn(edges, `${repository.owner}/${repository.name}`, answer.to)
      return answer
    },
  }
}

/** Where files are known under the former name the catalog has them there: that is more than a name, and is asked for as if it had been reported. */
async function goOn({ store, now, onAsked }: RenamedEdges, from: string, to: RepositoryFacts): Promise<void> {
  if ((await store.knownFiles(from)).length === 0) {
    await store.renameRepository(from, to.fullName)
    return
  }
  const id = `${from} is ${to.fullName} at ${now()}`
  const place = { repository: to.fullName, ref: `refs/heads/${to.defaultBranch}`, ...noCommits(id), isBulk: true }
  const jobs = [{ kind: 'repository' as const, about: 'moved' as const, from }]
  await store.acceptLanded(id, { ...place, files: [], further: { id: reportId(id), files: [], jobs } })
  onAsked()
}
