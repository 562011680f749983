// The embedded store keeps the store's promises, and its own: one process, no newer file.
import assert from 'node:assert/strict'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { SQLITE_MIGRATIONS } from '../../../relay/store/sqlite/schema.ts'
import { openSqliteStore } from '../../../relay/store/sqlite/sqlite-store.ts'
import { StoreRefused } from '../../../relay/store/store.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { openNewStore } from '../new-store.ts'
import { storeContract } from './contract/contract.ts'
import { formerComparisons } from './former-comparisons.ts'

const temporary = async () => temporaryFolder('catalog-gate-store-')
/** Milliseconds that this process has worked: what else runs on the machine has no part in them. */
const workedMs = () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000

/** What the stores of this file have asked for, and how often since it was cleared. */
const prepared = new Set<string>()
const done = new Map<string, number>()
const prepare = DatabaseSync.prototype.prepare
DatabaseSync.prototype.prepare = function (text) {
  const statement = prepare.call(this, text)
  prepared.add(text)
  const method = { run: statement.run, all: statement.all, get: statement.get }
  for (const name of ['run', 'all', 'get'] as const)
    Reflect.set(statement, name, (...values: unknown[]) => {
      done.set(text, (done.get(text) ?? 0) + 1)
      return Reflect.apply(method[name], statement, values)
    })
  return statement
}

storeContract('sqlite', async now => {
  const folder = await temporary()
  const opened = [openNewStore({ path: join(folder, 'relay.db'), now })]
  return {
    store: opened[0] as (typeof opened)[0],
    isAlone: true,
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

formerComparisons('sqlite', async () => {
  const folder = await temporary()
  const path = join(folder, 'relay.db')
  const before = new DatabaseSync(path)
  const version = 4
  before.exec('PRAGMA journal_mode = WAL')
  for (const migration of SQLITE_MIGRATIONS.slice(0, version)) before.exec(migration)
  before.exec(`PRAGMA user_version = ${version}`)
  return {
    overriding: '',
    write: async statements => {
      for (const statement of statements) before.exec(statement)
    },
    open: async now => openSqliteStore({ path, now }),
    remove: async () => {
      before.close()
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
  const words = new RegExp(`schema version 999.*knows version ${SQLITE_MIGRATIONS.length}`)
  assert.throws(() => openSqliteStore({ path, now: Date.now }), words)
})

test('sqlite: 100,000 waiting pushes on 10,000 keys cost no more a statement than 1,000 on 100', async t => {
  const small = await workThrough(100, 1000)
  const large = await workThrough(10_000, 100_000)
  const figures = (run: typeof small) =>
    `${run.msPerPush.toFixed(2)} ms a push, opened in ${Math.round(run.openedMs)} ms`
  t.diagnostic(`1,000 waiting: ${figures(small)}; 100,000 waiting: ${figures(large)}`)
  // With one scan of all that waits in a hot statement it was 12 times as much.
  assert.ok(large.msPerPush < 5 * small.msPerPush)
  // Some milliseconds here, a second with a scan for each key.
  assert.ok(large.openedMs < 30_000)
})

/** Lands and forwards 500 of so many waiting pushes. */
async function workThrough(keys: number, pushes: number): Promise<{ msPerPush: number; openedMs: number }> {
  const folder = await temporary()
  try {
    let now = 1_800_000_000_000
    const path = join(folder, 'relay.db')
    const first = openNewStore({ path, now: () => now })
    await first.accept(waitingPush(0, 0, now))
    await first.close()
    multiply(path, keys, pushes)
    const store = openSqliteStore({ path, now: () => now })
    assert.equal((await store.status()).pushes.waiting, pushes)
    now += pushes
    const startedMs = workedMs()
    let landed = 0
    while (landed < 500) {
      for (const task of await store.claimLandings({ limit: 5, leaseMs: 60_000 })) {
        landed += task.pushes.length
        await store.settleLandings(
          task,
          new Map(task.pushes.map(({ id }) => [id, { result: 'landed', detail: 'seen' }])),
        )
      }
      for (const job of await store.claimJobs('refresh', { limit: 10, leaseMs: 60_000 })) await store.done(job, 'ok')
      await store.nextJobAtMs('refresh')
      await store.nextLandingAtMs()
    }
    const msPerPush = (workedMs() - startedMs) / landed
    await store.close()
    const openMs = workedMs()
    await openSqliteStore({ path, now: () => now }).close()
    return { msPerPush, openedMs: workedMs() - openMs }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Makes so many waiting pushes of the one that is there, in a tenth of the time that they would take to come. */
function multiply(path: string, keys: number, pushes: number): void {
  const own: Record<string, string> = {
    id: `'msg_' || n`,
    turn: 'turn + n',
    repository: `'acme/svc-' || (n % ${keys})`,
    before_id: `printf('a%039d', n)`,
    after_id: `printf('b%039d', n)`,
    due_at: 'due_at + n',
  }
  const db = new DatabaseSync(path)
  const columns = prepare.call(db, `SELECT name FROM pragma_table_info('push') WHERE name <> 'seq'`).all()
  const names = columns.map(({ name }) => String(name))
  db.exec(
    `WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ${pushes - 1})
     INSERT INTO push (${names}) SELECT ${names.map(name => own[name] ?? name)} FROM push, number`,
  )
  db.close()
}

const waitingPush = (i: number, key: number, firstCheckAtMs: number) => ({
  id: `msg_${i}`,
  repository: `acme/svc-${key}`,
  ref: 'refs/heads/main',
  before: `${i}`.padStart(40, 'a'),
  after: `${i}`.padStart(40, 'b'),
  files: [{ path: 'catalog-info.yaml', change: 'modified' as const }],
  firstCheckAtMs,
})

test('sqlite: the clock was set back by two hours while the relay was down: nothing waits for it', async t => {
  const folder = await temporary()
  t.after(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'relay.db')
  const hourMs = 3_600_000
  const before = openSqliteStore({ path, now: () => 10 * hourMs })
  const push = (n: number) => ({
    id: `msg_${n}`,
    repository: `acme/r${n}`,
    ref: 'refs/heads/main',
    before: 'a'.repeat(40),
    after: String(n).repeat(40),
    files: [{ path: 'catalog-info.yaml', change: 'modified' as const }],
    firstCheckAtMs: 10 * hourMs,
  })
  await before.acceptLanded('delivery-1', push(1))
  const [job] = await before.claimJobs('refresh', { limit: 1, leaseMs: 1000 })
  assert.ok(job)
  await before.retryLater(job, { dueAtMs: 10 * hourMs + 1000, error: 'x', counts: true })
  await before.accept(push(2))
  await before.close()
  const after = openSqliteStore({ path, now: () => 8 * hourMs })
  assert.equal((await after.claimLandings({ limit: 1, leaseMs: 1000 }))[0]?.pushes[0]?.id, 'msg_2')
  assert.equal((await after.claimJobs('refresh', { limit: 1, leaseMs: 1000 }))[0]?.repository, 'acme/r1')
  await after.close()
})

test('sqlite: what lands in a backlog of its file costs few statements, and so does what its refresh covers', async t => {
  const folder = await temporary()
  t.after(() => rm(folder, { recursive: true, force: true }))
  const store = openSqliteStore({ path: join(folder, 'relay.db'), now: () => 1000 })
  for (let i = 0; i < 101; i++) await store.accept(waitingPush(i, 0, 1000))
  const counted = async (work: () => Promise<unknown>) => {
    done.clear()
    await work()
    return [...done.values()].reduce((sum, n) => sum + n, 0)
  }
  const [task] = await store.claimLandings({ limit: 1, leaseMs: 1000 })
  assert.ok(task)
  const verdicts = new Map(task.pushes.map(({ id }) => [id, { result: 'landed' as const, detail: 'seen' }]))
  const landing = await counted(() => store.settleLandings(task, verdicts))
  assert.ok(landing <= 101 * 7, `${landing / 101} statements a push that lands`)
  const [job] = await store.claimJobs('refresh', { limit: 1, leaseMs: 1000 })
  assert.ok(job)
  const covering = await counted(() => store.done(job, 'ok'))
  assert.ok(covering <= 20, `${covering} statements for a refresh that covers 100 pushes`)
  await store.close()
})

/** What may go through a whole table or index, or sort: each with the reason why that is little. */
const SCANS: { plan: RegExp; of: RegExp }[] = [
  // Subqueries of a few rows.
  { plan: /^SCAN (CONSTANT ROW|latest|w|l|\w+_ones)$/, of: /^SELECT/ },
  // Rows of our own.
  { plan: /^SCAN \d+-ROW VALUES CLAUSE$/, of: /^INSERT INTO/ },
  // So many as a transaction settles.
  { plan: /^SCAN which$/, of: /^INSERT INTO step .* LIMIT \d+\) AS which RETURNING push, number$/ },
  // A handful of rows, for a moment.
  { plan: /^SCAN cover$/, of: /\bcover\b/ },
  // Its order is the table's own, and a limit ends it.
  { plan: /^SCAN push$/, of: /FROM push +ORDER BY seq DESC LIMIT \?$/ },
  { plan: /^SCAN push USING INDEX push_(bypassed|refused)$/, of: /ORDER BY seq DESC LIMIT \?$/ },
  // Its index holds what is due.
  { plan: /^SCAN push USING INDEX push_status$/, of: /ORDER BY seq LIMIT \?$/ },
  { plan: /^SCAN push USING INDEX push_(ready|later)$/, of: /LIMIT 1$/ },
  // Counted in the index, 50 ns a row.
  { plan: /^SCAN push USING COVERING INDEX push_state$/, of: /count\(\*\).*GROUP BY state$/ },
  {
    plan: /^SCAN (push|job) USING (COVERING )?INDEX (job_ready|job_later|push_state|job_\w+)$/,
    of: /^SELECT \(?SELECT count\(\*\)|^SELECT \(SELECT count/,
  },
  // What is claimed now, or dead.
  { plan: /^USE TEMP B-TREE/, of: /INDEXED BY push_lease|DISTINCT repository FROM push WHERE state = 'dead'/ },
  // Once, at the start.
  { plan: /^SCAN job USING INDEX job_flow$/, of: /^UPDATE job SET due_at = \?/ },
]

test('sqlite: no statement looks through all that there is', async t => {
  const folder = await temporary()
  t.after(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'relay.db')
  await openSqliteStore({ path, now: Date.now }).close()
  const db = new DatabaseSync(path)
  let explained = 0
  // The lock's file has tables of its own.
  for (const text of [...prepared].filter(text => !/INTO holder VALUES|\bpid\b/.test(text))) {
    const plan = prepare.call(db, `EXPLAIN QUERY PLAN ${text}`).all()
    explained++
    for (const step of plan.map(({ detail }) => String(detail)).filter(detail => /^SCAN|TEMP B-TREE/.test(detail)))
      assert.ok(
        SCANS.some(({ plan, of }) => plan.test(step) && of.test(text.replaceAll(/\s+/g, ' '))),
        `${step}: ${text}`,
      )
  }
  db.close()
  assert.ok(explained > 140, `${explained} statements`)
})
