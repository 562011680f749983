// GHES's own word: no polling for what it has reported, and nothing lost of what the hook could not announce.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { reportId } from '../../relay/store/ports/inbox.ts'
import { locationRef } from '../../schemas/entity-ref.ts'
import { messageId } from '../support/message-id.ts'
import { notify, report } from '../support/relay-process.ts'
import { deliver, pushPayload, repositoryPayload } from '../support/webhook.ts'
import { locationOf, numberedPush } from './movable-ghes.ts'
import { openRelayFixture, type RelayFixture } from './relay-fixture.ts'

let fixture: RelayFixture
let ghes: RelayFixture['ghes']
let catalog: RelayFixture['catalog']
let relay: RelayFixture['relay']

before(async () => {
  fixture = await openRelayFixture({
    // So late that only a webhook can be what moved the push on.
    landing: { firstCheckMs: 60_000, giveUpAfter: '60s' },
  })
  ;({ ghes, catalog, relay } = fixture)
})
after(() => fixture?.end())

test('the webhook is proof of landing: refreshed at once, GHES is asked nothing', async () => {
  const push = numberedPush(1, 10)
  const refresh = catalog.nextRefresh(catalog.knowLocation(locationOf(push)))
  await notify(relay.listen, push)
  assert.equal((await report(relay.listen, push, 'd1')).status, 202)
  await refresh
  await relay.logged(line => line['id'] === messageId(push) && line['step'] === 'forwarded')
  assert.equal(ghes.count('ref'), 0)
})

test('what the hook could not announce is refreshed by the webhook alone; a redelivery does nothing more', async () => {
  const push = numberedPush(2, 10)
  const location = catalog.knowLocation(locationOf(push))
  const refresh = catalog.nextRefresh(location)
  await report(relay.listen, push, 'd2')
  await refresh
  await relay.logged(line => line['id'] === reportId('d2') && line['step'] === 'forwarded')
  assert.deepEqual(await (await report(relay.listen, push, 'd2')).json(), { status: 'known' })
  assert.equal(catalog.refreshes().filter(({ entityRef }) => entityRef === locationRef(locationOf(push))).length, 1)
})

test('something else under a known id is taken in, by webhook and by hook', async () => {
  const [one, other] = [numberedPush(5, 10), numberedPush(6, 10)]
  const refreshes = [one, other].map(push => catalog.nextRefresh(catalog.knowLocation(locationOf(push))))
  for (const push of [one, other, one, other]) await report(relay.listen, push, 'of-two')
  await Promise.all(refreshes)
  const [first, second] = [numberedPush(7, 10), numberedPush(8, 10)]
  const ids: string[] = []
  for (const push of [first, second, second])
    ids.push(((await (await notify(relay.listen, push, messageId(first))).json()) as { id: string }).id)
  assert.deepEqual([ids[0], ids[1]], [messageId(first), ids[2]])
  const refresh = catalog.nextRefresh(catalog.knowLocation(locationOf(second)))
  await report(relay.listen, second, 'of-the-second')
  await refresh
  await relay.logged(({ id, step }) => id === ids[1] && step === 'forwarded')
})

test('a quoted file that changes refreshes the catalog file that quotes it, each time', async () => {
  const [file] = numberedPush(3, 10).files
  assert.ok(file)
  const push = { ...numberedPush(3, 10), files: [{ ...file, references: ['openapi.yaml'] }] }
  const { repository } = push
  const location = catalog.knowLocation(locationOf(push))
  const first = catalog.nextRefresh(location)
  await notify(relay.listen, push)
  await report(relay.listen, push, 'quoting-0')
  await first
  await relay.logged(line => line['id'] === messageId(push) && line['step'] === 'forwarded')
  for (const [from, to] of [
    ['a', 'b'],
    ['b', 'c'],
  ] as const) {
    const [before, after] = [from.repeat(40), to.repeat(40)]
    const refresh = catalog.nextRefresh(location)
    const commits = [{ modified: ['openapi.yaml'] }]
    await deliver(relay.listen, 'push', pushPayload({ repository, before, after, commits }), { id: `quoting-${to}` })
    await refresh
    const id = reportId(`quoting-${to}`)
    await relay.logged(line => line['id'] === id && line['step'] === 'forwarded')
  }
})

test('a repository that is renamed is refreshed under both names', async () => {
  const push = numberedPush(4, 10)
  const moved = { ...push, repository: 'acme/renamed' }
  const refreshed = catalog.nextRefresh(catalog.knowLocation(locationOf(push)))
  await report(relay.listen, push, 'before-renaming')
  await refreshed
  await relay.logged(line => line['id'] === reportId('before-renaming') && line['step'] === 'forwarded')
  const both = [push, moved].map(one => catalog.nextRefresh(catalog.knowLocation(locationOf(one))))
  const name = push.repository.slice('acme/'.length)
  const payload = repositoryPayload('renamed', moved.repository, { repository: { name: { from: name } } })
  ghes.renamed.set(push.repository, moved.repository)
  const answer = await deliver(relay.listen, 'repository', payload)
  assert.deepEqual(await answer.json(), { status: 'accepted' })
  await Promise.all(both)
})
