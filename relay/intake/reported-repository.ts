// What became of a repository becomes work: its name in what waits, and refreshes by which the catalog notices.
import { createHash } from 'node:crypto'
import type { NotifiedFile } from '../../schemas/notification.ts'
import type { Notes } from '../store/ports/coordination.ts'
import type { Inbox, Repositories } from '../store/ports/inbox.ts'
import type { KnownFile, KnownFiles } from '../store/ports/known-files.ts'
import type { RepositoryEvent } from './webhook-repository.ts'

type RepositoryStore = Repositories & Notes & Pick<Inbox & KnownFiles, 'acceptLanded' | 'knownFiles'>

/** Resolves once all is on disk. Each step may be repeated: a delivery that broke off in the middle is done again as a whole. */
export async function takeRepositoryEvent(
  store: RepositoryStore,
  deliveryId: string,
  event: RepositoryEvent,
): Promise<{ refreshes: number }> {
  const acts = await actsOf(store, event)
  let refreshes = 0
  for (const [i, act] of acts.entries()) {
    if (act.files.length === 0) continue
    const receipt = await store.acceptLanded(`${deliveryId}#${i}`, {
      ...act,
      ...commitsOf(`${deliveryId}#${i}`),
      isBulk: true,
    })
    if (receipt.result === 'stored') refreshes += act.files.length
  }
  // Last, since it forgets the files: a delivery that broke off before is done again as a whole.
  if (event.what === 'archived' || event.what === 'deleted')
    await store.closeRepository(event.repository, `the repository was ${event.what}`)
  return { refreshes }
}

const archiveNote = (repository: string) => `archived:${repository}`

async function archivedFiles(store: Notes, repository: string): Promise<KnownFile[]> {
  const text = await store.note(archiveNote(repository))
  return text === undefined ? [] : (JSON.parse(text) as KnownFile[]) // our own writing
}

type Act = { repository: string; ref: string; defaultBranch: boolean; files: NotifiedFile[] }

async function actsOf(store: RepositoryStore, event: RepositoryEvent): Promise<Act[]> {
  switch (event.what) {
    case 'moved': {
      const before = await store.knownFiles(event.from)
      await store.renameRepository(event.from, event.repository)
      // Already moved, when a delivery is done again that broke off here.
      const known = before.length > 0 ? before : await store.knownFiles(event.repository)
      return [
        ...byRef(event.from, known, 'removed', event.defaultBranch),
        ...byRef(event.repository, known, 'added', event.defaultBranch),
      ]
    }
    case 'archived':
    case 'deleted': {
      const known = await store.knownFiles(event.repository)
      // An archived repository may come back, with what it held.
      if (known.length > 0) await store.setNote(archiveNote(event.repository), JSON.stringify(known))
      return byRef(event.repository, known, 'removed')
    }
    case 'unarchived':
      return byRef(event.repository, await archivedFiles(store, event.repository), 'added', event.defaultBranch)
    case 'default branch changed': {
      const known = await store.knownFiles(event.repository)
      const before = known.filter(({ ref }) => ref === `refs/heads/${event.from}`)
      const ref = `refs/heads/${event.defaultBranch}`
      // A Location's URL carries the branch: the file has another Location there, and maybe another content.
      const files = filesAs(before, 'added').map(({ blob: _, ...file }) => file)
      const there: Act = { repository: event.repository, ref, defaultBranch: true, files }
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
  known.map(({ path, blob, entities }) => ({ path, change, entities, ...(blob === undefined ? {} : { blob }) }))

/** Nothing was pushed, so there are no commits to name; an id of the event itself keeps two of the same kind apart. */
function commitsOf(deliveryId: string): { before: string; after: string } {
  const id = createHash('sha1').update(deliveryId).digest('hex')
  return { before: id, after: id }
}
