// Pushes under a former name of their repository: told of late, or nobody has reported the rename. GHES says the name when it is asked for the former one.
import { type GhesBranches, type RepositoryFacts, repositoryOf } from '../clients/ghes/branches.ts'
import type { Trouble } from '../clients/trouble.ts'
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
  // Of all that is under way one question is enough, and there may be another rename back and forth.
  const id = `${from} is ${to.fullName} at ${now() - (now() % NAMED_MS)}`
  const place = { repository: to.fullName, ref: `refs/heads/${to.defaultBranch}`, ...noCommits(id), isBulk: true }
  const jobs = [{ kind: 'repository' as const, about: 'moved' as const, from }]
  await store.acceptLanded(id, { ...place, files: [], further: { id: reportId(id), files: [], jobs } })
  onAsked()
}

/** So long a name that GHES has shown is taken for the present one. */
const NAMED_MS = 60_000
const REMEMBERED = 1000

/** `moved`: what there is under this name goes on under another. */
export type PresentName = (fullName: string) => Promise<{ result: 'present' | 'moved' } | Trouble>

/** `ghes`: with renames. What it does not show keeps its name. */
export function presentNames({ repository }: Pick<GhesBranches, 'repository'>, now: () => number): PresentName {
  const present = new Map<string, number>()
  return async fullName => {
    if ((present.get(fullName) ?? 0) > now()) return { result: 'present' }
    const answer = await repository(repositoryOf(fullName))
    if (answer.result === 'trouble') return answer
    if (answer.result === 'moved' && answer.to) return { result: 'moved' }
    present.delete(fullName)
    present.set(fullName, now() + NAMED_MS)
    for (const oldest of present.keys()) if (present.size > REMEMBERED) present.delete(oldest)
    return { result: 'present' }
  }
}
