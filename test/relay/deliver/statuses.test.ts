// What stands beside a commit at GHES: told in its turn, again after a failure, and never of another push.
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { openGhes } from '../../../relay/clients/ghes/ghes.ts'
import type { CommitStatus, GhesStatuses } from '../../../relay/clients/ghes/statuses.ts'
import { tellStatuses } from '../../../relay/deliver/statuses.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import type { AcceptedPush } from '../../../relay/store/ports/inbox.ts'
import type { Reading } from '../../../relay/store/ports/verdicts.ts'
import type { Store } from '../../../relay/store/store.ts'
import { StandIn } from '../../support/stand-in.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { TestClock } from '../clock.ts'
import { openNewStore } from '../new-store.ts'
import { aPush, LEASE, landAll, only } from '../store/contract/fixture.ts'

let folder = ''
let store: Store
let clock: TestClock
let told: (CommitStatus & { sha: string })[] = []
type StatusAnswer = Awaited<ReturnType<GhesStatuses['setStatus']>>
let otherwise: StatusAnswer = { result: 'set' }
/** Of one repository. */
let answers: Record<string, StatusAnswer> = {}
let leave = () => {}
let opened = 0

before(() => {
  folder = temporaryFolder('catalog-gate-statuses-')
})
beforeEach(async () => {
  leave()
  await store?.close()
  clock = new TestClock()
  store = openNewStore({ path: join(folder, `${++opened}.db`), now: clock.now })
  told = []
  otherwise = { result: 'set' }
  answers = {}
  leave = tell(true)
})
after(async () => {
  leave()
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

function tell(hasModule: boolean): () => void {
  return tellStatuses({
    store,
    ghes: {
      setStatus: async ({ repository, sha }, status) => {
        const answer = answers[repository] ?? otherwise
        if (answer.result === 'set') told.push({ sha, ...status })
        return answer
      },
    },
    clock,
    log: openLog({ write() {} }, 'silent'),
    links: { backstage: 'https://backstage.test', page: 'http://relay.test:9090', hasModule },
  })
}

/** Until nothing is due any more: as often as the clock has something to call. */
async function settled(): Promise<void> {
  for (let i = 0; i < 8; i++) {
    clock.pass(5000)
    for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate)
  }
}

async function landed(fields: Partial<AcceptedPush> = {}): Promise<AcceptedPush> {
  const push = aPush(clock, fields)
  await store.accept(push)
  await landAll(store)
  await settled()
  return push
}

const say = async (fields: Partial<Reading> = {}) => {
  const at = { repository: 'acme/payments', tail: 'main/catalog-info.yaml', entity: 'component:default/payments' }
  await store.recordReadings([{ ...at, result: 'accepted', errors: [], atMs: clock.now(), ...fields }])
  await settled()
}
const lines = () =>
  told.map(({ sha, context, state, description }) => `${sha.slice(0, 9)} ${context}: ${state}: ${description}`)
const short = ({ after: sha }: AcceptedPush) => sha.slice(0, 9)

test('pending, then in the catalog; each once; with a link to the entity', async () => {
  const push = await landed()
  clock.pass(1400)
  await say()
  await settled()
  assert.deepEqual(lines().slice(0, 1), [
    `${short(push)} catalog-gate: pending: on the branch; the catalog is asked to read it`,
  ])
  assert.match(lines()[1] ?? '', /catalog-gate: success: in the catalog after [\d.]+ s$/)
  assert.equal(told.length, 2)
  assert.equal(told[1]?.targetUrl, 'https://backstage.test/catalog/default/component/payments')
})

test('a refusal says why, in 140 characters, and leads to the page of the push', async () => {
  const push = await landed()
  await say({ result: 'refused', errors: [`spec.owner: must be a string ${'x'.repeat(500)}`] })
  const last = told.at(-1)
  assert.equal(last?.state, 'failure')
  assert.match(last?.description ?? '', /^refused by the catalog: catalog-info\.yaml: spec\.owner/)
  assert.ok((last?.description.length ?? 0) <= 140)
  assert.equal(last?.targetUrl, `http://relay.test:9090/pushes/${push.id}`)
})

test('another branch: a preview by the gate; on the default branch only that one counts', async () => {
  const verdict = { errors: 1, warnings: 0, first: 'catalog-info.yaml:4:9: name "a b"' }
  const topic = await landed({ ref: 'refs/heads/topic', defaultBranch: false, verdict })
  await landed({ ref: 'refs/heads/silent', defaultBranch: false })
  assert.deepEqual(lines(), [
    `${short(topic)} catalog-gate (preview): failure: the default branch would refuse this: ${verdict.first}`,
  ])
  await landed({ after: topic.after, defaultBranch: true })
  assert.deepEqual(
    told.slice(1).map(({ context, state }) => `${context} ${state}`),
    ['catalog-gate pending', 'catalog-gate (preview) pending'],
  )
})

test('GHES away: told when it is back; what it will never take is left', async () => {
  otherwise = { result: 'trouble', kind: 'down', reason: 'GHES answered 502' }
  const push = await landed()
  assert.deepEqual(lines(), [])
  otherwise = { result: 'set' }
  await settled()
  assert.equal(told[0]?.sha, push.after)
  otherwise = { result: 'refused', reason: 'no such commit' }
  await landed()
  otherwise = { result: 'set' }
  await settled()
  assert.equal(told.length, 1)
})

test('a repository where GHES takes none holds up no other, however many pushes it has', async () => {
  answers['acme/forbidden'] = { result: 'trouble', kind: 'set-up', reason: 'GHES answered 403: ghe.token lacks it' }
  for (let n = 0; n < 25; n++) {
    await store.accept(aPush(clock, { repository: 'acme/forbidden', ref: `refs/heads/b-${n}`, defaultBranch: true }))
  }
  await landAll(store)
  const push = await landed({ repository: 'acme/other' })
  assert.deepEqual(
    told.map(({ sha }) => sha),
    [push.after],
  )
  answers = {}
  await settled()
  await settled()
  assert.equal(told.length, 26)
})

test('many repositories where GHES takes none hold up no other', async () => {
  for (let n = 0; n < 7; n++) {
    const repository = `acme/forbidden-${n}`
    answers[repository] = { result: 'trouble', kind: 'set-up', reason: 'GHES answered 403: ghe.token lacks it' }
    await store.accept(aPush(clock, { repository, defaultBranch: true }))
  }
  const push = await landed({ repository: 'acme/other' })
  assert.deepEqual(
    told.map(({ sha }) => sha),
    [push.after],
  )
})

test('without the module it is said that nothing is known', async () => {
  leave()
  leave = tell(false)
  await landed()
  await store.done(only(await store.claimJobs('refresh', LEASE)), 'refreshed')
  await settled()
  assert.match(
    lines().at(-1) ?? '',
    /success: Backstage was asked to refresh it; what the catalog made of it is not known/,
  )
})

test('without our module: pending while the catalog is read, then what was seen, or what that leaves open', async () => {
  leave()
  leave = tell(false)
  await store.setNote('reading', 'on')
  const [first, second] = [await landed(), await landed()]
  for (const job of await store.claimJobs('refresh', LEASE)) await store.done(job, 'refreshed')
  await settled()
  const stateOf = ({ after }: AcceptedPush) => told.findLast(({ sha }) => sha === after)
  assert.equal(stateOf(second)?.state, 'pending')
  const read = { repository: 'acme/payments', path: 'catalog-info.yaml', atMs: second.firstCheckAtMs + 4000 }
  const words = 'component:default/payments is not in the catalog'
  await store.recordRead({ ...read, pushId: second.id, result: 'not known', words, looksWrong: true })
  await settled()
  const open = `what the catalog has made of it is not known: catalog-info.yaml: ${words}`
  assert.deepEqual([stateOf(second)?.state, stateOf(second)?.description], ['error', open])
  await store.recordRead({ ...read, pushId: second.id, result: 'accepted' })
  await settled()
  const seen = stateOf(second)?.description
  assert.deepEqual([stateOf(second)?.state, seen], ['success', 'as far as can be read, in the catalog after 4.0 s'])
  assert.match(stateOf(first)?.description ?? '', /a later push of the file came before/)
})

test('over HTTP as GHES takes it', async t => {
  const ghes = await new StandIn({ kind: () => 'status', answer: () => ({ status: 201, body: { id: 1 } }) }).start()
  const api = openGhes({ baseUrl: `${ghes.url}/api/v3`, token: () => 'ghe-token', now: Date.now })
  t.after(async () => {
    await api.close()
    await ghes.stop()
  })
  const status = { context: 'catalog-gate', state: 'success', description: 'in the catalog after 1.4 s' } as const
  const commit = { repository: 'acme/payments', sha: 'a'.repeat(40) }
  const set = await api.statuses.setStatus(commit, { ...status, targetUrl: 'https://backstage.test/x' })
  assert.deepEqual(set, { result: 'set' })
  const [request] = ghes.requests('status')
  assert.equal(`${request?.method} ${request?.path}`, `POST /api/v3/repos/acme/payments/statuses/${commit.sha}`)
  assert.deepEqual(JSON.parse(request?.body ?? ''), { ...status, target_url: 'https://backstage.test/x' })
})
