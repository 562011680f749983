// `catalog-gate store migrate` as built, between a real SQLite file and a real PostgreSQL.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { AcceptedPush } from '../../relay/store/ports/inbox.ts'
import { openPostgresStore } from '../../relay/store/postgres/postgres-store.ts'
import { openSqliteStore } from '../../relay/store/sqlite/sqlite-store.ts'
import type { Store } from '../../relay/store/store.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'

const program = join(import.meta.dirname, '../../dist/catalog-gate.mjs')
let postgres: Postgres
let folder = ''
before(async () => {
  postgres = await startPostgres()
  folder = mkdtempSync(join(tmpdir(), 'catalog-gate-migrate-'))
})
after(async () => {
  await postgres.remove()
  rmSync(folder, { recursive: true, force: true })
})

const NOW = 1_790_000_000_000
const push = (n: number, fields: Partial<AcceptedPush> = {}): AcceptedPush => ({
  id: `msg_${n}`,
  repository: `acme/svc-${n % 7}`,
  ref: 'refs/heads/main',
  before: 'a'.repeat(40),
  after: String(n).padStart(40, '0'),
  pusher: 'octocat',
  files: [
    {
      path: 'catalog-info.yaml',
      change: 'modified',
      entities: [`component:default/svc-${n % 7}`],
      references: ['openapi.yaml'],
    },
  ],
  firstCheckAtMs: NOW,
  ...fields,
})

/** Some of everything: waiting, superseded, running, put off, forwarded, dead, rejected, a delivery, a note, a breaker. */
async function fill(path: string, count: number): Promise<void> {
  const store = openSqliteStore({ path, now: () => NOW })
  for (let n = 0; n < count; n += 500)
    await Promise.all(Array.from({ length: Math.min(500, count - n) }, (_, i) => store.accept(push(n + i))))
  const tasks = await store.claimLandings({ limit: 7, leaseMs: 1000 })
  for (const task of tasks)
    await store.settleLandings(
      task,
      new Map(
        task.pushes
          .slice(0, -1)
          .map(({ id }, i) => [
            id,
            i === 0 ? { result: 'gone', reason: 'refused by a later hook' } : { result: 'landed', detail: 'seen' },
          ]),
      ),
    )
  const jobs = await store.claimJobs('refresh', { limit: 4, leaseMs: 1000 })
  const [first, second, third] = jobs
  assert.ok(first && second && third && jobs.length === 4)
  await store.done(first, 'refreshed')
  await store.giveUp(second, 'refused')
  await store.retryLater(third, { dueAtMs: NOW + 60_000, error: 'Backstage answered 503', counts: true })
  await store.acceptLanded('delivery-1', { ...push(900_001), bypass: 'nul \0 in it' })
  await store.setNote('cursor', '7')
  await store.openCircuit('backstage', { reason: 'down', untilMs: NOW + 5000 })
  await store.close()
}

const everything = async (store: Store, count: number) => ({
  status: await store.status(),
  due: [await store.nextLandingAtMs(), await store.nextJobAtMs('refresh')],
  circuit: await store.circuit('backstage'),
  note: await store.note('cursor'),
  known: await store.knownFiles('acme/svc-0'),
  quoting: await store.filesReferencing('acme/svc-0', 'refs/heads/main', ['openapi.yaml']),
  list: await store.list({ limit: 100 }),
  pushes: await Promise.all(Array.from({ length: Math.min(count, 60) }, (_, n) => store.push(`msg_${n}`))),
})

function migrate(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'store', 'migrate', ...args], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

/** A file with the URL, as an administrator keeps it. */
async function target(): Promise<{ url: string; file: string }> {
  const url = await postgres.database()
  const file = join(folder, `${new URL(url).pathname.slice(1)}.url`)
  writeFileSync(file, `${url}\n`, { mode: 0o600 })
  return { url, file: `@${file}` }
}

const openTarget = (url: string) => openPostgresStore({ url, now: () => NOW, onTrouble: () => undefined })

test('everything is there afterwards, and goes on from where it was', async () => {
  const path = join(folder, 'one.db')
  await fill(path, 1200)
  const source = openSqliteStore({ path, now: () => NOW })
  const expected = await everything(source, 1200)
  await source.close()
  const to = await target()
  const done = migrate('sqlite://one.db', to.file)
  assert.deepEqual([done.status, done.stderr], [0, ''])
  assert.match(done.stdout, /one\.db to PostgreSQL at 127\.0\.0\.1:\d+\/test_/)
  assert.match(done.stdout, /Moved 1201 pushes, 6 jobs and 1 known files, \d+ rows in all; counted again/)
  assert.ok(!existsSync(path) && existsSync(`${path}.moved`))
  assert.doesNotMatch(done.stdout, /only for tests/, 'the password')
  const store = await openTarget(to.url)
  try {
    assert.deepEqual(
      await everything(store, 1200),
      JSON.parse(JSON.stringify(expected).replaceAll('\\u0000', '\ufffd')),
    )
    assert.deepEqual(await store.accept(push(1199)), { result: 'known' })
    assert.deepEqual(await store.acceptLanded('delivery-1', push(900_001)), { result: 'known' })
    assert.deepEqual(await store.accept(push(900_002)), { result: 'stored' })
    assert.equal((await store.list({ limit: 1 }))[0]?.id, 'msg_900002', 'new ones come after those that were moved')
    const jobs = await store.claimJobs('refresh', { limit: 100, leaseMs: 1000 })
    for (const job of jobs) assert.equal(await store.done(job, 'refreshed'), true)
    assert.equal(jobs.length, 4, 'one is dead, one put off')
  } finally {
    await store.close()
  }
})

test('killed on the way, the target is as empty as before; the same command again does it', async () => {
  const path = join(folder, 'two.db')
  await fill(path, 6000)
  const to = await target()
  const child = spawn(process.execPath, [program, 'store', 'migrate', path, to.file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  await new Promise<void>((resolve, reject) => {
    child.once('exit', status => reject(new Error(`ended with ${status}: ${out}`)))
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8')
      if (/^ {2}push: \d+$/m.test(out)) resolve()
    })
  })
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.doesNotMatch(out, /Moved/)
  assert.ok(existsSync(path), 'the source is where it was')
  const empty = await openTarget(to.url)
  assert.deepEqual((await empty.list({ limit: 1 })).length, 0)
  await empty.close()
  const again = migrate(path, to.file)
  assert.equal(again.status, 0, again.stderr)
  assert.match(again.stdout, /Moved 6001 pushes/)
})

test('interrupted between the copy and setting the file aside: repeating it only does the rest', async () => {
  const path = join(folder, 'three.db')
  await fill(path, 50)
  const to = await target()
  copyFileSync(path, `${path}.copy`)
  assert.equal(migrate(path, to.file).status, 0)
  renameSync(`${path}.copy`, path)
  const again = migrate(path, to.file)
  assert.equal(again.status, 0, again.stderr)
  assert.match(again.stdout, /had been moved already/)
  assert.ok(!existsSync(path))
})

test('refused: a target that is in use, a source that is, a source that is not there, and the wrong way round', async () => {
  const path = join(folder, 'four.db')
  await fill(path, 50)
  const used = await target()
  const other = await openTarget(used.url)
  await other.accept(push(1))
  await other.close()
  const inUse = migrate(path, used.file)
  assert.deepEqual(
    [inUse.status, /the target is in use: its table "push" holds 1 rows/.test(inUse.stderr)],
    [2, true],
    inUse.stderr,
  )
  const open = openSqliteStore({ path, now: Date.now })
  const locked = migrate(path, (await target()).file)
  await open.close()
  assert.deepEqual([locked.status, /is in use by process/.test(locked.stderr)], [2, true], locked.stderr)
  for (const [args, words] of [
    [['nowhere.db', used.file], /the source .*nowhere\.db does not exist/],
    [[path, 'other.db'], /<to>: expected postgres:/],
    [[used.url, used.url], /<from>: expected SQLite/],
    [[path, '@nothing'], /cannot read nothing: no such file/],
  ] as const) {
    const { status, stderr } = migrate(...args)
    assert.equal(status, 2)
    assert.match(stderr, words)
  }
  assert.ok(existsSync(path))
  assert.match(migrate('nowhere.db', used.url).stderr, /a password on the command line is seen by everybody/)
})

test('a database that is not there: nothing was moved, and which words', async () => {
  const path = join(folder, 'five.db')
  await fill(path, 50)
  const { status, stderr } = migrate(path, 'postgres://relay@127.0.0.1:1/relay')
  assert.equal(status, 3)
  assert.match(stderr, /ECONNREFUSED/)
  assert.match(stderr, /Nothing was moved/)
  assert.ok(existsSync(path))
})
