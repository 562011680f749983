// Three replicas of the built relay on one PostgreSQL: durable intake, and how long the work of a killed one rests.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PACES } from '../../relay/runtime/limits.ts'
import { locationOf, MovableGhes, numberedPush } from '../relay/movable-ghes.ts'
import { type Catalog, startCatalog } from '../support/catalog.ts'
import { startPostgres } from '../support/postgres.ts'
import { notify, type RelayProcess, startRelayProcess } from '../support/relay-process.ts'
import { load, signedRequests } from './intake-load.ts'
import { median } from './measure.ts'
import type { Row } from './row.ts'

const REPLICAS = 3
const CONNECTIONS = 32
const REQUESTS = 4000
const ROUNDS = 5
/** What the killed replica has under way: as many as it forwards at once. */
const IN_FLIGHT = PACES.forwardConcurrency

export async function benchPostgres(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-gate-bench-'))
  const postgres = await startPostgres()
  const ghes = await new MovableGhes().start()
  const catalog = await startCatalog({ token: 'backstage-token' })
  const relays: RelayProcess[] = []
  /** `firstCheckMs`: far away where only the way in is measured, as relay-intake.ts does. */
  const start = async (store: string, firstCheckMs: number) => {
    const relay = await startRelayProcess({
      folder: join(folder, `relay-${relays.length}`),
      built: true,
      ghe: { apiBaseUrl: ghes.apiBaseUrl, token: 'ghe-token' },
      backstage: { baseUrl: catalog.url, token: 'backstage-token' },
      config: { store, landing: { firstCheckMs } },
      env: { LOG_LEVEL: 'info' },
    })
    relays.push(relay)
    return relay
  }
  try {
    const intake = await postgres.database()
    await Promise.all(Array.from({ length: REPLICAS }, () => start(intake, 60_000)))
    const rows = await intakeRows(relays.map(({ listen }) => Number(new URL(listen).port)))
    await Promise.all(relays.splice(0).map(relay => relay.kill('SIGTERM')))
    const work = await postgres.database()
    return [...rows, await takeOverRow(() => start(work, 20), ghes, catalog)]
  } finally {
    for (const relay of relays) await relay.stop()
    await Promise.all([ghes.stop(), catalog.stop()])
    await postgres.remove()
    await rm(folder, { recursive: true, force: true })
  }
}

async function intakeRows(ports: number[]): Promise<Row[]> {
  const runs = []
  for (let round = 0; round <= ROUNDS; round++) {
    const run = await load(ports, signedRequests(round * REQUESTS, REQUESTS), CONNECTIONS)
    if (round > 0) runs.push(run) // the first warms up
  }
  const perSecond = median(runs.map(run => run.perSecond))
  return [
    {
      what: `relay: durable intake on PostgreSQL, ${REPLICAS} replicas`,
      figure: `${Math.round(perSecond)}/s`,
      target: '>= 1500/s',
      isMet: perSecond >= 1500,
      note: `${CONNECTIONS} connections; senders, replicas and PostgreSQL on the same cores; p99 ${median(runs.map(run => run.p99Ms)).toFixed(0)} ms`,
    },
  ]
}

/** One replica has as much under way as it can, at a catalog that does not answer; two others start; it is killed. */
async function takeOverRow(start: () => Promise<RelayProcess>, ghes: MovableGhes, catalog: Catalog): Promise<Row> {
  const pushes = Array.from({ length: IN_FLIGHT }, (_, i) => numberedPush(i + 1, IN_FLIGHT + 1))
  const locations = pushes.map(push => catalog.knowLocation(locationOf(push)))
  const victim = await start()
  catalog.failNext('refresh', 'hang', IN_FLIGHT)
  for (const push of pushes) {
    ghes.land(push)
    await notify(victim.listen, push)
  }
  await catalog.arrived('refresh', IN_FLIGHT)
  await Promise.all([start(), start()])
  await victim.kill('SIGKILL')
  const killedMs = performance.now()
  const again = await Promise.all(locations.map(location => catalog.nextRefresh(location)))
  const seconds = (performance.now() - killedMs) / 1000
  const most = (2 * PACES.leaseMs) / 1000
  return {
    what: `relay: one of ${REPLICAS} replicas killed: its work is done by the others after`,
    figure: `${seconds.toFixed(0)} s`,
    target: `<= ${most} s`,
    isMet: seconds <= most,
    note: `${again.length} refreshes in flight, a lease of ${PACES.leaseMs / 1000} s`,
  }
}

if (import.meta.main) console.log(await benchPostgres())
