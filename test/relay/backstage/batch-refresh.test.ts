// Many refreshes in one request, and what replicas of Backstage agree on, over each driver's answers; where the catalog's tables are others, one by one. The real catalog: test/backstage/home.test.ts.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Knex } from '@backstage/backend-plugin-api'
import { batchRefresh } from '../../../relay/backstage/batch-refresh.ts'
import { openLease } from '../../../relay/backstage/lease.ts'
import { toldOnce } from '../../../relay/backstage/told-once.ts'

type Row = Record<string, unknown>
const FORMS = {
  sqlite: (rows: Row[]) => rows,
  postgres: (rows: Row[]) => ({ rows }),
  mysql: (rows: Row[]) => [rows, ['columns']],
}

const knexOf = (answer: (text: string) => unknown): Knex => ({
  ...{ client: { config: { client: 'any' } }, raw: async text => answer(text) },
})

/** Answers of a backend whose catalog has these tables. */
async function ask(knex: Knex, locations: string[], times = 1) {
  const refreshed: string[][] = []
  const warned: string[] = []
  const route = batchRefresh({
    knex,
    httpAuth: { credentials: async () => ({}) } as never,
    permissions: { authorize: async () => [{ result: 'ALLOW' }] } as never,
    refresh: async keys => refreshed.push(keys) > 0,
    ahead: { put: async () => [], works: () => false },
    onTrouble: toldOnce({ warn: text => void warned.push(text) }, 'files are refreshed one by one'),
  })
  const server = createServer((request, response) =>
    route(Object.assign(request, { path: request.url ?? '' }), response, () => response.writeHead(500).end('{}')),
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/catalog-gate/refresh`
  let answer = new Response()
  for (let i = 0; i < times; i++)
    answer = await fetch(url, { method: 'POST', body: JSON.stringify({ locations }), headers: { connection: 'close' } })
  const body: unknown = await answer.json()
  server.close()
  return { status: answer.status, body, refreshed, warned }
}

test("in each driver's form: what the catalog has keys for is refreshed by these", async () => {
  for (const [form, of] of Object.entries(FORMS)) {
    const rows = ['k1', 'k2'].map(key => ({ entity_ref: 'location:default/a', key: `url:${key}` }))
    const { status, body, refreshed } = await ask(
      knexOf(() => of(rows)),
      ['location:default/a', 'location:default/b'],
    )
    assert.deepEqual(
      [status, body, refreshed],
      [200, { refreshed: ['location:default/a'] }, [['url:k1', 'url:k2']]],
      form,
    )
    const none = await ask(
      knexOf(() => of([])),
      ['location:default/b'],
    )
    assert.deepEqual([none.status, none.body, none.refreshed], [200, { refreshed: [] }, []], form)
  }
})

test('other tables: the relay hears that there is no such request, and the log says so once', async () => {
  const { status, refreshed, warned } = await ask(
    knexOf(() => {
      throw new Error('no such table: refresh_keys')
    }),
    ['location:default/a'],
    2,
  )
  assert.deepEqual([status, refreshed, warned.length], [501, [], 1])
  assert.match(warned[0] ?? '', /one by one.*refresh_keys/)
})

test("in each driver's form: one replica has the lease, and who comes second to the empty table is no trouble", async () => {
  for (const [form, of] of Object.entries(FORMS)) {
    let row: Row | undefined
    let isLate = true
    const knex = knexOf(text => {
      if (text.startsWith('INSERT')) {
        if (row) throw new Error('duplicate key')
        row = { id: 1, holder: '' }
        // The other one was faster.
        if (isLate) throw new Error('duplicate key')
      }
      return of(text.startsWith('SELECT') && row ? [row] : [])
    })
    assert.equal(await (await openLease(knex)).take(), false, form)
    isLate = false
    await openLease(knex)
  }
  const broken = knexOf(text => {
    if (text.startsWith('INSERT')) throw new Error('read-only')
    return []
  })
  await assert.rejects(openLease(broken), /read-only/)
})
