// Comparisons from before jobs said their kind: files of the path /compare/BASE...HEAD. Met after an upgrade, and beside a replica of then.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '../../../relay/store/store.ts'

const NOW = 1_800_000_000_000
const LEASE = { limit: 10, leaseMs: 10_000 }
const path = (n: number) => `/compare/main...${String(n).repeat(40)}`

/** A push as the former version wrote it, with its job when it has landed. */
function rows(n: number, state: 'waiting' | 'landed', overriding: string): string[] {
  const files = JSON.stringify([{ path: path(n), change: 'removed' }])
  const statements = [
    `INSERT INTO push (seq, id, turn, repository, ref, before_id, after_id, default_branch, files, state, received_at, due_at, file_count, open_files)
     ${overriding} VALUES (${n}, 'msg_${n}_compare', ${n}, 'acme/r${n}', 'refs/heads/main', 'a', 'b', 1, '${files}', '${state}', ${NOW}, ${NOW}, 1, ${state === 'landed' ? 1 : 0})`,
  ]
  if (state === 'landed')
    statements.push(
      `INSERT INTO file (push, path, repository, ref, turn, change, entities, state)
       VALUES (${n}, '${path(n)}', 'acme/r${n}', 'refs/heads/main', ${n}, 'removed', '[]', 'queued')`,
      `INSERT INTO job (repository, ref, path, push, turn, state, due_at, place)
       VALUES ('acme/r${n}', 'refs/heads/main', '${path(n)}', ${n}, ${n}, 'waiting', ${NOW}, ${NOW})`,
    )
  return statements
}

export type OpenFormer = () => Promise<{
  /** On the tables: of the former version, until the store is opened. */
  write: (statements: string[]) => Promise<void>
  open: (now: () => number) => Promise<Store>
  remove: () => Promise<void>
  /** So that a row of a counted table can have the number that is given. */
  overriding: string
}>

export function formerComparisons(name: string, openFormer: OpenFormer): void {
  test(`${name}: comparisons from before jobs said their kind are claimed as such`, async () => {
    const { write, open, remove, overriding } = await openFormer()
    try {
      await write([...rows(1, 'landed', overriding), ...rows(2, 'waiting', overriding)])
      const store = await open(() => NOW)
      await write([...rows(3, 'landed', overriding), ...rows(4, 'waiting', overriding)]) // a replica that was not yet replaced
      for (const task of await store.claimLandings(LEASE))
        await store.settleLandings(
          task,
          new Map(task.pushes.map(({ id }) => [id, { result: 'landed', detail: 'seen' }])),
        )
      assert.deepEqual(await store.claimJobs('refresh', LEASE), [])
      const jobs = await store.claimJobs('compare', LEASE)
      assert.deepEqual(
        jobs.map(({ pushId, base, head }) => [pushId, base, head]).sort(),
        [1, 2, 3, 4].map(n => [`msg_${n}_compare`, 'main', String(n).repeat(40)]),
      )
      for (const job of jobs) assert.equal(await store.done(job, 'compared'), true)
      const push = await store.push('msg_1_compare')
      assert.deepEqual([push?.state, push?.files[0]?.kind, push?.files[0]?.path], ['forwarded', 'compare', path(1)])
      await store.close()
    } finally {
      await remove()
    }
  })
}
