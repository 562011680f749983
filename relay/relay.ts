// The relay put together: store, worker, the way in and the inside. Each part is handed what it names, and no secret of another.
import type { AddressInfo } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import { openChat } from './clients/chat.ts'
import { endInToken } from './clients/token-end.ts'
import type { Address } from './config/sections.ts'
import { type ModuleSeen, openModuleSeen } from './deliver/module-seen.ts'
import { openProvider, type Provider } from './deliver/provider.ts'
import { readOutcomes } from './deliver/read-outcomes.ts'
import { tellStatuses } from './deliver/statuses.ts'
import { Worker } from './deliver/worker.ts'
import { answerRepository } from './intake/answer-repository.ts'
import { catalogPathTest } from './intake/catalog-paths.ts'
import { answerCompare } from './intake/compare-files.ts'
import { sendTest } from './intake/test-push.ts'
import { CatalogCopy } from './lookups/catalog-copy.ts'
import { followEnforcement } from './reconcile/enforcement-file.ts'
import { Reconciler } from './reconcile/reconcile.ts'
import { KnownRepositories } from './reconcile/repository-facts.ts'
import type { RelayParts } from './relay-parts.ts'
import { LIMITS, PACES } from './runtime/limits.ts'
import { watchForChat } from './watch/chat.ts'
import { openMetrics } from './watch/metrics.ts'
import { openRate } from './watch/rate.ts'
import { openAdmin } from './watch/server.ts'
import { openSurveyFile } from './watch/survey-file.ts'
import { openTurnedAway } from './watch/turned-away.ts'
import { openWayIn } from './way-in.ts'

export type Relay = {
  listen: string
  admin: string
  /** Takes nothing more in, finishes what is in flight. The parts stay open: they are the caller's. */
  stop(): Promise<void>
}

/** Starts to listen and to work. */
export async function startRelay(parts: RelayParts): Promise<Relay> {
  const { config, log } = parts
  let isStopping = false
  const draining = () => isStopping
  const isCatalogFile = catalogPathTest(config.catalog)
  const provider = openProvider(parts.store, parts.clock, error =>
    log.error({ err: error }, 'the provider was not noted'),
  )
  const module = openModuleSeen(parts.store, error => log.error({ err: error }, 'the module was not noted'))
  const worker = workerOf(parts, isCatalogFile, provider)
  const repositories = repositoriesOf(parts)
  const reconciler = reconcilerOf(parts, worker, repositories)
  const copy = config.lookups.enabled ? new CatalogCopy({ ...parts, catalog: parts.backstage }) : undefined
  const intake = openWayIn(parts, {
    worker,
    reconciler,
    provider,
    module,
    isCatalogFile,
    draining,
    repositories,
    ...(copy ? { copy } : {}),
  })
  const admin = adminOf(parts, { worker, reconciler, intake, draining })
  const closeServers = () => Promise.all([intake.close(), admin.close()])
  try {
    const urls = { listen: await listen(intake, config.listen), admin: await listen(admin, config.admin) }
    // What was handed out before may be of another state of the store.
    await parts.store.forgetCursors()
    await repositories?.start()
    const leaveEnforcement = enforcementOf(parts, repositories)
    worker.start()
    reconciler.start()
    copy?.start()
    const leaveChat = chatOf(parts, worker)
    const leaveStatuses = statusesOf(parts)
    const leaveReading = readingOf(parts, module)
    log.info(urls, 'relay listening')
    return {
      ...urls,
      async stop() {
        isStopping = true
        leaveChat()
        leaveStatuses()
        leaveReading()
        leaveEnforcement()
        log.info('relay stopping')
        await Promise.all([reconciler.stop(), copy?.stop(), worker.stop(PACES.stopWithinMs)])
        await repositories?.stop()
        await closeServers()
        log.info('relay stopped')
      },
    }
  } catch (error) {
    await closeServers()
    throw error
  }
}

type IsCatalogFile = (path: string) => boolean

function workerOf(parts: RelayParts, isCatalogFile: IsCatalogFile, provider: Provider): Worker {
  const { config, store, ghes, backstage, clock, log, events } = parts
  const { register, removed, locations, refreshesPerSecond } = config.backstage
  return new Worker({
    store,
    ghes,
    backstage,
    clock,
    log,
    host: config.ghe.host,
    register,
    removed,
    locations,
    refreshesPerSecond,
    landing: { giveUpAfterMs: config.landing.giveUpAfterMs },
    retry: config.retry,
    tell: events.tell,
    hasProvider: provider.runs,
    refreshAll: backstage.refreshAll,
    questions: {
      compare: job => answerCompare({ store, isCatalogFile, ghes }, job),
      repository: job => answerRepository({ store, repository: ghes.repository }, job),
    },
  })
}

/** Where our module in Backstage may ask for them. */
function repositoriesOf({ config, store, ghes, clock, log }: RelayParts): KnownRepositories | undefined {
  if (config.secrets.backstage.length === 0) return undefined
  const onTrouble = (error: unknown) => log.warn({ err: error }, 'what is known of repositories was not noted')
  return new KnownRepositories({ store, clock, version: ghes.version, onTrouble })
}

/** As an administrator's plan has it; ended by the returned function. */
function enforcementOf({ config, clock, log }: RelayParts, repositories: KnownRepositories | undefined): () => void {
  const { enforcement: path, ghe } = config
  if (path === undefined || repositories === undefined) return () => {}
  return followEnforcement({
    path,
    clock,
    host: new URL(ghe.baseUrl).host,
    onChange: of => repositories.enforced(of),
    onTrouble: reason => log.warn({ path, reason }, 'enforcement: what was read of it before stays'),
  })
}

function reconcilerOf(
  { config, store, ghes, clock, log, events }: RelayParts,
  worker: Worker,
  repositories: KnownRepositories | undefined,
): Reconciler {
  const { organizations, everyMs, webhookUrl } = config.reconcile
  return new Reconciler({
    store,
    ghes: { inventory: ghes.inventory, hooks: ghes.hooks },
    clock,
    log,
    organizations,
    everyMs,
    files: config.catalog.files,
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
    onJobs: () => worker.jobsArrived(),
    ...(repositories === undefined ? {} : { learn: facts => repositories.learn(facts) }),
    tell: events.tell,
  })
}

type Around = { worker: Worker; reconciler: Reconciler; intake: FastifyInstance; draining: () => boolean }

function adminOf(parts: RelayParts, { worker, reconciler, intake, draining }: Around): FastifyInstance {
  const { config, store, ghes, clock, wallMs, log, events } = parts
  const { admin: adminSecret, hook } = config.secrets
  const metrics = openMetrics()
  const rate = openRate(clock.now)
  events.listen(metrics.tell)
  const turnedAway = openTurnedAway(clock.now)
  events.listen(rate.tell)
  events.listen(turnedAway.tell)
  const secret = () => hook[0]?.() ?? ''
  return openAdmin({
    store,
    clock,
    log,
    ...(adminSecret === undefined ? {} : { adminSecret }),
    hosts: config.adminHosts,
    links: { ghes: `https://${config.ghe.host}`, backstage: config.backstage.appUrl },
    askSurvey: openSurveyFile(config.survey),
    targetHealth: () => worker.targetHealth(),
    tokenEnds: () => ({ ghe: ghes.tokenEndMs(), backstage: endInToken(config.backstage.token()) }),
    reconciler,
    metrics,
    rate: rate.read,
    turnedAway: turnedAway.read,
    sendTest: repository => sendTest({ store, ghes, secret, wallMs, intake }, repository),
    onRedriven: () => worker.landingDueAt(clock.now()),
    draining,
  })
}

/** Where there is one; ended by the returned function. */
function chatOf({ config, store, clock, log, events }: RelayParts, worker: Worker): () => void {
  if (config.chat === undefined) return () => {}
  return watchForChat({
    store,
    say: openChat(config.chat.url),
    targetHealth: () => worker.targetHealth(),
    clock,
    log,
    tell: events.tell,
    afterMs: config.chat.afterMs,
    ghesUrl: `https://${config.ghe.host}`,
  })
}

/** Where they are wanted; ended by the returned function. */
function statusesOf({ config, store, ghes, clock, log }: RelayParts): () => void {
  if (!config.ghe.statuses) return () => {}
  const [name] = config.adminHosts
  const links = {
    backstage: config.backstage.appUrl,
    hasModule: config.secrets.backstage.length > 0,
    ...(name === undefined ? {} : { page: `http://${name}:${config.admin.port}` }),
  }
  return tellStatuses({ store, ghes: ghes.statuses, clock, log, links })
}

/** What our module has never said; ended by the returned function. */
function readingOf({ config, store, ghes, backstage, clock, log, events }: RelayParts, module: ModuleSeen): () => void {
  const { refreshesPerSecond } = config.backstage
  return readOutcomes({
    store,
    backstage,
    clock,
    log,
    refreshesPerSecond,
    host: config.ghe.host,
    tell: events.tell,
    contents: ghes.contents,
    hasReported: async () => config.secrets.backstage.length > 0 && (await module.hasReported()),
  })
}

async function listen(app: FastifyInstance, { host, port }: Address): Promise<string> {
  // Node's own 511 overflows when thousands connect at once, and whoever is dropped tries again a second later.
  await app.listen({ host, port, backlog: LIMITS.connections })
  const address = app.server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `${app.server instanceof TlsServer ? 'https' : 'http'}://${name}:${address.port}`
}
