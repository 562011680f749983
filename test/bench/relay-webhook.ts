// From the arrival of a webhook for a push that was announced until the refresh call arrives at Backstage.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { locationOf, MovableGhes, numberedPush } from '../relay/movable-ghes.ts'
import { startCatalog } from '../support/catalog.ts'
import { notify, report, startRelayProcess } from '../support/relay-process.ts'
import type { Row } from './row.ts'

const PUSHES = 100
const PUSHES_PER_SECOND = 20

export async function benchWebhook(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-gate-bench-'))
  const ghes = await new MovableGhes().start()
  const catalog = await startCatalog({ token: 'backstage-token' })
  const relay = await startRelayProcess({
    folder,
    ghe: { apiBaseUrl: ghes.apiBaseUrl, token: 'ghe-token' },
    backstage: { baseUrl: catalog.url, token: 'backstage-token' },
    config: { landing: { firstCheckMs: 60_000 } },
    env: { LOG_LEVEL: 'info' },
  })
  const waits: number[] = []
  const measure = async (n: number) => {
    const push = numberedPush(n, PUSHES + 1)
    const refresh = catalog.nextRefresh(catalog.knowLocation(locationOf(push)))
    await notify(relay.listen, push)
    const reportedAtMs = Date.now()
    await report(relay.listen, push, `delivery-${n}`)
    waits.push((await refresh).atMs - reportedAtMs)
  }
  try {
    const running: Promise<void>[] = []
    for (let n = 1; n <= PUSHES; n++) {
      running.push(measure(n))
      await delay(1000 / PUSHES_PER_SECOND)
    }
    await Promise.all(running)
    waits.sort((a, b) => a - b)
    const at = (share: number) => waits[Math.floor(waits.length * share)] ?? Number.NaN
    return [
      {
        what: 'relay: webhook to refresh call, p50',
        figure: `${at(0.5).toFixed(1)} ms`,
        target: '<= 50 ms',
        isMet: at(0.5) <= 50,
        note: `${PUSHES} pushes at ${PUSHES_PER_SECOND}/s`,
      },
      { what: 'relay: webhook to refresh call, p95', figure: `${at(0.95).toFixed(1)} ms` },
    ]
  } finally {
    await relay.kill('SIGTERM')
    await Promise.all([ghes.stop(), catalog.stop()])
    await rm(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) console.log(await benchWebhook())
