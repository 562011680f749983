// What GHES reports of a push becomes work: proof of landing for what the hook announced, and the files that nobody announced.
import { type AskedJob, type Inbox, reportId, type WebhookReceipt } from '../store/ports/inbox.ts'
import type { KnownFiles } from '../store/ports/known-files.ts'
import { filesOf } from './refreshed-files.ts'
import type { ReportedPush } from './webhook-push.ts'

export type ReportedPushEdges = {
  store: KnownFiles & Pick<Inbox, 'acceptLanded' | 'announced'>
  isCatalogFile: (path: string) => boolean
}

/** The id of the delivery, and a hash of what it says. */
export type Report = { delivery: string; content: string }

/**
 * The push is on disk once this resolves. What goes beyond an announced push (a catalog file whose placeholder names what has changed; the question which files
 * an incomplete list leaves out) becomes a push of its own.
 */
export async function takeReportedPush(
  { store, isCatalogFile }: ReportedPushEdges,
  { delivery: deliveryId, content }: Report,
  reported: ReportedPush,
): Promise<WebhookReceipt> {
  const { repository, ref, before, after, defaultBranch, pusher, changes } = reported
  const base = {
    content,
    repository,
    ref,
    before,
    after,
    ...(defaultBranch === undefined ? {} : { defaultBranch }),
    ...(pusher === undefined ? {} : { pusher }),
  }
  const announced = await store.announced(base)
  const id = announced[0]?.id ?? reportId(deliveryId)
  const known = (await store.knownFiles(repository)).filter(file => file.ref === ref)
  const question = compareQuestion(reported, known.length)
  if (question !== undefined) {
    const further = { id: `${id}_compare`, files: [], jobs: [question] }
    return store.acceptLanded(deliveryId, { ...base, files: [], further })
  }
  const referencing = changes.size === 0 ? [] : await store.filesReferencing(repository, ref, [...changes.keys()])
  const files = filesOf(reported, { isCatalogFile, known, referencing })
  if (announced.length === 0) return store.acceptLanded(deliveryId, { ...base, files })
  const announcedPaths = new Set(announced.flatMap(({ paths }) => paths))
  const more = files.filter(({ path }) => !announcedPaths.has(path))
  const further = more.length === 0 ? {} : { further: { id: `${id}_further`, files: more } }
  return store.acceptLanded(deliveryId, { ...base, files: [], ...further })
}

/**
 * What to ask GHES when the lists are not whole; undefined when there is no need. Feature branches are forced all day long: for
 * them it is asked only where the catalog has a file of that branch.
 */
function compareQuestion(reported: ReportedPush, known: number): AskedJob | undefined {
  const { incomplete, defaultBranch, kind, changes } = reported
  // Made where another branch stands, it has no commits of its own.
  const isUntold = kind === 'created' && defaultBranch === true && changes.size === 0
  if (incomplete === undefined && !isUntold) return undefined
  if (incomplete === 'forced' && defaultBranch === false && known === 0) return undefined
  const base = kind === 'created' ? baseOfNew(reported) : reported.before
  return base === undefined ? undefined : { kind: 'compare', base, head: reported.after }
}

/** A new branch is compared with the default branch, and a new default branch with nothing: all that is in it is new. */
const baseOfNew = ({ before, defaultBranch, defaultBranchName }: ReportedPush) =>
  defaultBranch === false ? defaultBranchName : defaultBranch ? before : undefined
