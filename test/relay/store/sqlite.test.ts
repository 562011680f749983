// The embedded store keeps the store's promises, and its own: one process, no newer file.
import assert from 'node:assert/strict'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openSqliteStore } from '../../../relay/store/sqlite.ts'
import { StoreRefused } from '../../../relay/store/store.ts'
import { storeContract } from './contract.ts'

const temporary = () => mkdtemp(join(tmpdir(), 'catalog-gate-store-'))

storeContract('sqlite', async now => {
  const folder = await temporary()
  const opened = [openSqliteStore({ path: join(folder, 'relay.db'), now })]
  return {
    store: opened[0] as (typeof opened)[0],
    crash: async () => {
      // What a crash leaves: the files as they are at this moment. The test of a real kill is in crash.test.ts.
      const copy = join(await temporary(), 'relay.db')
      for (const end of ['', '-wal']) await copyFile(join(folder, `relay.db${end}`), `${copy}${end}`)
      const store = openSqliteStore({ path: copy, now })
      opened.push(store)
      return store
    },
    remove: async () => {
      for (const store of opened) await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
})

test('sqlite: a second one is refused, and told who has the store', async t => {
  const folder = await temporary()
  t.after(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'relay.db')
  const store = openSqliteStore({ path, now: Date.now })
  assert.throws(
    () => openSqliteStore({ path, now: Date.now }),
    (error: unknown) => error instanceof StoreRefused && error.message.includes(`in use by process ${process.pid} on`),
  )
  await store.close()
  await openSqliteStore({ path, now: Date.now }).close()
})

test('sqlite: a file of a newer relay is refused, naming both versions', async t => {
  const folder = await temporary()
  t.after(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'relay.db')
  await openSqliteStore({ path, now: Date.now }).close()
  const db = new DatabaseSync(path)
  db.exec('PRAGMA user_version = 999')
  db.close()
  assert.throws(() => openSqliteStore({ path, now: Date.now }), /schema version 999.*knows version 1/)
})

test('sqlite: 100,000 waiting pushes on 10,000 keys; no statement in the hot path scans', async t => {
  const folder = await temporary()
  t.after(() => rm(folder, { recursive: true, force: true }))
  let now = 1_800_000_000_000
  const path = join(folder, 'relay.db')
  const store = openSqliteStore({ path, now: () => now })
  const accepts: Promise<unknown>[] = []
  for (let i = 0; i < 100_000; i++) {
    accepts.push(
      store.accept({
        id: `msg_${i}`,
        repository: `acme/svc-${i % 10_000}`,
        ref: 'refs/heads/main',
        before: `${i}`.padStart(40, 'a'),
        after: `${i}`.padStart(40, 'b'),
        files: [{ path: 'catalog-info.yaml', change: 'modified' }],
        firstCheckAtMs: now + i,
      }),
    )
  }
  await Promise.all(accepts)
  now += 200_000
  const startedMs = performance.now()
  let landed = 0
  for (let round = 0; round < 50; round++) {
    for (const task of await store.claimLandings({ limit: 10, leaseMs: 60_000 })) {
      landed += task.pushes.length
      await store.settleLandings(task, new Map(task.pushes.map(({ id }) => [id, { result: 'landed', detail: 'seen' }])))
    }
    for (const job of await store.claimJobs({ limit: 10, leaseMs: 60_000 })) await store.done(job, 'ok')
  }
  const tookMs = performance.now() - startedMs
  assert.equal(landed, 5000)
  await store.close()
  const startMs = performance.now()
  await openSqliteStore({ path, now: () => now }).close()
  const openedMs = performance.now() - startMs
  t.diagnostic(
    `500 branches of 10 pushes landed and forwarded in ${Math.round(tookMs)} ms; opened in ${Math.round(openedMs)} ms`,
  )
  // With a scan of 100,000 rows in each of the 2,000 statements this takes over 20 s.
  assert.ok(tookMs < 8000, `${tookMs} ms`)
  assert.ok(openedMs < 3000, `${openedMs} ms`)
})
