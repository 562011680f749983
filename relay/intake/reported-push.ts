// What GHES reports of a push becomes work: proof of landing for what the hook announced, and the files that nobody announced.
import { messageId } from '../../schemas/notification.ts'
import type { AskedJob, Inbox, WebhookReceipt } from '../store/ports/inbox.ts'
import type { KnownFiles } from '../store/ports/known-files.ts'
import type { Records } from '../store/ports/records.ts'
import { filesOf } from './refreshed-files.ts'
import type { ReportedPush } from './webhook-push.ts'

export type ReportedPushEdges = {
  store: KnownFiles & Pick<Inbox & Records, 'accept' | 'acceptLanded' | 'push'>
  isCatalogFile: (path: string) => boolean
  /** When the landing of what is added here is looked for, should the next step be lost in a crash. */
  firstCheckAtMs: number
}

/**
 * The push is on disk once this resolves. What goes beyond an announced push (a catalog file whose placeholder names what has
 * changed; the question which files an incomplete list leaves out) is accepted as a push of its own, before the report lands all that waits at this commit: a crash
 * between the two leaves it to the landing check.
 */
export async function takeReportedPush(
  { store, isCatalogFile, firstCheckAtMs }: ReportedPushEdges,
  deliveryId: string,
  reported: ReportedPush,
): Promise<WebhookReceipt> {
  const { repository, ref, before, after, defaultBranch, pusher, changes } = reported
  const base = {
    repository,
    ref,
    before,
    after,
    ...(defaultBranch === undefined ? {} : { defaultBranch }),
    ...(pusher === undefined ? {} : { pusher }),
  }
  const id = messageId(base)
  const known = (await store.knownFiles(repository)).filter(file => file.ref === ref)
  const question = compareQuestion(reported, known.length)
  if (question !== undefined) {
    await store.accept({ ...base, id: `${id}_compare`, firstCheckAtMs, files: [], jobs: [question] })
    return store.acceptLanded(deliveryId, { ...base, files: [] })
  }
  const referencing = changes.size === 0 ? [] : await store.filesReferencing(repository, ref, [...changes.keys()])
  const files = filesOf(reported, { isCatalogFile, known, referencing })
  const announced = files.length === 0 ? undefined : await store.push(id)
  if (!announced) return store.acceptLanded(deliveryId, { ...base, files })
  const announcedPaths = new Set(announced.files.map(({ path }) => path))
  const further = files.filter(({ path }) => !announcedPaths.has(path))
  if (further.length > 0) await store.accept({ ...base, id: `${id}_further`, firstCheckAtMs, files: further })
  return store.acceptLanded(deliveryId, { ...base, files: [] })
}

/**
 * What to ask GHES when the lists are not whole; undefined when there is no need. Feature branches are forced all day long: for
 * them it is asked only where the catalog has a file of that branch.
 */
function compareQuestion(reported: ReportedPush, known: number): AskedJob | undefined {
  const { incomplete, defaultBranch, kind } = reported
  if (incomplete === undefined) return undefined
  if (incomplete === 'forced' && defaultBranch === false && known === 0) return undefined
  const base = kind === 'created' ? baseOfNew(reported) : reported.before
  return base === undefined ? undefined : { kind: 'compare', base, head: reported.after }
}

/** A new branch is compared with the default branch; there is nothing to compare a new default branch with. */
const baseOfNew = ({ defaultBranch, defaultBranchName }: ReportedPush) =>
  defaultBranch === false ? defaultBranchName : undefined
