// What became of a repository becomes work: its name in what waits, and refreshes by which the catalog notices.
import { createHash } from 'node:crypto'
import type { NotifiedFile } from '../../schemas/notification.ts'
import type { Store } from '../store/store.ts'
import { type Known, knownIn } from './known.ts'
import type { RepositoryEvent } from './webhook-repository.ts'

type KnownFile = Awaited<ReturnType<Known['knownFiles']>>[number]

/** Resolves once all is on disk. Each step may be repeated: a delivery that broke off in the middle is done again as a whole. */
export async function takeRepositoryEvent(
  store: Store,
  deliveryId: string,
  event: RepositoryEvent,
): Promise<{ refreshes: number }> {
  const acts = await actsOf(store, event)
  let refreshes = 0
  for (const [i, act] of acts.entries()) {
    if (act.files.length === 0) continue
    const receipt = await store.acceptLanded(`${deliveryId}#${i}`, { ...act, ...commitsOf(`${deliveryId}#${i}`) })
    if (receipt.result === 'stored') refreshes += act.files.length
  }
  return { refreshes }
}

type Act = { repository: string; ref: string; defaultBranch: boolean; files: NotifiedFile[] }

async function actsOf(store: Store, event: RepositoryEvent): Promise<Act[]> {
  switch (event.what) {
    case 'moved': {
      const before = await knownIn(store).knownFiles(event.from)
      await knownIn(store).renameRepository(event.from, event.repository)
      // Already moved, when a delivery is done again that broke off here.
      const known = before.length > 0 ? before : await knownIn(store).knownFiles(event.repository)
      return [
        ...byRef(event.from, known, 'removed', event.defaultBranch),
        ...byRef(event.repository, known, 'added', event.defaultBranch),
      ]
    }
    case 'archived':
    case 'deleted': {
      const known = await knownIn(store).knownFiles(event.repository)
      await knownIn(store).closeRepository(event.repository, `the repository was ${event.what}`)
      return byRef(event.repository, known, 'removed')
    }
    case 'unarchived':
      return byRef(event.repository, await knownIn(store).knownFiles(event.repository), 'modified', event.defaultBranch)
    case 'default branch changed': {
      const known = await knownIn(store).knownFiles(event.repository)
      const before = known.filter(({ ref }) => ref === `refs/heads/${event.from}`)
      const ref = `refs/heads/${event.defaultBranch}`
      // A Location's URL carries the branch: the file has another Location there.
      const there: Act = { repository: event.repository, ref, defaultBranch: true, files: filesAs(before, 'added') }
      return [there, ...byRef(event.repository, before, 'modified', event.defaultBranch)]
    }
  }
}

function byRef(repository: string, known: KnownFile[], change: NotifiedFile['change'], defaultBranch?: string): Act[] {
  const refs = Map.groupBy(known, ({ ref }) => ref)
  return [...refs].map(([ref, files]) => ({
    repository,
    ref,
    defaultBranch: defaultBranch === undefined || ref === `refs/heads/${defaultBranch}`,
    files: filesAs(files, change),
  }))
}

const filesAs = (known: KnownFile[], change: NotifiedFile['change']): NotifiedFile[] =>
  known.map(({ path }) => ({ path, change }))

/** Nothing was pushed, so there are no commits to name; an id of the event itself keeps two of the same kind apart. */
function commitsOf(deliveryId: string): { before: string; after: string } {
  const id = createHash('sha1').update(deliveryId).digest('hex')
  return { before: id, after: id }
}
