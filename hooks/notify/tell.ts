// An accepted push → its messages to the relay, and a line when they could not be delivered.
import type { Connection, Delivery } from './connection.ts'
import { type AcceptedUpdate, messagesFor } from './message.ts'
import { newMessageId } from './signing.ts'

/** What a push of some branches gives: a quarter of a megabyte at the most. */
const FEW = 4
const MOST_TIMES = 10

/**
 * Gives what the pusher is to read of it, mostly nothing. A few messages are waited for `waitMs`; of more, each as long, but no longer than `mostMs` and ten times.
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
  const answersMs = waitMs * (messages.length <= FEW ? 1 : Math.min(MOST_TIMES, messages.length))
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
