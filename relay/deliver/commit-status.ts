// What a push is as a commit status: a function over values.
import { cutText } from '../../schemas/text.ts'
import type { CommitStatus } from '../clients/ghes/statuses.ts'
import { notKnownWords, verdictWords } from '../runtime/verdict-words.ts'
import type { StatusDue } from '../store/ports/statuses.ts'

const CONTEXT = 'catalog-gate'
const PREVIEW = 'catalog-gate (preview)'
const DESCRIPTION = 140

export type StatusLinks = {
  /** Backstage as people see it. */
  backstage: string
  /** The status page, where people have a name for it. */
  page?: string
  /** Our module says what the catalog makes of files. */
  hasModule: boolean
  /** Without it, the catalog is read for it. */
  isRead: boolean
}

/** One where there is something to say; a second one for a preview that the default branch has overtaken. */
export function statusesOf(push: StatusDue, links: StatusLinks): CommitStatus[] {
  if (!push.isDefaultBranch) return push.isElsewhere ? [] : previewOf(push, links)
  const status = { context: CONTEXT, ...ofDefaultBranch(push, links) }
  const told = cut({ ...status, ...linkOf(push, status.state === 'success', links) })
  // Only what the default branch says counts from now on.
  return push.isElsewhere ? [told, { ...told, context: PREVIEW }] : [told]
}

function ofDefaultBranch(
  { verdict, notKnown, state, isSuperseded, hasContent }: StatusDue,
  { hasModule, isRead }: StatusLinks,
): Pick<CommitStatus, 'state' | 'description'> {
  if (verdict)
    return { state: verdict.result === 'accepted' ? 'success' : 'failure', description: verdictWords(verdict) }
  if (notKnown) return { state: notKnown.looksWrong ? 'error' : 'success', description: notKnownWords(notKnown) }
  if (state === 'dead') return { state: 'error', description: 'Backstage could not be asked to refresh it' }
  if (state === 'unknown') return { state: 'error', description: 'the catalog does not know the file' }
  if (state === 'forwarded' && isSuperseded)
    return { state: 'success', description: 'a later push of the file came before the catalog has read this one' }
  if (state === 'forwarded' && !hasModule && !(isRead && hasContent))
    return {
      state: 'success',
      description: 'Backstage was asked to refresh it; what the catalog made of it is not known',
    }
  return { state: 'pending', description: 'on the branch; the catalog is asked to read it' }
}

function previewOf(push: StatusDue, links: StatusLinks): CommitStatus[] {
  const { said } = push
  if (said === undefined) return []
  const status =
    said.errors > 0
      ? { state: 'failure' as const, description: `the default branch would refuse this: ${said.first ?? ''}` }
      : { state: 'success' as const, description: 'the default branch would accept this' }
  return [cut({ ...status, context: PREVIEW, ...pageOf(push, links) })]
}

const cut = (status: CommitStatus): CommitStatus => ({
  ...status,
  description: cutText(status.description.replaceAll(/\s+/g, ' '), DESCRIPTION),
})

const pageOf = ({ id }: StatusDue, { page }: StatusLinks) =>
  page === undefined ? {} : { targetUrl: `${page}/pushes/${encodeURIComponent(id)}` }

function linkOf(push: StatusDue, isGood: boolean, links: StatusLinks): { targetUrl?: string } {
  const [, kind = '', namespace = '', name = ''] = /^([^:]+):([^/]+)\/(.+)$/.exec(push.entities[0] ?? '') ?? []
  const page = pageOf(push, links)
  if ((!isGood && page.targetUrl !== undefined) || name === '') return page
  return { targetUrl: `${links.backstage}/catalog/${[namespace, kind, name].map(encodeURIComponent).join('/')}` }
}
