// End to end: a real relay process, a stand-in GHES over real repositories, a stand-in catalog.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { locationRef } from '../../schemas/entity-ref.ts'
import type { PushNotification } from '../../schemas/notification.ts'
import { messageId } from '../support/message-id.ts'
import { notify } from '../support/relay-process.ts'
import { openRepositoriesFixture, type RepositoriesFixture } from './relay-fixture.ts'

let fixture: RepositoriesFixture
let ghes: RepositoriesFixture['ghes']
let catalog: RepositoriesFixture['catalog']
let relay: RepositoriesFixture['relay']

const opened = (giveUpAfter: string) =>
  openRepositoriesFixture({
    landing: { firstCheckMs: 20, giveUpAfter },
    retry: { firstMs: 20, maxMs: 100, giveUpAfter: '1h' },
  })

before(async () => {
  fixture = await opened('60s')
  ;({ ghes, catalog, relay } = fixture)
})
after(() => fixture?.end())

/** A repository with a first commit, and a push that the hook would announce but that has not landed yet. */
async function pushIn(fullName: string, branch = 'main', path = 'catalog-info.yaml', at = fixture) {
  const repository = await at.host.create(fullName)
  const copy = await repository.clone()
  await copy.change({ 'README.md': 'hello' })
  if (branch !== 'main') {
    await copy.git('checkout', '--quiet', '-b', branch)
    await copy.push()
  }
  const beforeId = await copy.git('rev-parse', 'HEAD')
  await copy.write(path, 'kind: Component\n')
  const afterId = await copy.commit()
  const push: PushNotification = {
    version: 1,
    repository: fullName,
    ref: `refs/heads/${branch}`,
    before: beforeId,
    after: afterId,
    pusher: 'octocat',
    files: [{ path, change: 'added', entities: ['component:default/svc'] }],
  }
  return { repository, copy, push }
}

type PushJson = {
  state: string
  reason?: string
  files: { state: string; outcome?: string }[]
  history: { step: string; detail: string }[]
}

async function settled(push: PushNotification, step: string, at = fixture): Promise<PushJson> {
  const id = messageId(push)
  await at.relay.logged(line => line['id'] === id && line['step'] === step)
  return (await at.relay.get(`/v1/pushes/${id}`)).json as PushJson
}

test('a push that lands is refreshed by its Location, and its way can be read', async () => {
  const { copy, push } = await pushIn('acme/payments')
  const location = catalog.knowLocation('https://ghe.test/acme/payments/blob/main/catalog-info.yaml')
  const refresh = catalog.nextRefresh(location)
  const answer = await notify(relay.listen, push)
  assert.equal(answer.status, 202)
  assert.deepEqual(await answer.json(), { id: messageId(push) })
  await copy.push()
  assert.equal((await refresh).entityRef, location)
  const shown = await settled(push, 'forwarded')
  assert.equal(shown.state, 'forwarded')
  assert.deepEqual(
    shown.files.map(file => [file.state, file.outcome]),
    [['forwarded', 'refreshed its Location https://ghe.test/acme/payments/blob/main/catalog-info.yaml']],
  )
  const steps = shown.history.map(({ step }) => step)
  assert.deepEqual(
    steps.filter(step => step !== 'not landed yet'),
    ['accepted', 'landed', 'forwarded'],
  )
})

test('a push that a later hook refuses is never refreshed', async t => {
  const hasty = await opened('700ms')
  t.after(() => hasty.end())
  const { relay, catalog } = hasty
  const { push } = await pushIn('acme/refused', 'main', 'catalog-info.yaml', hasty)
  const location = catalog.knowLocation('https://ghe.test/acme/refused/blob/main/catalog-info.yaml')
  assert.equal((await notify(relay.listen, push)).status, 202)
  const shown = await settled(push, 'gone', hasty)
  assert.equal(shown.state, 'rejected')
  assert.equal(shown.reason, 'refused by a later hook or overwritten')
  assert.ok(!catalog.refreshes().some(({ entityRef }) => entityRef === location))
})

for (const [branch, path] of [
  ['team/x', 'a b/catalog-info.yaml'],
  ['fix-#1', 'catalog-info.yaml'],
  ['größe/50%', 'süß/catalog-info.yaml'],
] as const) {
  test(`branch ${branch}, path ${path}: found at GHES and under its Location's name`, async () => {
    const name = `acme/names-${Buffer.from(branch).toString('hex')}`
    const { copy, push } = await pushIn(name, branch, path)
    await copy.push()
    const location = locationRef(`https://ghe.test/${name}/blob/${branch}/${path}`)
    catalog.know(location)
    const refresh = catalog.nextRefresh(location)
    assert.equal((await notify(relay.listen, push)).status, 202)
    await refresh
    assert.equal((await settled(push, 'forwarded')).state, 'forwarded')
  })
}

test('a branch that has moved on: found by comparison, on real repositories', async () => {
  const { copy, push } = await pushIn('acme/moved-on')
  await copy.push()
  await copy.change({ 'later.txt': 'later' })
  const refresh = catalog.nextRefresh(
    catalog.knowLocation('https://ghe.test/acme/moved-on/blob/main/catalog-info.yaml'),
  )
  await notify(relay.listen, push)
  await refresh
  const shown = await settled(push, 'forwarded')
  assert.match(shown.history.find(({ step }) => step === 'landed')?.detail ?? '', /which contains/)
  assert.ok(ghes.count('compare') > 0)
})

test('overwritten, branch deleted, repository deleted: rejected, each with its reason', async t => {
  const hasty = await opened('700ms')
  t.after(() => hasty.end())
  const overwritten = await pushIn('acme/overwritten', 'main', 'catalog-info.yaml', hasty)
  await overwritten.copy.push()
  await overwritten.copy.git('reset', '--hard', '--quiet', overwritten.push.before)
  await overwritten.copy.change({ 'other.txt': 'other' }, { force: true })
  const deleted = await pushIn('acme/branch-deleted', 'topic', 'catalog-info.yaml', hasty)
  await deleted.repository.git('update-ref', '-d', 'refs/heads/topic')
  const gone = await pushIn('acme/gone', 'main', 'catalog-info.yaml', hasty)
  await gone.repository.delete()
  const pushes = [overwritten.push, deleted.push, gone.push]
  for (const push of pushes) assert.equal((await notify(hasty.relay.listen, push)).status, 202)
  const reasons = await Promise.all(pushes.map(async push => (await settled(push, 'gone', hasty)).reason))
  assert.deepEqual(reasons, [
    'refused by a later hook or overwritten',
    'branch deleted',
    'repository deleted (or ghe.token is not allowed to read it)',
  ])
})
