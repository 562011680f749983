// The way in put together: what the intake may ask of the other parts, and whom it tells.
import type { FastifyInstance } from 'fastify'
import type { ModuleSeen } from './deliver/module-seen.ts'
import type { Provider } from './deliver/provider.ts'
import type { Worker } from './deliver/worker.ts'
import { openIntake } from './intake/server.ts'
import type { CatalogCopy } from './lookups/catalog-copy.ts'
import { learnVerdicts } from './lookups/learn-verdicts.ts'
import { openLookups } from './lookups/lookups.ts'
import type { Reconciler } from './reconcile/reconcile.ts'
import type { KnownRepositories } from './reconcile/repository-facts.ts'
import { followList } from './reconcile/whole-list.ts'
import type { RelayParts } from './relay-parts.ts'

type BehindIntake = {
  worker: Worker
  reconciler: Reconciler
  provider: Provider
  module: ModuleSeen
  isCatalogFile: (path: string) => boolean
  draining: () => boolean
  repositories: KnownRepositories | undefined
  copy?: CatalogCopy
}

export function openWayIn(
  parts: RelayParts,
  { worker, reconciler, provider, module, isCatalogFile, draining, copy, repositories }: BehindIntake,
): FastifyInstance {
  const { config, store, ghes, backstage, clock, wallMs, log, events, backlogLimit } = parts
  const { tls } = config.listen
  const { host } = config.ghe
  const { backstage: secrets } = config.secrets
  const list = followList(reconciler, clock, log)
  const onProvider = () => {
    module.seen()
    provider.seen()
    list.wanted()
  }
  return openIntake({
    store,
    clock,
    wallMs,
    log,
    hookSecrets: config.secrets.hook,
    webhookSecrets: config.secrets.webhook,
    isCatalogFile,
    firstCheckMs: config.landing.firstCheckMs,
    onAccepted: atMs => worker.landingDueAt(atMs),
    onLanded: () => worker.jobsArrived(),
    draining,
    tell: events.tell,
    ...(copy === undefined ? {} : { lookups: openLookups({ copy, catalog: backstage, store, ghes, clock, host }) }),
    onJudged: (readings, busy) => {
      module.seen()
      worker.judged(readings, busy)
      if (copy !== undefined) learnVerdicts(readings, copy, host)
    },
    ...(repositories === undefined
      ? {}
      : {
          backstage: {
            secrets,
            host,
            listIsWhole: list.isWhole,
            onProvider,
            repositoriesAfter: cursor => {
              module.seen()
              worker.moduleHeard()
              return repositories.after(cursor)
            },
          },
          onSigned: repository => repositories.signed(repository, wallMs()),
        }),
    ...(backlogLimit === undefined ? {} : { backlogLimit }),
    ...(tls === undefined ? {} : { tls }),
  })
}
