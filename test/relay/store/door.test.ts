// One relay a SQLite file, by whatever name it is opened; and a lock of somebody else's on it, which nothing else waits for.
import assert from 'node:assert/strict'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, test } from 'node:test'
import { moveStore } from '../../../relay/store/migrate/move.ts'
import { openSqliteStore } from '../../../relay/store/sqlite/sqlite-store.ts'
import { StoreRefused, StoreUnavailable } from '../../../relay/store/store.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { TestClock } from '../clock.ts'
import { aPush } from './contract/fixture.ts'

let folder = ''
beforeEach(() => {
  folder = temporaryFolder('catalog-gate-door-')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (path: string) => openSqliteStore({ path, now: Date.now })

test('a symbolic link, a link to its folder and a hard link are the same store; migrate refuses while it is open', async () => {
  mkdirSync(join(folder, 'real'))
  const path = join(folder, 'real/relay.db')
  const store = open(path)
  symlinkSync(path, join(folder, 'link.db'))
  symlinkSync(join(folder, 'real'), join(folder, 'there'))
  linkSync(path, join(folder, 'hard.db'))
  for (const other of ['link.db', 'there/relay.db', 'hard.db']) {
    assert.throws(() => open(join(folder, other)), /is in use by/, other)
    const to = { url: 'postgres://nobody@127.0.0.1:1/x' }
    await assert.rejects(
      moveStore({ path: join(folder, other) }, to, () => {}),
      /is in use by/,
    )
  }
  await store.close()
  for (const name of ['link.db', 'hard.db']) await open(join(folder, name)).close()
})

test('a link to a file that is not there yet: made where it leads', async () => {
  symlinkSync(join(folder, 'relay.db'), join(folder, 'link.db'))
  const store = open(join(folder, 'link.db'))
  assert.throws(() => open(join(folder, 'relay.db')), /is in use by/)
  await store.close()
  assert.ok(existsSync(join(folder, 'relay.db')))
})

test('a foreign lock: writes wait for it, and nothing else does; refused when it stays', async () => {
  const path = join(folder, 'relay.db')
  const store = open(path)
  const clock = new TestClock()
  const other = new DatabaseSync(path)
  const turns = (n: number) =>
    new Promise<void>(resolve => (n === 0 ? resolve() : setImmediate(() => turns(n - 1).then(resolve))))
  try {
    other.exec('BEGIN IMMEDIATE')
    const accepted = store.accept(aPush(clock))
    await turns(50)
    assert.equal((await store.list({ limit: 10 })).length, 0) // reads go on
    other.exec('ROLLBACK')
    assert.deepEqual(await accepted, { result: 'stored' })

    other.exec('BEGIN IMMEDIATE')
    const many = Array.from({ length: 2500 }, () => store.accept(aPush(clock)))
    const refused = await Promise.allSettled(many)
    assert.ok(refused.every(one => one.status === 'rejected' && one.reason instanceof StoreUnavailable))
    other.exec('ROLLBACK')
    assert.deepEqual(await store.accept(aPush(clock)), { result: 'stored' })
  } finally {
    other.close()
    await store.close()
  }
})

test('what is no store, and cannot become one, is refused in a sentence, and left as it is', () => {
  const text = 'no database at all, and longer than its header'.repeat(3)
  mkdirSync(join(folder, 'folder'))
  writeFileSync(join(folder, 'text.db'), text)
  symlinkSync('nowhere/x.db', join(folder, 'dangling.db'))
  symlinkSync('loop.db', join(folder, 'loop.db'))
  const names = ['folder', 'text.db', 'dangling.db', 'loop.db', 'text.db/x.db', `${'x'.repeat(300)}.db`]
  // No folder can be made there, and "no such file" is the answer, as below a mount point of an automounter.
  for (const name of [...names, '/proc/none/data/relay.db'])
    assert.throws(
      () => open(resolve(folder, name)),
      (error: unknown) => error instanceof StoreRefused && /^store: cannot (open|make the folder) /.test(error.message),
      name,
    )
  assert.equal(readFileSync(join(folder, 'text.db'), 'utf8'), text)
})
