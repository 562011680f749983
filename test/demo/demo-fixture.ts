// The parts of the demo: repositories, stand-in GHES, catalog-gate itself, and a catalog.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Catalog, locationRef, startCatalog } from '../support/catalog.ts'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { type Installation, install } from '../support/installation.ts'
import { killAll } from '../support/process.ts'
import { type BareRepository, createRepositoryHost } from '../support/repository.ts'
import type { StandIn } from '../support/stand-in.ts'
import type { WorkingCopy } from '../support/working-copy.ts'

export const names = ['payments', 'orders', 'billing', 'search', 'web']

export type DemoCatalog = {
  isReal: boolean
  /** What the relay calls; each call is recorded. */
  calls: StandIn
  register: (target: string) => Promise<void>
  /** Milliseconds from `fromMs` (of performance.now) until it shows this title. Only a real one has something to show. */
  showsTitle?: (name: string, title: string, fromMs: number) => Promise<number>
}

export type DemoRepository = { bare: BareRepository; copy: WorkingCopy; entityRef: string; locationRef: string }

export type DemoFixture = {
  directory: string
  ghes: Ghes
  catalog: DemoCatalog
  installation: Installation
  repositories: DemoRepository[]
}

export const catalogFile = (name: string, title: string) => `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ${name}
  title: ${title}
spec:
  type: service
  lifecycle: production
  owner: team-a
`

/** Things to take away again, in the reverse order of their making. Also when the making failed halfway. */
export class CleanUp {
  readonly #steps: (() => Promise<void>)[] = []

  add(step: () => Promise<void>): void {
    this.#steps.push(step)
  }

  async run(): Promise<void> {
    for (const step of this.#steps.toReversed()) {
      await step().catch((error: unknown) => console.error(`could not clean up: ${error}`))
    }
  }
}

export async function setUp(
  options: { realBackstage: boolean; say: (line: string) => void },
  cleanUp: CleanUp,
): Promise<DemoFixture> {
  const directory = await mkdtemp(join(tmpdir(), 'catalog-gate-demo-'))
  cleanUp.add(async () => {
    killAll() // a git or a build that an interrupt left running would write into the folder
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  })
  const host = await createRepositoryHost({ directory })
  const ghes = await startGhes({ root: host.root, token: 'ghp_demo', latencyMs: 20 })
  cleanUp.add(() => ghes.stop())
  const ghe = { host: ghes.host, apiBaseUrl: ghes.apiBaseUrl, token: 'ghp_demo' }
  const token = 'relay-token-0123456789abcdef'
  const catalog = options.realBackstage
    ? await realCatalog({ directory, ghe, token, say: options.say }, cleanUp)
    : await standInCatalog(token, cleanUp)
  const installation = await install({ directory, ghe, backstage: { baseUrl: catalog.calls.url, token } })
  cleanUp.add(() => installation.stop())
  const repositories = await Promise.all(
    names.map(async name => {
      const bare = await host.create(`acme/${name}`)
      const copy = await bare.clone({ login: 'mona' })
      await copy.change({ 'catalog-info.yaml': catalogFile(name, `${name} 1`) }, { message: 'Describe the service' })
      // The hook comes last: what is there already is no part of the story.
      await bare.installHooks([installation.hook])
      const target = `https://${ghes.host}/acme/${name}/blob/main/catalog-info.yaml`
      await catalog.register(target)
      return { bare, copy, entityRef: `component:default/${name}`, locationRef: locationRef(target) }
    }),
  )
  await installation.startRelay()
  return { directory, ghes, catalog, installation, repositories }
}

async function standInCatalog(token: string, cleanUp: CleanUp): Promise<DemoCatalog> {
  const calls: Catalog = await startCatalog({ token })
  cleanUp.add(() => calls.stop())
  const register = async (target: string) => void calls.knowLocation(target)
  return { isReal: false, calls, register }
}

type RealOptions = {
  directory: string
  ghe: { host: string; apiBaseUrl: string; token: string }
  token: string
  say: (line: string) => void
}

/** Loaded only when asked for: the demo itself needs nothing of test/backstage. */
async function realCatalog({ directory, ghe, token, say }: RealOptions, cleanUp: CleanUp): Promise<DemoCatalog> {
  const { installBackstage } = await import('../backstage/install.ts')
  const { startBackstage } = await import('../backstage/backend.ts')
  const { startRecorder } = await import('../backstage/recorder.ts')
  await installBackstage(say)
  say('starting the real Backstage backend …')
  const backstage = await startBackstage({ directory, ghe, relayToken: token })
  cleanUp.add(() => backstage.stop())
  const calls = await startRecorder(backstage.url)
  cleanUp.add(() => calls.stop())
  return {
    isReal: true,
    calls,
    register: target => backstage.register(target),
    showsTitle: (name, title, fromMs) =>
      backstage.until(`component:default/${name}`, entity => entity?.metadata.title === title, { fromMs }),
  }
}
