// Pushes of the first schema with work still open, and that they go on under today's.
import assert from 'node:assert/strict'
import type { Store } from '../../../relay/store/store.ts'
import { LEASE, landAll, stateOf } from './contract/fixture.ts'

/** As the first version wrote them: one that waits for GHES, one that is to be refreshed. PostgreSQL's had places in its queue from the first. */
export const openRows = (of: 'sqlite' | 'postgres'): string[] =>
  (['waiting', 'landed'] as const).map(
    (state, i) => `
  INSERT INTO push (seq, id, turn, repository, ref, before_id, after_id, default_branch, pusher, files, state, received_at, due_at, file_count, open_files)
  ${of === 'postgres' ? 'OVERRIDING SYSTEM VALUE' : ''} VALUES (${i + 1}, 'msg_${state}', ${i + 1}, 'acme/${state}', 'refs/heads/main', 'a', 'b', 1, 'mona',
    '[{"path":"catalog-info.yaml","change":"modified"}]', '${state}', 1, 1, 1, ${i});
  ${state === 'waiting' ? '' : `INSERT INTO file (push, path, repository, ref, turn, change, entities, state) VALUES (2, 'catalog-info.yaml', 'acme/landed', 'refs/heads/main', 2, 'modified', '[]', 'queued'); INSERT INTO job (repository, ref, path, push, turn, state, due_at${of === 'postgres' ? ', place' : ''}) VALUES ('acme/landed', 'refs/heads/main', 'catalog-info.yaml', 2, 2, 'waiting', 1${of === 'postgres' ? ', 1' : ''});`}`,
  )

export async function theyGoOn(store: Store, from: string): Promise<void> {
  await landAll(store)
  const jobs = await store.claimJobs('refresh', LEASE)
  assert.deepEqual(jobs.map(({ pushId }) => pushId).sort(), ['msg_landed', 'msg_waiting'], from)
  for (const job of jobs) assert.equal(await store.done(job, 'asked for'), true)
  for (const id of ['msg_landed', 'msg_waiting']) assert.equal((await stateOf(store, { id })).state, 'forwarded')
}
