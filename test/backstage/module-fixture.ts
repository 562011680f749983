// Our module in a test backend of Backstage's own (backend-test-utils), in this process; and a relay that says what a test wants.
import { createRequire } from 'node:module'
import { Server } from 'node:net'
import { join } from 'node:path'
import { mock } from 'node:test'
import { isSignedBy } from '../../schemas/signature.ts'
import { BACKSTAGE_KEY } from '../support/relay-process.ts'
import { type Answer, StandIn, type StandInRequest } from '../support/stand-in.ts'

const requireHere = createRequire(join(import.meta.dirname, 'index.mjs'))

type Ref = { id: string }
type TestBackend = { server: { port(): number }; stop(): Promise<void> }
type TestUtils = {
  startTestBackend(options: { features: unknown[]; extensionPoints?: [Ref, unknown][] }): Promise<TestBackend>
  mockServices: { rootConfig: { factory(options: object): unknown } }
}
type CatalogNode = { catalogProcessingExtensionPoint: Ref }

/** What the module has given to the catalog. */
export type Given = { processors: string[]; providers: string[] }

export type Started = { url: string; stop(): Promise<void> }

// Backstage's test backend gives no address to listen on, which is every one: here it is loopback.
const { listen } = Server.prototype
mock.method(Server.prototype, 'listen', function (this: Server, ...given: unknown[]): unknown {
  return Reflect.apply(
    listen,
    this,
    given.map(one => (one === '' ? '127.0.0.1' : one)),
  )
})

// Backstage never ends the pool of a database in memory, whose interval would keep this process for ever.
const { setInterval } = globalThis
mock.method(globalThis, 'setInterval', (...given: Parameters<typeof setInterval>) => setInterval(...given).unref())

// It knows Jest's afterAll only, and stops there what it could not start.
const ends: (() => Promise<void>)[] = []
Object.assign(globalThis, { afterAll: (end: () => Promise<void>) => ends.push(end) })

/** What a test backend that was refused its configuration has left behind. */
export async function stopAll(): Promise<void> {
  for (const end of ends) await end()
}

async function start(config: object, features: unknown[], extensionPoints?: [Ref, unknown][]): Promise<Started> {
  const { startTestBackend, mockServices } = requireHere('@backstage/backend-test-utils') as TestUtils
  const started = await startTestBackend({
    features: [mockServices.rootConfig.factory({ data: config }), ...features],
    ...(extensionPoints ? { extensionPoints } : {}),
  })
  return { url: `http://127.0.0.1:${started.server.port()}`, stop: () => started.stop() }
}

export const featureOf = (name: string): unknown => (requireHere(name) as { default: unknown }).default

/** The module alone, and what it would have given. */
export async function startAlone(module: unknown, config: object): Promise<Started & { given: Given }> {
  const { catalogProcessingExtensionPoint } = requireHere('@backstage/plugin-catalog-node') as CatalogNode
  const { catalogModelExtensionPoint } = requireHere('@backstage/plugin-catalog-node/alpha') as {
    catalogModelExtensionPoint: Ref
  }
  const given: Given = { processors: [], providers: [] }
  const started = await start(
    config,
    [module],
    [
      [
        catalogProcessingExtensionPoint,
        {
          addProcessor: (...added: { getProcessorName(): string }[]) =>
            given.processors.push(...added.map(one => one.getProcessorName())),
          addEntityProvider: (...added: { getProviderName(): string }[]) =>
            given.providers.push(...added.map(one => one.getProviderName())),
        },
      ],
      [catalogModelExtensionPoint, { setEntityDataParser() {} }],
    ],
  )
  return { ...started, given }
}

/** With the catalog itself, and GHES at `url`. */
export const startWithCatalog = (module: unknown, url: string, config: object): Promise<Started> => {
  const integrations = { github: [{ host: 'ghe.test', apiBaseUrl: `${url}/api/v3`, token: 'ghp_test' }] }
  const catalog = { processingInterval: { hours: 10 } }
  return start({ catalog, integrations, ...config }, [featureOf('@backstage/plugin-catalog-backend'), module])
}

/** The relay: signed requests only, a question with a cursor is kept open. And GHES, with one file. */
export function startRelayStandIn(locations: readonly string[]): Promise<StandIn> {
  const answer = (request: StandInRequest): Answer | Promise<Answer> => {
    if (request.url.pathname.startsWith('/api/v3/')) return { status: 200, body: FILE }
    if (!isSigned(request)) return { status: 401, body: { error: 'no signature' } }
    const kind = kindOf(request)
    if (kind === 'verdicts') return { status: 202, body: {} }
    if (request.url.searchParams.has('after')) return new Promise(() => {})
    return kind === 'locations'
      ? { status: 200, body: { complete: true, cursor: 'c1', added: locations, removed: [] } }
      : { status: 200, body: { cursor: 'e.1', ghes: { host: 'ghe.test', version: '3.19.2' }, repositories: [] } }
  }
  return new StandIn({ kind: kindOf, answer }).start()
}

const FILE = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: shop }
spec: { type: service, lifecycle: production, owner: team-a }
`

const kindOf = ({ url }: StandInRequest) => url.pathname.split('/').at(-1) ?? ''

function isSigned({ headers, body }: StandInRequest): boolean {
  const of = (name: string) => String(headers[`webhook-${name}`])
  return isSignedBy([BACKSTAGE_KEY], of('id'), of('timestamp'), Buffer.from(body), of('signature'))
}
