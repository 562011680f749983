// What a chat is told, when, and how often; by a clock that the test owns, on a real store, and over real HTTP once.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { openChat } from '../../../relay/clients/chat.ts'
import type { TargetHealth } from '../../../relay/deliver/target.ts'
import type { ChatMessage, Said } from '../../../relay/runtime/chat-message.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import type { Store } from '../../../relay/store/store.ts'
import { watchForChat } from '../../../relay/watch/chat.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { TestClock } from '../clock.ts'
import { openNewStore } from '../new-store.ts'
import { aPush, LEASE, landAll } from '../store/contract/fixture.ts'

const MINUTE = 60_000
let folder = ''
let store: Store
let clock: TestClock
let said: ChatMessage[] = []
let answer: Said = { result: 'said' }
let health: TargetHealth = { state: 'closed' }
let leave = () => {}
/** As it is counted. */
let told: string[] = []

before(() => {
  folder = temporaryFolder('catalog-gate-chat-')
})
let opened = 0
beforeEach(async () => {
  leave()
  await store?.close()
  clock = new TestClock()
  store = openNewStore({ path: join(folder, `${++opened}.db`), now: clock.now })
  said = []
  told = []
  answer = { result: 'said' }
  health = { state: 'closed' }
  leave = watch()
})
after(async () => {
  leave()
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

function watch(): () => void {
  return watchForChat({
    store,
    say: async message => {
      if (answer.result === 'said') said.push(message)
      return answer
    },
    targetHealth: () => ({ ghe: { state: 'unasked' }, backstage: health }),
    clock,
    log: openLog({ write() {} }, 'silent'),
    tell: event => void told.push(event.event === 'chat' ? event.result : event.event),
    afterMs: 10 * MINUTE,
    ghesUrl: 'https://ghe.test',
  })
}

async function pass(ms: number): Promise<void> {
  for (const untilMs = clock.now() + ms; clock.now() < untilMs; ) {
    clock.pass(Math.max(1, Math.min(clock.nextTimerAtMs ?? untilMs, untilMs) - clock.now()))
    for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
  }
}

const texts = () => said.map(({ text }) => text)

async function dead(repository: string): Promise<void> {
  await store.accept(aPush(clock, { repository }))
  await landAll(store)
  for (const job of await store.claimJobs('refresh', LEASE)) await store.giveUp(job, 'Backstage answered 500')
}

test('dead letters and bypasses, each once, many at a time as one; not those of before', async () => {
  await dead('acme/old')
  await pass(MINUTE)
  assert.deepEqual(texts(), [])
  await dead('acme/a')
  await store.accept(
    aPush(clock, {
      repository: 'acme/b',
      bypass: 'incident 4711',
      pusher: 'mona',
      firstCheckAtMs: clock.now() + 60 * MINUTE,
    }),
  )
  await pass(MINUTE)
  assert.deepEqual(
    texts().map(text => text.replace(/at \w{8}/, 'at COMMIT')),
    [
      'catalog-gate: acme/a at COMMIT was given up: catalog-info.yaml: Backstage answered 500',
      'catalog-gate: mona went past the gate with acme/b at COMMIT: incident 4711',
    ],
  )
  const [push] = said[1]?.pushes ?? []
  assert.equal(push?.commitUrl, `https://ghe.test/acme/b/commit/${push?.after}`)
  assert.deepEqual(
    [push?.repository, push?.pusher, push?.bypass, said[1]?.event],
    ['acme/b', 'mona', 'incident 4711', 'bypass'],
  )
  for (let i = 0; i < 15; i++) await dead(`acme/many-${i}`)
  await pass(MINUTE)
  assert.equal(said.length, 3)
  assert.deepEqual([said[2]?.count, said[2]?.pushes?.length], [15, 10])
  assert.match(said[2]?.text ?? '', /^catalog-gate: 15 pushes given up\. The latest: acme\/many-14 at /)
})

test('a target that is down for longer than `after`, once, and that it works again; a shorter outage is nobody’s business', async () => {
  await pass(MINUTE)
  health = { state: 'open', reason: 'nothing listens', untilMs: 0 }
  await pass(9 * MINUTE)
  health = { state: 'closed' }
  await pass(MINUTE)
  assert.deepEqual(texts(), [])
  health = { state: 'half-open', reason: 'nothing listens' }
  await pass(30 * MINUTE)
  health = { state: 'closed' }
  await pass(MINUTE)
  assert.deepEqual(
    said.map(({ event, target }) => [event, target]),
    [
      ['down', 'backstage'],
      ['works', 'backstage'],
    ],
  )
  assert.match(
    texts()[0] ?? '',
    /^catalog-gate: Backstage has not worked for 10 minutes: nothing listens\. Pushes wait; none is lost\.$/,
  )
})

test('what the chat does not take is tried again, also by the next process; what it took is not', async () => {
  await pass(MINUTE)
  answer = { result: 'failed', reason: 'it answered 503' }
  await dead('acme/a')
  await pass(10 * MINUTE)
  leave()
  answer = { result: 'said' }
  leave = watch()
  await pass(2 * MINUTE)
  leave()
  leave = watch()
  await pass(2 * MINUTE)
  assert.equal(said.length, 1)
  assert.ok(told.filter(result => result === 'failed').length >= 9)
  assert.deepEqual(
    told.filter(result => result !== 'failed'),
    ['sent'],
  )
})

test('over HTTP: JSON, 2xx is taken, and no reason names the address', async () => {
  const bodies: unknown[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      bodies.push(JSON.parse(Buffer.concat(chunks).toString('utf8')))
      response.writeHead(request.url === '/hook/secret?x=1' ? 204 : 404).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const message: ChatMessage = { text: 'hello', event: 'works', at: '2026-01-01T00:00:00Z', target: 'ghe' }
  const say = (path: string, to = port) => openChat(() => `http://127.0.0.1:${to}/${path}`)(message)
  assert.deepEqual(await say('hook/secret?x=1'), { result: 'said' })
  assert.deepEqual(bodies, [message])
  assert.deepEqual(await say('elsewhere'), { result: 'failed', reason: 'it answered 404' })
  server.close()
  const refused = await say('hook/secret', 1)
  assert.ok(refused.result === 'failed' && !refused.reason.includes('secret'), JSON.stringify(refused))
})
