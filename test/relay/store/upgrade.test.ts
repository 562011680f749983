// The store's life beside its code: brought forward from every former schema with work still open, copied while it is in use, and what it keeps of people taken out.
import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { SQLITE_MIGRATIONS } from '../../../relay/store/sqlite/schema.ts'
import { openSqliteStore } from '../../../relay/store/sqlite/sqlite-store.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { TestClock } from '../clock.ts'
import { aPush, LEASE, landAll, only, stateOf } from './contract/fixture.ts'
import { openRows, theyGoOn } from './former-pushes.ts'

function fileIn(t: TestContext, name = 'relay.db'): string {
  const folder = temporaryFolder('catalog-gate-store-')
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

test('from every former schema, with pushes and jobs open: they go on', async t => {
  for (let version = 1; version < SQLITE_MIGRATIONS.length; version++) {
    const path = fileIn(t)
    const former = new DatabaseSync(path)
    former.exec('PRAGMA journal_mode = WAL')
    for (const [i, migration] of SQLITE_MIGRATIONS.slice(0, version).entries()) {
      former.exec(migration)
      if (i === 0) for (const rows of openRows('sqlite')) former.exec(rows)
    }
    former.exec(`PRAGMA user_version = ${version}`)
    former.close()
    const store = openSqliteStore({ path, now: () => 2_000 })
    await theyGoOn(store, `from version ${version}`)
    await store.close()
  }
})

test('a copy that was made while it was in use is a store, with all that was answered before', async t => {
  const path = fileIn(t)
  const copy = fileIn(t, 'copy.db')
  const clock = new TestClock()
  const store = openSqliteStore({ path, now: clock.now })
  const push = aPush(clock)
  await store.accept(push)
  const other = new DatabaseSync(path, { readOnly: true })
  await backup(other, copy)
  other.close()
  await store.accept(aPush(clock))
  await store.close()
  const restored = openSqliteStore({ path: copy, now: clock.now })
  await landAll(restored)
  assert.equal(only(await restored.claimJobs('refresh', LEASE)).pushId, push.id)
  await restored.close()
})

test('what the README says to take a person out does so, beside a running relay', async t => {
  const readme = readFileSync(join(import.meta.dirname, '../../../relay/README.md'), 'utf8')
  const [, statements = ''] = /^```sql\n(.*?)^```$/ms.exec(readme) ?? []
  const path = fileIn(t)
  const clock = new TestClock()
  const store = openSqliteStore({ path, now: clock.now })
  const [mine, hers] = [
    aPush(clock, { pusher: 'mona', bypass: 'on call, ask Mona' }),
    aPush(clock, { pusher: 'hubot' }),
  ]
  await store.accept(mine)
  await store.accept(hers)
  await landAll(store)
  const shell = new DatabaseSync(path)
  shell.exec(statements)
  shell.close()
  const found = await stateOf(store, mine)
  assert.deepEqual(
    [found.pusher, found.bypass, (await stateOf(store, hers)).pusher],
    [undefined, '(taken out)', 'hubot'],
  )
  assert.equal((await store.claimJobs('refresh', LEASE)).length, 1)
  await store.close()
  const file = new DatabaseSync(path)
  const tables = file.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[]
  for (const { name } of tables)
    assert.doesNotMatch(JSON.stringify(file.prepare(`SELECT * FROM ${name}`).all()), /mona/i, name)
  file.close()
})
