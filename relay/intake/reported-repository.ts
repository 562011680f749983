// What GHES reports of a repository itself is kept as a question: a report may be late or a repetition, and only GHES knows what is true now.
import { type Inbox, noCommits, reportId, type WebhookReceipt } from '../store/ports/inbox.ts'
import type { Report } from './reported-push.ts'
import type { RepositoryEvent } from './webhook-repository.ts'

/** The question is on disk once this resolves. */
export function takeRepositoryEvent(
  store: Pick<Inbox, 'acceptLanded'>,
  { delivery: deliveryId, content }: Report,
  { repository, branch, hint }: RepositoryEvent,
): Promise<WebhookReceipt> {
  const place = { content, repository, ref: `refs/heads/${branch}`, ...noCommits(deliveryId), files: [], isBulk: true }
  const further = { id: reportId(deliveryId), files: [], jobs: [{ kind: 'repository' as const, ...hint }] }
  return store.acceptLanded(deliveryId, { ...place, further })
}
