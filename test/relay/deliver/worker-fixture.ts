// A worker on a real store, with a clock that the test owns and targets that answer as it says.
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Backstage, RefreshAnswer } from '../../../relay/clients/backstage.ts'
import type { BranchAnswer, RepositoryAnswer } from '../../../relay/clients/ghes/branches.ts'
import type { ChangesAnswer } from '../../../relay/clients/ghes/comparisons.ts'
import type { Trouble } from '../../../relay/clients/trouble.ts'
import { Worker } from '../../../relay/deliver/worker.ts'
import { answerRepository } from '../../../relay/intake/answer-repository.ts'
import { answerCompare } from '../../../relay/intake/compare-files.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import { wait } from '../../../relay/runtime/wait.ts'
import type { AcceptedPush } from '../../../relay/store/ports/inbox.ts'
import type { PushRecord } from '../../../relay/store/ports/records.ts'
import type { Store } from '../../../relay/store/store.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { TestClock } from '../clock.ts'
import { openNewStore } from '../new-store.ts'

export const HOUR = 3_600_000
export const sha = (n: number) => n.toString(16).padStart(40, '0')

const found = (fullName: string): RepositoryAnswer => ({
  ...{ result: 'found', fullName, archived: false, defaultBranch: 'main' },
})

const nameOf = ({ owner, name }: { owner: string; name: string }) => `${owner}/${name}`

type WorkerFixture = {
  clock: TestClock
  store: Store
  worker: Worker
  /** What the targets answer from now on. */
  answers: {
    refresh: (entityRef: string) => RefreshAnswer
    branch: (fullName: string) => BranchAnswer
    changes: () => ChangesAnswer
    reach: () => { result: 'answered' } | Trouble
    repository: (fullName: string) => RepositoryAnswer
  }
  /** When Backstage was called. */
  calls: number[]
  branchCalls: number[]
  accept: (n?: number, fields?: Partial<AcceptedPush>) => Promise<AcceptedPush>
  /** Lets time pass until the push looks so, at most so long. */
  until: (id: string, looks: (push: PushRecord) => boolean, mostMs?: number) => Promise<PushRecord>
  pass: (ms: number) => Promise<void>
}

/** Lets everything that waits for no timer of ours happen: promises, and the commits in setImmediate. */
function settle(): Promise<void> {
  return new Promise(resolve => {
    let left = 20
    const next = () => (--left > 0 ? setImmediate(next) : resolve())
    setImmediate(next)
  })
}

/** Another catalog than one that knows everything, and what the relay may do with it. */
type OtherCatalog = {
  catalog?: (clock: TestClock) => Backstage
  register?: boolean
  removed?: 'refresh' | 'unregister'
  locations?: readonly string[]
  hasProvider?: boolean
  /** Whether GHES has the file. */
  isThere?: (path: string) => boolean
}

/** A test with a worker that runs. */
export function testWorker(
  title: string,
  run: (fixture: WorkerFixture) => Promise<void>,
  options: {
    perSecond?: number
    giveUpAfterMs?: number
    reach?: WorkerFixture['answers']['reach']
    /** How long a target takes to answer. */
    answersAfterMs?: number
  } & OtherCatalog = {},
): void {
  test(title, async () => {
    const folder = temporaryFolder('catalog-gate-worker-')
    const clock = new TestClock()
    const store = openNewStore({ path: join(folder, 'relay.db'), now: clock.now })
    const calls: number[] = []
    const branchCalls: number[] = []
    const { answersAfterMs } = options
    const takesItsTime = async () => {
      if (answersAfterMs !== undefined) await wait(clock, answersAfterMs, new AbortController().signal)
    }
    const answers: WorkerFixture['answers'] = {
      refresh: () => ({ result: 'refreshed' }),
      branch: () => ({ result: 'at', sha: sha(1) }),
      changes: () => ({ result: 'unknown' }),
      reach: options.reach ?? (() => ({ result: 'answered' })),
      repository: found,
    }
    const asked = { changes: async () => answers.changes(), tree: async () => ({ result: 'unknown' as const }) }
    const worker = new Worker({
      store,
      clock,
      log: openLog({ write() {} }, 'silent'),
      ghes: {
        branch: async ({ owner, name }) => {
          branchCalls.push(clock.now())
          await takesItsTime()
          return answers.branch(`${owner}/${name}`)
        },
        repository: async one => answers.repository(nameOf(one)),
        reach: async () => answers.reach(),
        compare: async () => ({ result: 'unknown' }),
        file: async ({ path }) => ({ result: options.isThere?.(path) === false ? 'absent' : 'there' }),
      },
      backstage: options.catalog?.(clock) ?? {
        refresh: async entityRef => {
          calls.push(clock.now())
          await takesItsTime()
          return answers.refresh(entityRef)
        },
        register: async () => ({ result: 'registered' }),
        shows: async () => ({ result: 'nothing' }),
        clearAway: async () => ({ result: 'forbidden' }),
        registered: async () => ({ result: 'none' }),
        unregister: async () => ({ result: 'none' }),
        origins: async () => ({ result: 'origins', of: new Map() }),
        locationsOf: async () => ({ result: 'hidden' }),
        reach: async () => answers.reach(),
        close: async () => {},
      },
      host: 'ghe.test',
      questions: {
        compare: job => answerCompare({ store, isCatalogFile: () => true, ghes: asked }, job),
        repository: job => answerRepository({ store, repository: async one => answers.repository(nameOf(one)) }, job),
      },
      register: options.register ?? false,
      removed: options.removed ?? 'refresh',
      locations: options.locations ?? [],
      ...(options.hasProvider ? { hasProvider: async () => true } : {}),
      refreshesPerSecond: options.perSecond ?? 1000,
      landing: { giveUpAfterMs: 60_000 },
      retry: { firstMs: 1000, maxMs: 600_000, giveUpAfterMs: options.giveUpAfterMs ?? 24 * HOUR },
      random: () => 1,
    })
    worker.start()
    const accept = async (n = 1, fields: Partial<AcceptedPush> = {}) => {
      const push: AcceptedPush = {
        id: `msg_${n}`,
        repository: `acme/svc-${n}`,
        ref: 'refs/heads/main',
        before: sha(0xff),
        after: sha(1),
        files: [{ path: 'catalog-info.yaml', change: 'modified' }],
        firstCheckAtMs: clock.now() + 250,
        ...fields,
      }
      await store.accept(push)
      worker.landingDueAt(push.firstCheckAtMs)
      return push
    }
    const pass = async (ms: number) => {
      for (const untilMs = clock.now() + ms; clock.now() < untilMs; ) {
        const next = clock.nextTimerAtMs ?? untilMs
        clock.pass(Math.max(1, Math.min(next, untilMs) - clock.now()))
        await settle()
      }
    }
    const until: WorkerFixture['until'] = async (id, looks, mostMs = 60_000) => {
      for (const deadline = clock.now() + mostMs; ; ) {
        const push = await store.push(id)
        if (push && looks(push)) return push
        assert.ok(clock.now() < deadline, `after ${mostMs} ms it still is ${JSON.stringify(push, null, 1)}`)
        await pass(Math.max(1, Math.min(deadline, clock.nextTimerAtMs ?? deadline) - clock.now()))
      }
    }
    try {
      await run({ clock, store, worker, answers, calls, branchCalls, accept, until, pass })
      await worker.stop(1000)
    } finally {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    }
  })
}

export const is = (state: string) => (push: PushRecord) => push.state === state
export const failing: RefreshAnswer = { result: 'trouble', kind: 'down', reason: 'Backstage answered 503' }
