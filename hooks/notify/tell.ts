// An accepted push → its messages to the relay, and a line when they could not be delivered.
import type { Connection, Delivery } from './connection.ts'
import { type AcceptedUpdate, messagesFor } from './message.ts'
import { newMessageId } from './signing.ts'

/**
 * Gives what the pusher is to read of it, mostly nothing. Four messages, a quarter of a megabyte, are waited for `waitMs`; more of them longer, `mostMs` and eight times
 * as long at the most.
 */
export async function tellRelay(
  connection: Connection,
  updates: readonly AcceptedUpdate[],
  { waitMs, mostMs }: { waitMs: number; mostMs: number },
): Promise<string> {
  const [first] = updates
  if (first === undefined || first.repository === '') {
    connection.close()
    return first === undefined
      ? ''
      : 'warning: catalog-gate: GITHUB_REPO_NAME is not set; the relay was not told of this push\n'
  }
  const messages = updates.flatMap(messagesFor).map(message => ({ id: newMessageId(), ...message }))
  const answersMs = waitMs * Math.min(8, Math.ceil(messages.length / 4))
  const delivery = await connection.deliver(messages, {
    connectMs: Math.min(waitMs, mostMs),
    answersMs: Math.min(answersMs, mostMs),
  })
  return delivery.result === 'stored'
    ? ''
    : `warning: catalog-gate: ${trouble(delivery)}; Backstage learns of this push later\n`
}

function trouble(delivery: Exclude<Delivery, { result: 'stored' }>): string {
  if (delivery.result === 'unconfirmed') return 'the relay did not answer in time'
  if (delivery.result === 'refused') return `the relay refused the message (${delivery.status})`
  return `the relay cannot be reached (${delivery.reason})`
}
