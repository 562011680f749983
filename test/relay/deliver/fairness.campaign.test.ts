// Live before bulk, and fair between people: a single push beside a reconcile's thousands, or another pusher's, by a clock that the test owns.
import assert from 'node:assert/strict'
import { rounds } from '../../support/campaign.ts'
import { is, sha, testWorker } from './worker-fixture.ts'

const BULK = { reconcile: rounds(200, 2000), script: rounds(100, 1000) }
/** Pushes of single people meanwhile, so far apart. */
const EVERY_MS = rounds(1700, 5000)
const HOW = { perSecond: 40, answersAfterMs: 50 }

type Fixture = Parameters<Parameters<typeof testWorker>[1]>[0]
type Bulk = keyof typeof BULK

const ALONE_MS = new Map<Bulk, number>()

for (const bulk of Object.keys(BULK) as Bulk[]) {
  testWorker(
    `${BULK[bulk]} of a ${bulk}, alone`,
    async fixture => {
      const fromMs = fixture.clock.now()
      await begin(bulk, fixture)
      await ended(bulk, fixture)
      ALONE_MS.set(bulk, fixture.clock.now() - fromMs)
    },
    HOW,
  )

  testWorker(
    `${BULK[bulk]} of a ${bulk}, and single pushes of others: these are asked for within a second, and the bulk takes as long as alone`,
    async fixture => {
      const { clock, accept, until, pass } = fixture
      const fromMs = clock.now()
      await begin(bulk, fixture)
      const aloneMs = ALONE_MS.get(bulk) ?? 0
      for (let n = 0; clock.now() - fromMs < aloneMs - EVERY_MS; n++) {
        await pass(EVERY_MS / 2)
        const single = await accept(10_000 + n, { pusher: `person-${n}` })
        const { history, receivedAtMs } = await until(single.id, is('forwarded'))
        const askedAfterMs = (history.at(-1)?.atMs ?? 0) - receivedAtMs
        assert.ok(askedAfterMs <= 1000, `single push ${n} was asked for after ${askedAfterMs} ms`)
        await pass(EVERY_MS / 2)
      }
      await ended(bulk, fixture)
      const tookMs = clock.now() - fromMs
      assert.ok(tookMs <= 1.05 * aloneMs, `${tookMs} ms, alone ${aloneMs} ms`)
    },
    HOW,
  )
}

async function begin(bulk: Bulk, { store, worker, accept, clock }: Fixture): Promise<void> {
  for (let n = 1; n <= BULK[bulk]; n++) {
    if (bulk === 'script') await accept(n, { pusher: 'script' })
    else
      await store.acceptLanded(`reconcile-${n}`, {
        ...{ repository: `acme/svc-${n}`, ref: 'refs/heads/main', before: sha(0xff), after: sha(1), isBulk: true },
        files: [{ path: 'catalog-info.yaml', change: 'modified' }],
      })
  }
  worker.jobsArrived()
  worker.landingDueAt(clock.now())
}

async function ended(bulk: Bulk, { store, pass }: Fixture): Promise<void> {
  for (;;) {
    const { waiting, landed } = (await store.status()).pushes
    if (waiting + landed === 0) return
    assert.ok(waiting + landed <= BULK[bulk])
    await pass(100)
  }
}
