// The ways to bring changed files into the catalog, each set up as its users would: a backend, and how it hears of a change.
import { createHmac, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { bundleForBackstage } from '../../../scripts/build/bundle.ts'
import { type Backstage, type BackstageOptions, startBackstage } from '../../backstage/backend.ts'
import { startPostgres } from '../../support/postgres.ts'
import { freePort } from '../../support/process.ts'
import {
  ADMIN_TOKEN,
  BACKSTAGE_SECRET,
  HOOK_SECRET,
  notify,
  type RelayProcess,
  startRelayProcess,
  WEBHOOK_SECRET,
} from '../../support/relay-process.ts'
import type { BenchGhes, Change } from './ghes.ts'
import { burst, countsOf, settled, type Tell, titlesOf } from './measure.ts'

const RELAY_TOKEN = 'relay-token-0123456789abcdef'
const DAILY = { frequency: { hours: 24 }, timeout: { minutes: 30 } }

/** Requests to GHES in a day on which nothing changes, and how that is known. */
export type Idle = { requests: number; from: string }

export type SetUp = {
  backstage: Backstage
  tell: Tell
  /** After everything has landed. */
  afterwards?: () => Promise<void>
  idle: () => Promise<Idle | undefined>
  /** For a note under the table. */
  note?: string
}

export type Stand = { ghes: BenchGhes; ends: (() => Promise<void>)[] }

export type Way = {
  name: string
  /** What is measured: all within a second, or so many a second. */
  paces: readonly number[]
  /** Of one measurement, beside the set-up. */
  seconds: (repositories: number) => number
  setUp: (stand: Stand) => Promise<SetUp>
}

const nothing: Tell = async () => {}
const burstSeconds = (repositories: number) => 20 + repositories / 12
/** Every file is read once in the time between the interval and half as much again. */
const readingsADay = (repositories: number) => Math.round(repositories / 1.25)

export const WAYS: readonly Way[] = [
  {
    name: 'refreshes in a burst',
    paces: [0],
    seconds: burstSeconds,
    async setUp(stand) {
      const { backstage, ghes } = await withLocations(stand)
      const tell: Tell = async ({ repository }) => {
        const body = { entityRef: `component:default/${repository}` }
        await expectStatus(backstage.call('POST', '/refresh', body, RELAY_TOKEN), 200)
      }
      return { backstage, tell, idle: async () => ofLoop(ghes, 'the loop of 24 h') }
    },
  },
  {
    name: 'catalog-gate, refresh only, SQLite',
    paces: [0, 40],
    seconds: repositories => burstSeconds(repositories) + repositories / 40,
    async setUp(stand) {
      const { backstage, ghes } = await withLocations(stand)
      const relay = await startRelay(stand, backstage, {})
      return { backstage, tell: toRelays([relay]), idle: () => ofRelay(ghes, relay), note: PACE }
    },
  },
  {
    name: 'catalog-gate, refresh only, PostgreSQL, 2 replicas',
    paces: [0],
    seconds: repositories => burstSeconds(repositories) + repositories / 40,
    async setUp(stand) {
      const { backstage, ghes } = await withLocations(stand)
      const store = await onPostgres(stand)
      const relays = [await startRelay(stand, backstage, { store }), await startRelay(stand, backstage, { store })]
      const [first] = relays
      return {
        backstage,
        tell: toRelays(relays),
        idle: async () => (first ? ofRelay(ghes, first) : undefined),
        note: PACE,
      }
    },
  },
  {
    name: 'catalog-gate with its package',
    paces: [0, 40],
    seconds: burstSeconds,
    async setUp(stand) {
      const { backstage, ghes, relay } = await withPackage(stand)
      return { backstage, tell: toRelays([relay]), idle: () => ofRelay(ghes, relay) }
    },
  },
  {
    name: 'catalog-gate with its package on PostgreSQL, 2 replicas',
    paces: [0],
    seconds: burstSeconds,
    async setUp(stand) {
      const { backstage, ghes, relay, others } = await withPackage(stand, await onPostgres(stand))
      return {
        ...{ backstage, tell: toRelays([relay, ...others]), idle: () => ofRelay(ghes, relay) },
        note: 'all verdicts come to one of the replicas',
      }
    },
  },
  {
    name: 'processing loop, defaults',
    paces: [0],
    seconds: () => 175,
    async setUp(stand) {
      const backstage = await start(stand, { catalog: { processingInterval: undefined }, locations: true })
      await loaded(backstage, stand.ghes)
      return { backstage, tell: nothing, idle: async () => undefined, note: FRESH }
    },
  },
  {
    name: "push webhooks into Backstage's events (provider)",
    paces: [0],
    seconds: burstSeconds,
    async setUp(stand) {
      const { backstage, ghes, scanRequests } = await withProvider(stand)
      return {
        ...{ backstage, tell: webhookTo(backstage) },
        idle: async () => ({
          ...ofLoop(ghes, 'the loop of 24 h'),
          requests: readingsADay(ghes.names.length) + scanRequests,
          from: 'the loop of 24 h and a scan a day',
        }),
      }
    },
  },
  {
    name: 'provider scan',
    paces: [0],
    seconds: repositories => 40 + repositories / 25,
    async setUp(stand) {
      const { backstage, ghes, scanRequests } = await withProvider(stand)
      return {
        ...{ backstage, tell: nothing, afterwards: () => scan(backstage, ghes) },
        idle: async () => ({
          requests: readingsADay(ghes.names.length) + scanRequests,
          from: 'the loop of 24 h and a scan a day',
        }),
        note: 'a scan lists repositories and never reads a file that the catalog knows',
      }
    },
  },
  {
    name: 'catalog.scmEvents',
    paces: [0],
    seconds: burstSeconds,
    async setUp(stand) {
      const backstage = await start(stand, {
        catalog: { ...LONG_LOOP, scmEvents: true },
        modules: ['@backstage/plugin-events-backend-module-github'],
        more: { events: EVENTS },
      })
      const { ghes } = stand
      await burst(ghes.names, async name => {
        await backstage.register(ghes.target(name))
      })
      await loaded(backstage, ghes)
      return { backstage, tell: webhookTo(backstage), idle: async () => ofLoop(ghes, 'the loop of 24 h') }
    },
  },
]

const FRESH =
  'the changes come just after the loop has read everything, so that they wait a whole round; one at any time waits half of it on average'
const PACE = 'refreshesPerSecond is 40, as it comes'
const LONG_LOOP = { processingInterval: { hours: 24 } }
const EVENTS = {
  notifyTimeoutMs: 500,
  http: { topics: ['github'] },
  modules: { github: { webhookSecret: WEBHOOK_SECRET } },
}

type Start = Pick<BackstageOptions, 'catalog' | 'modules' | 'more' | 'port'> & { locations?: boolean }

async function start({ ghes, ends }: Stand, { locations, ...options }: Start): Promise<Backstage> {
  const directory = await mkdtemp(join(tmpdir(), 'catalog-gate-bench-'))
  ends.push(() => rm(directory, { recursive: true, force: true }))
  const backstage = await startBackstage({
    ...{ directory, relayToken: RELAY_TOKEN, logLevel: 'warn', catalog: LONG_LOOP },
    ghe: { host: ghes.host, apiBaseUrl: ghes.apiBaseUrl, token: 'ghp_test' },
    ...(locations ? { locations: ghes.names.map(name => ghes.target(name)) } : {}),
    ...options,
  })
  ends.push(() => backstage.stop())
  return backstage
}

/** Everything is in the catalog, and nobody works any more. */
async function loaded(backstage: Backstage, ghes: BenchGhes): Promise<void> {
  const deadline = performance.now() + 60_000 + ghes.names.length * 120
  while ((await titlesOf(backstage, ghes.names)).includes(undefined)) {
    if (performance.now() > deadline) throw new Error('the catalog was not loaded in time')
    await delay(1_000)
  }
  await settled(ghes)
}

async function withLocations(stand: Stand) {
  const backstage = await start(stand, { locations: true })
  await loaded(backstage, stand.ghes)
  return { backstage, ghes: stand.ghes }
}

async function withProvider(stand: Stand) {
  const { ghes } = stand
  const backstage = await start(stand, {
    catalog: {
      ...LONG_LOOP,
      providers: {
        github: {
          acme: {
            host: ghes.host,
            organization: 'acme',
            catalogPath: '/catalog-info.yaml',
            filters: { branch: 'main' },
            schedule: DAILY,
          },
        },
      },
    },
    modules: ['@backstage/plugin-events-backend-module-github'],
    more: { events: EVENTS },
  })
  await loaded(backstage, ghes)
  return { backstage, ghes, scanRequests: countsOf(ghes)['graphql'] ?? 0 }
}

async function scan(backstage: Backstage, ghes: BenchGhes): Promise<void> {
  const before = ghes.count('graphql')
  await expectStatus(backstage.call('POST', '/.backstage/scheduler/v1/tasks/github-provider:acme:refresh/trigger'), 200)
  const pages = Math.ceil(ghes.names.length / 25)
  for (let i = 0; i < pages * 3 + 20 && ghes.count('graphql') < before + pages; i++) await delay(1_000)
}

/** A database of our own. */
async function onPostgres({ ends }: Stand): Promise<string> {
  const postgres = await startPostgres()
  ends.push(() => postgres.remove())
  return postgres.database()
}

/** `store`: of two replicas, of which Backstage speaks to the first. */
async function withPackage(stand: Stand, store?: string) {
  const { ghes, ends } = stand
  const file = join(import.meta.dirname, '../../backstage/node_modules/.catalog-gate-bench.cjs')
  await writeFile(file, (await bundleForBackstage('relay/backstage/index.ts')).text)
  ends.push(() => rm(file, { force: true }))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const relay = await startRelay(stand, { url }, store === undefined ? {} : { store })
  const others = store === undefined ? [] : [await startRelay(stand, { url }, { store })]
  const catalogGate = { relay: { url: relay.listen, secret: BACKSTAGE_SECRET }, provider: true }
  const backstage = await start(stand, { port, modules: [file], more: { catalogGate } })
  await loaded(backstage, ghes)
  return { backstage, ghes, relay, others }
}

async function startRelay(
  { ghes, ends }: Stand,
  { url }: { url: string },
  config: Record<string, unknown>,
): Promise<RelayProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-gate-bench-relay-'))
  const relay = await startRelayProcess({
    folder,
    built: true,
    ghe: { host: ghes.host, apiBaseUrl: ghes.apiBaseUrl, token: 'ghp_test' },
    backstage: { baseUrl: url, token: RELAY_TOKEN },
    config: {
      secrets: { hook: [HOOK_SECRET], webhook: [WEBHOOK_SECRET], backstage: [BACKSTAGE_SECRET], admin: ADMIN_TOKEN },
      reconcile: { organizations: ['acme'], every: '24h' },
      ...config,
    },
    env: { LOG_LEVEL: 'info' },
  })
  ends.push(async () => {
    await relay.stop()
    await rm(folder, { recursive: true, force: true })
  })
  await settled(ghes)
  return relay
}

/** As the hook tells it; replicas in turn. */
function toRelays(relays: readonly RelayProcess[]): Tell {
  let turn = 0
  return async ({ repository, before, after, blob }: Change, pusher) => {
    const relay = relays[turn++ % relays.length]
    const file = {
      path: 'catalog-info.yaml',
      change: 'modified' as const,
      entities: [`component:default/${repository}`],
    }
    const push = {
      ...{ version: 1 as const, repository: `acme/${repository}`, ref: 'refs/heads/main', before, after, pusher },
      ...{ files: [file], blobs: { 'catalog-info.yaml': blob } },
    }
    const answer = await notify(relay?.listen ?? '', push)
    if (answer.status !== 202) throw new Error(`the relay answers ${answer.status}: ${await answer.text()}`)
  }
}

/** As GHES delivers it. */
function webhookTo(backstage: Backstage): Tell {
  return async ({ repository, before, after }) => {
    const url = `https://ghe.test/acme/${repository}`
    const body = JSON.stringify({
      ...{ ref: 'refs/heads/main', before, after, compare: `${url}/compare/a...b`, organization: { login: 'acme' } },
      repository: {
        ...{
          name: repository,
          full_name: `acme/${repository}`,
          html_url: url,
          url,
          default_branch: 'main',
          topics: [],
        },
        ...{
          archived: false,
          fork: false,
          visibility: 'internal',
          owner: { login: 'acme', html_url: 'https://ghe.test/acme' },
        },
      },
      commits: [{ id: after, url: `${url}/commit/${after}`, added: [], modified: ['catalog-info.yaml'], removed: [] }],
    })
    const signature = createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')
    const answer = fetch(`${backstage.url}/api/events/http/github`, {
      method: 'POST',
      headers: {
        ...{ connection: 'close', 'content-type': 'application/json', 'x-github-event': 'push' },
        ...{ 'x-github-delivery': randomUUID(), 'x-hub-signature-256': `sha256=${signature}` },
      },
      body,
    })
    await expectStatus(answer, 202)
  }
}

async function expectStatus(answer: Promise<Response>, status: number): Promise<void> {
  const response = await answer
  const text = await response.text()
  if (response.status !== status) throw new Error(`${response.url}: ${response.status} ${text}`)
}

const ofLoop = (ghes: BenchGhes, from: string): Idle => ({ requests: readingsADay(ghes.names.length), from })

/** One reconcile is counted; Backstage's own reading of each file is computed. */
async function ofRelay(ghes: BenchGhes, relay: RelayProcess): Promise<Idle | undefined> {
  await settled(ghes)
  ghes.forgetRequests()
  const answer = await fetch(`${relay.admin}/v1/reconcile`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  })
  if (!answer.ok) return undefined
  await delay(1_000)
  await settled(ghes)
  const counted = ghes.count()
  return {
    requests: readingsADay(ghes.names.length) + counted,
    from: `the loop of 24 h, and ${counted} of a reconcile, counted`,
  }
}
