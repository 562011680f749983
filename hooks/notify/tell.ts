// An accepted push → its messages to the relay, and a line when they could not be delivered.
import type { Connection, Delivery } from './connection.ts'
import { type AcceptedUpdate, messageFor } from './message.ts'
import { newMessageId } from './signing.ts'

/** One message an update, waited for `waitMs` at most. Gives what the pusher is to read of it, mostly nothing. */
export async function tellRelay(
  connection: Connection,
  updates: readonly AcceptedUpdate[],
  waitMs: number,
): Promise<string> {
  const [first] = updates
  if (first === undefined || first.repository === '') {
    connection.close()
    return first === undefined
      ? ''
      : 'warning: catalog-gate: GITHUB_REPO_NAME is not set; the relay was not told of this push\n'
  }
  const messages = updates.map(update => ({ id: newMessageId(), ...messageFor(update) }))
  const delivery = await connection.deliver(messages, waitMs)
  return delivery.result === 'stored'
    ? ''
    : `warning: catalog-gate: ${trouble(delivery)}; Backstage learns of this push later\n`
}

function trouble(delivery: Exclude<Delivery, { result: 'stored' }>): string {
  if (delivery.result === 'unconfirmed') return 'the relay did not answer in time'
  if (delivery.result === 'refused') return `the relay refused the message (${delivery.status})`
  return `the relay cannot be reached (${delivery.reason})`
}
