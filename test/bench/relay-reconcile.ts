// A reconcile of 2,000 repositories: how many requests it costs GHES when nothing has changed, and what it finds when something has.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGhes } from '../../relay/clients/ghes/ghes.ts'
import { type ReconcileReport, Reconciler } from '../../relay/reconcile/reconcile.ts'
import { systemClock } from '../../relay/runtime/clock.ts'
import { openLog } from '../../relay/runtime/log.ts'
import { openSqliteStore } from '../../relay/store/sqlite/sqlite-store.ts'
import type { Store } from '../../relay/store/store.ts'
import { type GraphqlRepository, graphqlAnswer } from '../support/ghes-graphql.ts'
import { hooksAnswer, OrganizationHook } from '../support/ghes-hooks.ts'
import { StandIn } from '../support/stand-in.ts'
import type { Row } from './row.ts'

const REPOSITORIES = 2000
const CHANGED = 20

/** A GHES whose repositories are a list: git would take longer than the reconcile. */
function listedGhes(blobs: string[]): StandIn {
  const repository = (i: number): GraphqlRepository => ({
    nameWithOwner: `acme/svc-${String(i).padStart(4, '0')}`,
    isArchived: false,
    defaultBranch: { name: 'main', head: `${blobs[i]}00` },
    entry: async path => (path === 'catalog-info.yaml' ? { type: 'Blob', oid: blobs[i] ?? '' } : undefined),
  })
  const hook = new OrganizationHook(1, { url: 'https://relay.example/v1/github', secret: 's' })
  const source = {
    repositories: async () => blobs.map((_blob, i) => repository(i)),
    repository: async () => undefined,
  }
  return new StandIn({
    kind: request => request.url.pathname,
    answer: request =>
      request.url.pathname === '/api/graphql' ? graphqlAnswer(source, request.body) : hooksAnswer([hook], request),
  })
}

async function doJobs(store: Store): Promise<number> {
  for (let done = 0; ; ) {
    const jobs = await store.claimJobs('refresh', { limit: 200, leaseMs: 10_000 })
    if (jobs.length === 0) return done
    await Promise.all(jobs.map(job => store.done(job, 'refreshed')))
    done += jobs.length
  }
}

export async function benchReconcile(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-gate-bench-'))
  const blobs = Array.from({ length: REPOSITORIES }, (_, i) => i.toString(16).padStart(38, '0'))
  const ghes = await listedGhes(blobs).start()
  const store = openSqliteStore({ path: join(folder, 'relay.db'), now: systemClock.now })
  const client = openGhes({ baseUrl: `${ghes.url}/api/v3`, token: () => 'token', now: systemClock.now })
  const reconciler = new Reconciler({
    ...{ store, ghes: client, clock: systemClock, log: openLog({ write() {} }, 'silent'), organizations: ['acme'] },
    everyMs: 86_400_000,
    files: ['**/catalog-info.yaml', '**/catalog-info.yml'],
    onJobs: () => {},
  })
  const reconcile = async (): Promise<ReconcileReport & { seen: number }> => {
    ghes.forgetRequests()
    const outcome = await reconciler.now()
    if (outcome.result !== 'done') throw new Error(`the reconcile is ${outcome.result}`)
    return { ...outcome.report, seen: ghes.count() }
  }
  try {
    const first = await reconcile()
    const jobs = await doJobs(store)
    const unchanged = await reconcile()
    const idle = await doJobs(store)
    for (let i = 0; i < CHANGED; i++) blobs[i * 90] = `f${blobs[i * 90]?.slice(1)}`
    const drifted = await reconcile()
    const repaired = await doJobs(store)
    return [
      {
        what: `relay: reconcile of ${REPOSITORIES} repositories, nothing changed: requests to GHES`,
        figure: `${unchanged.seen}`,
        target: '<= 25',
        isMet: unchanged.seen <= 25 && unchanged.drift === 0 && idle === 0,
        note: `${unchanged.tookMs} ms, ${idle} refreshes; the first one: ${first.firstSeen} first seen, ${jobs} refreshes`,
      },
      {
        what: `relay: reconcile with ${CHANGED} unheard-of changes: drift found`,
        figure: `${drifted.drift}`,
        target: `${CHANGED}`,
        isMet: drifted.drift === CHANGED && repaired === CHANGED,
        note: `${drifted.seen} requests, ${repaired} refreshes`,
      },
    ]
  } finally {
    await reconciler.stop()
    await client.close()
    await store.close()
    await ghes.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) console.log(await benchReconcile())
