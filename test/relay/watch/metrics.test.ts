// What Prometheus reads of a real relay: a push's way moves the series that stand for it, and no others.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { reportId } from '../../../relay/store/ports/inbox.ts'
import { METRIC_PREFIX, METRICS, openMetrics } from '../../../relay/watch/metrics.ts'
import { serverError } from '../../support/catalog.ts'
import { messageId } from '../../support/message-id.ts'
import { ADMIN_TOKEN, notify, report } from '../../support/relay-process.ts'
import { locationOf, numberedPush } from '../movable-ghes.ts'
import { openRelayFixture, type RelayFixture } from '../relay-fixture.ts'

let fixture: RelayFixture
before(async () => {
  fixture = await openRelayFixture({
    landing: { firstCheckMs: 10, giveUpAfter: '60s' },
    retry: { firstMs: 1, maxMs: 2, giveUpAfter: '0ms' },
  })
})
after(() => fixture?.end())

/** Series by `name{labels}`, without the prefix. Fails on a line that is neither comment nor sample. */
async function scrape(): Promise<Map<string, number>> {
  const answer = await fetch(`${fixture.relay.admin}/metrics`)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  const series = new Map<string, number>()
  for (const line of (await answer.text()).split('\n')) {
    if (line === '' || line.startsWith('# HELP ') || line.startsWith('# TYPE ')) continue
    const sample = /^([a-zA-Z_:][\w:]*(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*\})?) (\S+)$/.exec(line)
    assert.ok(sample, `no sample: ${line}`)
    const [, name = '', value = ''] = sample
    if (name.startsWith(METRIC_PREFIX)) series.set(name.slice(METRIC_PREFIX.length), Number(value))
  }
  return series
}

/** What changed between two scrapes; buckets, sums of times, the first contacts and what is read of earlier pushes left out. */
function moved(before: Map<string, number>, later: Map<string, number>): Record<string, number> {
  return Object.fromEntries(
    [...later]
      .filter(
        ([name]) =>
          !/_bucket\{|_sum|purpose="(contact|look-up|contents)"|^readings_/.test(name) &&
          !/^(oldest_open|token_end)/.test(name),
      )
      .map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const)
      .filter(([, by]) => by !== 0),
  )
}

async function during(run: () => Promise<void>): Promise<Record<string, number>> {
  const from = await scrape()
  await run()
  return moved(from, await scrape())
}

const step = (id: string, name: string) => fixture.relay.logged(line => line['id'] === id && line['step'] === name)

test('a push from its 202 to its refresh', async () => {
  const push = numberedPush(1, 100)
  fixture.ghes.land(push)
  fixture.catalog.knowLocation(locationOf(push))
  const by = await during(async () => {
    await notify(fixture.relay.listen, push)
    await step(messageId(push), 'forwarded')
    await notify(fixture.relay.listen, push)
  })
  assert.deepEqual(by, {
    'requests_total{route="pushes",outcome="stored"}': 1,
    'requests_total{route="pushes",outcome="known"}': 1,
    'landings_total{result="landed"}': 1,
    landing_seconds_count: 1,
    'jobs_total{result="forwarded"}': 1,
    forwarding_seconds_count: 1,
    'calls_total{target="ghe",purpose="landing",status="2xx"}': 1,
    'call_seconds_count{target="ghe",purpose="landing"}': 1,
    'calls_total{target="backstage",purpose="refresh",status="2xx"}': 1,
    'call_seconds_count{target="backstage",purpose="refresh"}': 1,
    'pushes{state="forwarded"}': 1,
  })
})

test('a webhook, a dead letter and refusals', async () => {
  const push = numberedPush(2, 100)
  fixture.catalog.failNext('refresh', serverError(500))
  const by = await during(async () => {
    await report(fixture.relay.listen, push, 'delivery-1')
    await step(reportId('delivery-1'), 'dead')
    await notify(fixture.relay.listen, { ...push, files: [] })
    await fetch(`${fixture.relay.listen}/v1/pushes`, { method: 'POST', body: '{}' })
    await fetch(`${fixture.relay.listen}/v1/pushes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
  })
  assert.deepEqual(by, {
    'requests_total{route="github",outcome="accepted"}': 1,
    'requests_total{route="pushes",outcome="malformed"}': 1,
    'requests_total{route="pushes",outcome="other"}': 1,
    'requests_total{route="pushes",outcome="unauthorized"}': 1,
    'landings_total{result="reported"}': 1,
    'jobs_total{result="dead"}': 1,
    'calls_total{target="backstage",purpose="refresh",status="5xx"}': 1,
    'call_seconds_count{target="backstage",purpose="refresh"}': 1,
    'pushes{state="dead"}': 1,
    'jobs{state="dead"}': 1,
  })
})

test('every metric of the table is there from the first scrape on that can be, and has its help', async () => {
  const text = await (await fetch(`${fixture.relay.admin}/metrics`)).text()
  for (const [name, { type, help }] of Object.entries(METRICS)) {
    assert.ok(text.includes(`# HELP ${METRIC_PREFIX}${name} ${help}\n`), name)
    assert.ok(text.includes(`# TYPE ${METRIC_PREFIX}${name} ${type}\n`), name)
  }
  assert.match(text, /^process_resident_memory_bytes \d+/m)
})

test('a store that cannot be read: the rest is told, and that it cannot', async () => {
  const metrics = openMetrics()
  const text = await metrics.text({
    store: { status: () => Promise.reject(new Error('gone')) },
    now: () => 0,
    targetHealth: () => ({ ghe: { state: 'open' }, backstage: { state: 'closed' } }),
    tokenEnds: () => ({ ghe: 1_800_000_000_000, backstage: undefined }),
    lastReconcile: () => Promise.reject(new Error('gone')),
  })
  assert.match(text, /^catalog_gate_store_up 0$/m)
  assert.match(text, /^catalog_gate_breaker_open\{target="ghe"\} 1$/m)
  assert.match(text, /^catalog_gate_breaker_open\{target="backstage"\} 0$/m)
  assert.deepEqual(text.match(/^catalog_gate_token_end.*$/gm), [
    'catalog_gate_token_end_timestamp_seconds{target="ghe"} 1800000000',
  ])
})

test('a reconcile is not started without the token, nor without organizations', async () => {
  const ask = (headers: Record<string, string>) =>
    fetch(`${fixture.relay.admin}/v1/reconcile`, { method: 'POST', headers })
  assert.equal((await ask({})).status, 401)
  assert.equal((await ask({ authorization: 'Bearer wrong' })).status, 401)
  const answer = await ask({ authorization: `Bearer ${ADMIN_TOKEN}` })
  assert.equal(answer.status, 409)
  assert.deepEqual(await answer.json(), { error: 'reconcile.organizations is empty: there is nothing to look at' })
})
