// Something in between answers in the place of GHES or Backstage for longer than any patience of ours: no push is lost, rejected or dead by it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { FOREIGN_ANSWERS } from '../support/foreign-answers.ts'
import { messageId } from '../support/message-id.ts'
import { notify } from '../support/relay-process.ts'
import { anyKind } from '../support/stand-in.ts'
import { locationOf, numberedPush } from './movable-ghes.ts'
import { openRelayFixture, type RelayFixture } from './relay-fixture.ts'

let fixture: RelayFixture
before(async () => {
  fixture = await openRelayFixture({
    // Both run out while the answers below last.
    landing: { firstCheckMs: 1, giveUpAfter: '20ms' },
    retry: { firstMs: 1, maxMs: 20, giveUpAfter: '20ms' },
  })
})
after(() => fixture?.end())

const TIMES = 6
/** One of each status: which of them are foreign is for the tests of both clients. */
const ONE_OF_EACH = new Map(Object.entries(FOREIGN_ANSWERS).map(([who, answer]) => [answer.status, { who, answer }]))
for (const [n, { who, answer }] of [...ONE_OF_EACH.values()].entries()) {
  test(`${who}: in the place of Backstage`, { timeout: 60_000 }, async () => {
    const push = numberedPush(1000 + n, 10_000)
    const location = fixture.catalog.knowLocation(locationOf(push))
    fixture.ghes.land(push)
    fixture.catalog.failNext('refresh', answer, TIMES)
    await notify(fixture.relay.listen, push)
    await fixture.catalog.nextRefresh(location)
    const held = await fixture.relay.logged(({ id, step }) => id === messageId(push) && step === 'held up')
    assert.match(String(held['detail']), new RegExp(`^Backstage answered ${answer.status}, `))
    const state = await fixture.relay.logged(
      ({ id, step }) => id === messageId(push) && ['forwarded', 'dead'].includes(String(step)),
    )
    assert.equal(state['step'], 'forwarded')
  })

  test(`${who}: in the place of GHES`, { timeout: 60_000 }, async () => {
    const push = numberedPush(n + 1, 10_000)
    fixture.catalog.knowLocation(locationOf(push))
    fixture.ghes.land(push)
    fixture.ghes.failNext(anyKind, answer, TIMES)
    await notify(fixture.relay.listen, push)
    const ended = await fixture.relay.logged(
      ({ id, step }) => id === messageId(push) && ['forwarded', 'gone', 'dead'].includes(String(step)),
    )
    assert.equal(ended['step'], 'forwarded')
  })
}

test('a proxy’s maintenance page that names an hour does not keep us away from Backstage for it', {
  timeout: 60_000,
}, async () => {
  const push = numberedPush(999, 10_000)
  fixture.catalog.knowLocation(locationOf(push))
  fixture.ghes.land(push)
  const headers = { 'content-type': 'text/html', 'retry-after': '3600' }
  fixture.catalog.failNext('refresh', { status: 503, headers, body: '<html>Back soon</html>' }, 2)
  await notify(fixture.relay.listen, push)
  const ended = await fixture.relay.logged(
    ({ id, step }) => id === messageId(push) && ['forwarded', 'dead'].includes(String(step)),
  )
  assert.equal(ended['step'], 'forwarded')
})
