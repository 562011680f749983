// The relay put together: store, worker, the way in and the inside.
import type { AddressInfo } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import type { Backstage } from './clients/backstage.ts'
import type { GhesApi } from './clients/ghes/ghes.ts'
import type { Address, RelayConfig } from './config/relay-config.ts'
import { Worker } from './deliver/worker.ts'
import { catalogPathTest } from './intake/catalog-paths.ts'
import { answerCompare } from './intake/compare-files.ts'
import { openIntake } from './intake/server.ts'
import { Reconciler } from './reconcile/reconcile.ts'
import type { Clock } from './runtime/clock.ts'
import type { openEvents, Tell } from './runtime/events.ts'
import { PACES } from './runtime/limits.ts'
import type { Logger } from './runtime/log.ts'
import type { Store } from './store/store.ts'
import { openMetrics } from './watch/metrics.ts'
import { openRate } from './watch/rate.ts'
import { openAdmin } from './watch/server.ts'

export type RelayParts = {
  config: RelayConfig
  store: Store
  ghes: GhesApi
  backstage: Backstage
  clock: Clock
  wallMs: () => number
  log: Logger
  /** What the clients tell of goes through it already. */
  events: ReturnType<typeof openEvents>
  backlogLimit?: number
}

export type Relay = {
  listen: string
  admin: string
  /** Takes nothing more in, finishes what is in flight. The parts stay open: they are the caller's. */
  stop(): Promise<void>
}

/** Starts to listen and to work. */
export async function startRelay(parts: RelayParts): Promise<Relay> {
  const { config, store, clock, log, events } = parts
  const metrics = openMetrics()
  const rate = openRate(clock.now)
  const { tell } = events
  events.listen(metrics.tell)
  events.listen(rate.tell)
  let stopping = false
  const draining = () => stopping
  const isCatalogFile = catalogPathTest(config.catalog)
  const comparing = { store, isCatalogFile, changes: parts.ghes.changes, now: clock.now }
  const worker = new Worker({
    ...parts,
    tell,
    compare: job => answerCompare(comparing, job),
    ...config.backstage,
    host: config.ghe.host,
    landing: config.landing,
    retry: config.retry,
  })
  const reconciler = openReconciler({ ...parts, tell }, () => worker.jobsArrived())
  const intake = openIntake({
    ...parts,
    tell,
    hookSecrets: config.secrets.hook,
    webhookSecrets: config.secrets.webhook,
    isCatalogFile,
    firstCheckMs: config.landing.firstCheckMs,
    onAccepted: atMs => worker.landingDueAt(atMs),
    onLanded: () => worker.jobsArrived(),
    draining,
    ...(config.listen.tls ? { tls: config.listen.tls } : {}),
  })
  const admin = openAdmin({
    store,
    clock,
    log,
    draining,
    ...(config.secrets.admin ? { adminSecret: config.secrets.admin } : {}),
    targetHealth: () => worker.targetHealth(),
    reconciler,
    metrics,
    rate: rate.read,
    onRedriven: () => worker.landingDueAt(clock.now()),
  })
  try {
    const urls = { listen: await listen(intake, config.listen), admin: await listen(admin, config.admin) }
    worker.start()
    reconciler.start()
    log.info(urls, 'relay listening')
    return {
      ...urls,
      async stop() {
        stopping = true
        log.info('relay stopping')
        await Promise.all([reconciler.stop(), worker.stop(PACES.stopWithinMs)])
        await Promise.all([intake.close(), admin.close()])
        log.info('relay stopped')
      },
    }
  } catch (error) {
    await Promise.all([intake.close(), admin.close()])
    throw error
  }
}

function openReconciler(parts: RelayParts & { tell: Tell }, onJobs: () => void): Reconciler {
  const { config, store, ghes, clock, log, tell } = parts
  return new Reconciler({ ...config.reconcile, store, ghes, clock, log, tell, files: config.catalog.files, onJobs })
}

async function listen(app: FastifyInstance, { host, port }: Address): Promise<string> {
  await app.listen({ host, port })
  const address = app.server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `${app.server instanceof TlsServer ? 'https' : 'http'}://${name}:${address.port}`
}
