// The id of a test's message: random to look at, and known to whoever has the push.
import { createHash } from 'node:crypto'
import type { PushNotification } from '../../schemas/notification.ts'

/** `event` tells apart messages of the same change. */
export function messageId(
  { repository, ref, before, after }: Pick<PushNotification, 'repository' | 'ref' | 'before' | 'after'>,
  event = 1,
): string {
  const digest = createHash('sha256').update([event, repository, ref, before, after].join(' ')).digest('hex')
  return `msg_${digest.slice(0, 32)}`
}
