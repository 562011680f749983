// The same change again and again: a branch that is flipped, deleted and made again, and messages that are lost between. By the end of each
// flip the catalog was asked after the branch had come to its commit.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { reportId } from '../../relay/store/ports/inbox.ts'
import { formerMessageId, type PushNotification } from '../../schemas/notification.ts'
import { messageId } from '../support/message-id.ts'
import { notify, report } from '../support/relay-process.ts'
import { locationOf, numberedPush } from './movable-ghes.ts'
import { openRelayFixture, type RelayFixture } from './relay-fixture.ts'

let fixture: RelayFixture
before(async () => {
  fixture = await openRelayFixture({ landing: { firstCheckMs: 20, giveUpAfter: '60s' } })
  // Its branch goes to and fro, so that no commit contains the other.
  fixture.ghes.relation = 'diverged'
})
after(() => fixture?.end())

const NOTHING = '0'.repeat(40)
const [a, b] = ['a'.repeat(40), 'b'.repeat(40)]

/** What is pushed to a repository of its own. */
function changesOf(n: number) {
  const push = numberedPush(n, 1000)
  fixture.catalog.knowLocation(locationOf(push))
  return (before: string, after: string): PushNotification => ({ ...push, before, after })
}

/** Announced with this id, landed, and refreshed after that. */
async function happens(push: PushNotification, id: string): Promise<void> {
  assert.equal((await notify(fixture.relay.listen, push, id)).status, 202)
  await lands(push)
}

async function lands(push: PushNotification): Promise<void> {
  const refreshed = fixture.catalog.nextRefresh(fixture.catalog.knowLocation(locationOf(push)))
  if (push.after === NOTHING) fixture.ghes.heads.delete(`${push.repository} heads/main`)
  else fixture.ghes.land(push)
  await refreshed
}

/** A bound on a wait that has no end where a refresh is missing. */
const BOUND = { timeout: 60_000 }

for (const [which, idOf] of [
  ['an id for each message', (push: PushNotification, n: number) => messageId(push, n)],
  ['the ids of former hooks', (push: PushNotification) => formerMessageId(push)],
] as const) {
  test(`twelve flips, with ${which}: each is refreshed`, BOUND, async () => {
    const change = changesOf(which.length)
    for (let n = 0; n < 12; n++) {
      const push = n % 2 === 0 ? change(a, b) : change(b, a)
      await happens(push, idOf(push, n))
    }
  })

  test(`a branch that is deleted and made again at the same commit, with ${which}`, BOUND, async () => {
    const change = changesOf(100 + which.length)
    for (let n = 0; n < 4; n++) {
      const push = n % 2 === 0 ? change(NOTHING, a) : change(a, NOTHING)
      await happens(push, idOf(push, n))
    }
  })

  test(`A to B, a message that is lost, A to B once more, with ${which}`, BOUND, async () => {
    const change = changesOf(200 + which.length)
    await happens(change(a, b), idOf(change(a, b), 1))
    fixture.ghes.land(change(b, a))
    await happens(change(a, b), idOf(change(a, b), 2))
  })
}

test('flips of which only GHES tells', BOUND, async () => {
  const change = changesOf(300)
  for (let n = 0; n < 8; n++) {
    const push = n % 2 === 0 ? change(a, b) : change(b, a)
    fixture.ghes.land(push)
    const refreshed = fixture.catalog.nextRefresh()
    await report(fixture.relay.listen, push, `flip-${n}`)
    await refreshed
    await fixture.relay.logged(({ id, step }) => id === reportId(`flip-${n}`) && step === 'forwarded')
  }
})
