// What the promises are tried with: pushes, and the steps that bring them where a promise begins.
import assert from 'node:assert/strict'
import type { AcceptedPush } from '../../../../relay/store/ports/inbox.ts'
import type { LandingTask, LandingVerdict } from '../../../../relay/store/ports/landings.ts'
import type { Store } from '../../../../relay/store/store.ts'
import type { TestClock } from '../../clock.ts'

/** By what is promised. */
export type Promises = Record<
  string,
  (store: Store, clock: TestClock, crash: () => Promise<Store>, isAlone: boolean) => Promise<void>
>

export const LEASE = { limit: 10, leaseMs: 10_000 }
let made = 0

/** A push of its own unless told otherwise. */
export function aPush(clock: TestClock, fields: Partial<AcceptedPush> = {}): AcceptedPush {
  const number = String(++made).padStart(8, '0')
  return {
    id: `msg_${number}`,
    repository: 'acme/payments',
    ref: 'refs/heads/main',
    before: `a${number}`.padEnd(40, '0'),
    after: `b${number}`.padEnd(40, '0'),
    files: [{ path: 'catalog-info.yaml', change: 'modified', entities: ['component:default/payments'] }],
    firstCheckAtMs: clock.now(),
    ...fields,
  }
}

export const landed: LandingVerdict = { result: 'landed', detail: 'seen' }

export async function landAll(store: Store): Promise<LandingTask[]> {
  const tasks = await store.claimLandings({ ...LEASE, limit: 100 })
  for (const task of tasks) {
    await store.settleLandings(task, new Map(task.pushes.map(push => [push.id, landed])))
  }
  return tasks
}

export async function acceptLanded(store: Store, push: AcceptedPush): Promise<AcceptedPush> {
  await store.accept(push)
  await landAll(store)
  return push
}

export const only = <J>(jobs: J[]): J => {
  const [job] = jobs
  assert.equal(jobs.length, 1)
  assert.ok(job)
  return job
}

export async function stateOf(store: Store, { id }: { id: string }) {
  const push = await store.push(id)
  assert.ok(push, `${id} is not there`)
  return push
}

export const reportOf = ({ id: _, firstCheckAtMs: __, ...push }: AcceptedPush) => push
