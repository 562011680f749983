// The store on a real PostgreSQL: the contract, and what only several replicas or a server of its own bring about.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import type { AcceptedPush } from '../../../relay/store/ports/inbox.ts'
import { Connections } from '../../../relay/store/postgres/connection.ts'
import { postgresEngine } from '../../../relay/store/postgres/postgres-engine.ts'
import { openPostgresStore } from '../../../relay/store/postgres/postgres-store.ts'
import { Presence } from '../../../relay/store/postgres/presence.ts'
import { POSTGRES_MIGRATIONS, POSTGRES_SCHEMA_VERSION } from '../../../relay/store/postgres/schema.ts'
import { sqlStore } from '../../../relay/store/sql-store.ts'
import { type Store, StoreRefused, StoreUnavailable } from '../../../relay/store/store.ts'
import { type Postgres, startPostgres } from '../../support/postgres.ts'
import { storeContract } from './contract/contract.ts'
import { formerComparisons } from './former-comparisons.ts'
import { openRows, theyGoOn } from './former-pushes.ts'

let postgres: Postgres
/** A database with today's schema: to copy it takes a third of what it takes to make one. */
let migrated: string
/** That of the contract's tests, each of which finds it as new: to empty it takes a fiftieth of what a copy takes. */
let emptied: Awaited<ReturnType<typeof emptiedDatabase>>
before(async () => {
  postgres = await startPostgres()
  migrated = await postgres.database()
  await (await open(migrated)).close()
  emptied = await emptiedDatabase(await postgres.database(migrated))
})
after(async () => {
  await emptied.close()
  await postgres.remove()
})

storeContract('postgres', async now => {
  const { url, empty, connections, presence } = emptied
  const opened: Store[] = []
  return {
    // A store of its own on connections that are there: what a new one has to read anew is half of the work.
    store: sqlStore(postgresEngine(connections, presence, now, 0), now),
    isAlone: false,
    // The replica that is gone has closed nothing: its connections are still there.
    crash: async () => {
      const next = await openPostgresStore({ url, now, onTrouble: () => undefined })
      opened.push(next)
      return next
    },
    remove: async () => {
      for (const store of opened) await store.close()
      await empty()
    },
  }
})

/** Empties all tables of a new database, but for the rows that the schema begins with; with the connections of a store. */
async function emptiedDatabase(url: string) {
  const connections = new Connections({ url, onTrouble: () => undefined })
  const presence = new Presence(connections)
  await presence.hold()
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined) // its server is stopped by a test
  await client.connect()
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('catalog_gate.%I', tablename) AS name FROM pg_tables WHERE schemaname = 'catalog_gate'`,
  )
  for (const [i, { name }] of rows.entries()) await client.query(`CREATE TABLE first_${i} AS TABLE ${name}`)
  const empty = rows
    .map(({ name }, i) => `DELETE FROM ${name}; INSERT INTO ${name} OVERRIDING SYSTEM VALUE TABLE first_${i}`)
    .join('; ')
  const close = async () => {
    await presence.close()
    await connections.close()
    await client.end()
  }
  return { url, connections, presence, empty: () => client.query(empty), close }
}

/** A database as that version's relay has left it, with these rows of the first one's. */
async function former(version: number, rows: readonly string[] = []) {
  const url = await postgres.database()
  const write = async (statements: readonly string[]) => {
    await ask(url, ['SET search_path TO catalog_gate', ...statements].join(';\n'))
  }
  await ask(url, 'CREATE SCHEMA catalog_gate')
  await write(['CREATE TABLE version (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL)'])
  await write([...POSTGRES_MIGRATIONS.slice(0, 1), ...rows, ...POSTGRES_MIGRATIONS.slice(1, version)])
  await write([`INSERT INTO version VALUES (1, ${version})`])
  return { url, write }
}

test('postgres: from former schemas, with pushes and jobs open: they go on', async () => {
  for (const version of [1, Math.ceil(POSTGRES_SCHEMA_VERSION / 2), POSTGRES_SCHEMA_VERSION - 1]) {
    const { url } = await former(version, openRows('postgres'))
    const store = await openPostgresStore({ url, now: () => 2_000, onTrouble: () => undefined })
    await theyGoOn(store, `from version ${version}`)
    await store.close()
  }
})

formerComparisons('postgres', async () => {
  const { url, write } = await former(1)
  return {
    overriding: 'OVERRIDING SYSTEM VALUE',
    write,
    open: now => openPostgresStore({ url, now, onTrouble: () => undefined }),
    remove: async () => {},
  }
})

let made = 0
const aPush = (fields: Partial<AcceptedPush> = {}): AcceptedPush => ({
  id: `msg_${++made}`,
  repository: `acme/r${made}`,
  ref: 'refs/heads/main',
  before: 'a'.repeat(40),
  after: String(made).padStart(40, '0'),
  files: [{ path: 'catalog-info.yaml', change: 'modified' }],
  firstCheckAtMs: 0,
  ...fields,
})

const open = (url: string): Promise<Store> => openPostgresStore({ url, now: Date.now, onTrouble: () => undefined })

async function ask(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await client.query(text)
  } finally {
    await client.end()
  }
}

/** Replicas of one store, closed at the end of the test. */
async function replicas(
  t: { after: (end: () => Promise<void>) => void },
  url: string,
  count: number,
): Promise<Store[]> {
  const stores = await Promise.all(Array.from({ length: count }, () => open(url)))
  t.after(async () => {
    for (const store of stores) await store.close()
  })
  return stores
}

test('postgres: ten replicas that start at once on an empty database', async t => {
  const url = await postgres.database()
  const stores = await replicas(t, url, 10)
  await Promise.all(stores.map(store => store.accept(aPush())))
  assert.equal((await stores[0]?.status())?.pushes.waiting, 10)
  const { rows } = await ask(url, 'SELECT version FROM catalog_gate.version')
  assert.deepEqual(rows, [{ version: POSTGRES_SCHEMA_VERSION }])
})

test('postgres: a schema of a newer relay is refused, naming both versions', async () => {
  const url = await postgres.database(migrated)
  await ask(url, 'UPDATE catalog_gate.version SET version = 999')
  await assert.rejects(open(url), (error: Error) => {
    assert.ok(error instanceof StoreRefused)
    assert.match(error.message, new RegExp(`version 999.*knows version ${POSTGRES_SCHEMA_VERSION}`))
    return true
  })
})

test('postgres: replicas that claim at the same time get different work, and all of it once', async t => {
  const url = await postgres.database(migrated)
  const stores = await replicas(t, url, 3)
  const [first] = stores as [Store]
  await Promise.all(Array.from({ length: 60 }, () => first.accept(aPush())))
  const landed = await Promise.all(
    stores.map(async store => {
      const ids: string[] = []
      for (;;) {
        const tasks = await store.claimLandings({ limit: 5, leaseMs: 60_000 })
        if (tasks.length === 0) return ids
        for (const task of tasks) {
          ids.push(...task.pushes.map(({ id }) => id))
          await store.settleLandings(
            task,
            new Map(task.pushes.map(({ id }) => [id, { result: 'landed', detail: 'seen' }])),
          )
        }
      }
    }),
  )
  assert.equal(landed.flat().length, 60)
  const done = await Promise.all(
    stores.map(async store => {
      const ids: string[] = []
      for (;;) {
        const jobs = await store.claimJobs('refresh', { limit: 5, leaseMs: 60_000 })
        if (jobs.length === 0) return ids
        for (const job of jobs) {
          ids.push(job.pushId)
          assert.equal(await store.done(job, 'ok'), true)
        }
      }
    }),
  )
  assert.equal(new Set(done.flat()).size, 60)
  assert.equal(done.flat().length, 60)
  assert.ok(
    done.every(ids => ids.length > 0),
    `one replica had nothing: ${done.map(ids => ids.length)}`,
  )
  assert.equal((await first.status()).pushes.forwarded, 60)
})

test('postgres: pushes of one file that land on three replicas at the same time: none is lost, none is counted twice', async t => {
  const url = await postgres.database(migrated)
  const stores = await replicas(t, url, 3)
  const [first] = stores as [Store]
  const pushes = Array.from({ length: 30 }, () => aPush({ repository: 'acme/busy' }))
  let running = 0
  const work = async (store: Store, own: AcceptedPush[]) => {
    for (const push of own) {
      await store.accept(push)
      for (const task of await store.claimLandings({ limit: 1, leaseMs: 60_000 }))
        await store.settleLandings(
          task,
          new Map(task.pushes.map(({ id }) => [id, { result: 'landed', detail: 'seen' }])),
        )
      for (const job of await store.claimJobs('refresh', { limit: 1, leaseMs: 60_000 })) {
        assert.equal(++running, 1, 'two refreshes of one key at the same time')
        await store.probe()
        running--
        assert.equal(await store.done(job, 'ok'), true)
      }
    }
  }
  await Promise.all(
    stores.map((store, i) =>
      work(
        store,
        pushes.filter((_, n) => n % 3 === i),
      ),
    ),
  )
  for (let i = 0; i < 5; i++) {
    for (const task of await first.claimLandings({ limit: 10, leaseMs: 60_000 }))
      await first.settleLandings(task, new Map(task.pushes.map(({ id }) => [id, { result: 'landed', detail: 'seen' }])))
    for (const job of await first.claimJobs('refresh', { limit: 10, leaseMs: 60_000 })) await first.done(job, 'ok')
  }
  assert.deepEqual((await first.status()).pushes, {
    waiting: 0,
    landed: 0,
    forwarded: 30,
    unknown: 0,
    rejected: 0,
    dead: 0,
  })
  const { rows } = await ask(
    url,
    'SELECT count(*)::int AS n FROM catalog_gate.push WHERE open_files <> 0 OR dead_files <> 0',
  )
  assert.deepEqual(rows, [{ n: 0 }])
})

test('postgres: stopped as by a power cut and started again: refused meanwhile, nothing lost, no restart of ours', async t => {
  if (process.env['DATABASE_URL']) return t.skip('the server of DATABASE_URL is not ours to stop')
  const [store] = (await replicas(t, await postgres.database(migrated), 1)) as [Store]
  const kept = aPush()
  await store.accept(kept)
  const task = (await store.claimLandings({ limit: 1, leaseMs: 60_000 }))[0]
  await postgres.stop('immediate')
  const attempts = [
    () => store.accept(aPush()),
    () => store.probe(),
    () => store.claimJobs('refresh', { limit: 1, leaseMs: 1 }),
    () => store.status(),
  ]
  for (const attempt of attempts) await assert.rejects(attempt, StoreUnavailable)
  await postgres.start()
  await store.accept(aPush())
  assert.equal((await store.push(kept.id))?.state, 'waiting')
  assert.ok(task)
  assert.equal(await store.settleLandings(task, new Map([[kept.id, { result: 'landed', detail: 'seen' }]])), 1)
})

test('postgres: what is wrong with the set-up is told without the password', async () => {
  const good = await postgres.database()
  const secret = 'wrong-and-secret'
  const wrong = (change: (url: URL) => void) => {
    const url = new URL(good)
    change(url)
    return url.href
  }
  for (const [url, kind, words] of [
    [wrong(url => (url.password = secret)), StoreRefused, /does not let us in.*Check user and password in "store"/],
    [wrong(url => (url.pathname = '/nowhere')), StoreRefused, /"nowhere" does not exist at .*Create it/],
    [wrong(url => (url.port = '1')), StoreUnavailable, /ECONNREFUSED/],
    [wrong(url => (url.hostname = 'db.invalid')), StoreUnavailable, /ENOTFOUND|EAI_AGAIN/],
  ] as const) {
    await assert.rejects(open(url), (error: Error) => {
      assert.ok(error instanceof kind, `${error.name}: ${error.message}`)
      assert.match(error.message, words)
      assert.ok(!JSON.stringify([error.message, String(error.stack), String(error.cause)]).includes(secret))
      return true
    })
  }
})

test('postgres: a user that may not create anything is told what it needs', async () => {
  const url = await postgres.database()
  const name = new URL(url).pathname.slice(1)
  await ask(url, `CREATE ROLE guest_${name} LOGIN PASSWORD 'guest'`)
  const guest = Object.assign(new URL(url), { username: `guest_${name}`, password: 'guest' }).href
  await assert.rejects(
    open(guest),
    /permission denied.*needs CREATE on the database once, or an own schema "catalog_gate"/,
  )
  await ask(url, `CREATE SCHEMA catalog_gate AUTHORIZATION guest_${name}`)
  const store = await open(guest)
  await store.accept(aPush())
  await store.close()
})

test('postgres: texts with NUL characters are kept without them', async t => {
  const [store] = (await replicas(t, await postgres.database(migrated), 1)) as [Store]
  const push = aPush({ pusher: 'a\0b', bypass: 'c\0d', files: [{ path: 'e\0f.yaml', change: 'modified' }] })
  await store.accept(push)
  const found = await store.push(push.id)
  assert.deepEqual([found?.pusher, found?.bypass, found?.files[0]?.path], ['a\ufffdb', 'c\ufffdd', 'e\ufffdf.yaml'])
})

test('postgres: what a replica had claimed is given back as soon as its connection is gone, and not before', async t => {
  const url = await postgres.database(migrated)
  const [gone] = (await replicas(t, url, 1)) as [Store]
  const [other] = (await replicas(t, url, 1)) as [Store]
  await gone.accept(aPush())
  assert.equal((await gone.claimLandings({ limit: 1, leaseMs: 90_000 })).length, 1)
  assert.equal(await other.reap(), 0)
  // What the end of a process does.
  await ask(
    url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'catalog-gate is present'
       AND datname = current_database() ORDER BY backend_start LIMIT 1`,
  )
  let taken = 0
  // The server ends a connection when it gets to it, and tells nobody.
  for (let asked = 0; taken === 0 && asked < 1000; asked++) taken = await other.reap()
  assert.equal(taken, 1)
  assert.equal((await other.claimLandings({ limit: 1, leaseMs: 90_000 })).length, 1)
  assert.equal(await gone.reap(), 0)
  assert.equal(await other.reap(), 0)
})
