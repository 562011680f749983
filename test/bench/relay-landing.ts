// From the moment a push has landed until the refresh call arrives at Backstage. GHES answers after 20 ms.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { locationRef } from '../../schemas/entity-ref.ts'
import { locationOf, MovableGhes, numberedPush } from '../relay/movable-ghes.ts'
import { startCatalog } from '../support/catalog.ts'
import { notify, startRelayProcess } from '../support/relay-process.ts'
import type { Row } from './row.ts'

const PUSHES = 100
const PUSHES_PER_SECOND = 20
/** Between the hook's notification and the moving branch: the rest of the hook, other hooks, git. Spread evenly. */
const HOOK_TO_LANDED_MS = { least: 5, most: 150 }
const GHES_LATENCY_MS = 20

export async function benchLanding(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-gate-bench-'))
  const ghes = await new MovableGhes().start()
  ghes.latencyMs = GHES_LATENCY_MS
  const catalog = await startCatalog({ token: 'backstage-token' })
  const relay = await startRelayProcess({
    folder,
    ghe: { apiBaseUrl: ghes.apiBaseUrl, token: 'ghe-token' },
    backstage: { baseUrl: catalog.url, token: 'backstage-token' },
    env: { LOG_LEVEL: 'info' },
  })
  try {
    const waits: number[] = []
    const running: Promise<void>[] = []
    for (let i = 0; i < PUSHES; i++) {
      const { least, most } = HOOK_TO_LANDED_MS
      running.push(measure(i, least + ((most - least) * i) / PUSHES))
      await delay(1000 / PUSHES_PER_SECOND)
    }
    await Promise.all(running)
    waits.sort((a, b) => a - b)
    const at = (share: number) => Math.round(waits[Math.floor(waits.length * share)] ?? Number.NaN)
    const target = 400
    return [
      {
        what: 'relay: landed to refresh call, p50',
        figure: `${at(0.5)} ms`,
        target: `<= ${target} ms`,
        isMet: at(0.5) <= target,
        note: `${PUSHES} pushes at ${PUSHES_PER_SECOND}/s, GHES answers after ${GHES_LATENCY_MS} ms`,
      },
      { what: 'relay: landed to refresh call, p95', figure: `${at(0.95)} ms` },
      { what: 'relay: requests to GHES a push', figure: (ghes.count() / PUSHES).toFixed(2) },
    ]

    async function measure(i: number, landsAfterMs: number): Promise<void> {
      const push = numberedPush(i + 1, PUSHES + 1)
      const location = locationOf(push)
      catalog.knowLocation(location)
      const refresh = catalog.nextRefresh(locationRef(location))
      await notify(relay.listen, push)
      await delay(landsAfterMs)
      ghes.land(push)
      const landedAtMs = Date.now()
      waits.push((await refresh).atMs - landedAtMs)
    }
  } finally {
    await relay.kill('SIGTERM')
    await Promise.all([ghes.stop(), catalog.stop()])
    await rm(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) console.log(await benchLanding())
