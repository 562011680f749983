// The landing table: what GHES says → what becomes of the push; and what it costs in questions.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BranchAnswer, RepositoryAnswer } from '../../../relay/clients/ghes/branches.ts'
import type { CompareAnswer } from '../../../relay/clients/ghes/comparisons.ts'
import type { Ghes } from '../../../relay/clients/ghes/ghes.ts'
import type { Trouble } from '../../../relay/clients/trouble.ts'
import { askLandings, type Landing, verdictOn } from '../../../relay/deliver/landing.ts'
import type { LandingTask, WaitingPush } from '../../../relay/store/ports/landings.ts'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const C = 'c'.repeat(40)
const NONE = '0'.repeat(40)
const found: RepositoryAnswer = { result: 'found', fullName: 'acme/svc', archived: false, defaultBranch: 'main' }
const down: Trouble = { result: 'trouble', kind: 'down', reason: 'GHES answered 502' }

type Answers = { branch: BranchAnswer; repository?: RepositoryAnswer; compare?: CompareAnswer }

function ghesThat({ branch, repository, compare }: Answers): Ghes & { asked: string[] } {
  const asked: string[] = []
  const told = <T>(what: string, answer: T | undefined): Promise<T> => {
    asked.push(what)
    return answer === undefined ? Promise.reject(new Error(`${what} was not expected`)) : Promise.resolve(answer)
  }
  return {
    asked,
    branch: (_, name) => told(`branch ${name}`, branch),
    repository: () => told('repository', repository),
    compare: (_, base, head) => told(`compare ${base[0]}...${head[0]}`, compare),
  }
}

const waiting = (fields: Partial<WaitingPush> = {}): WaitingPush => ({
  id: 'p',
  receivedAtMs: 0,
  before: A,
  after: B,
  checks: 0,
  missingMs: 0,
  ...fields,
})
const taskOf = (...pushes: WaitingPush[]): LandingTask => ({
  repository: 'acme/svc',
  ref: 'refs/heads/team/x',
  lease: 'l',
  pushes,
})

async function landingOf(
  answers: Answers,
  push = waiting(),
): Promise<{ landing: Landing | undefined; asked: string[] }> {
  const ghes = ghesThat(answers)
  return { landing: (await askLandings(ghes, taskOf(push))).get(push.id), asked: ghes.asked }
}

const compared = (relation: 'ahead' | 'identical' | 'behind' | 'diverged'): CompareAnswer => ({
  result: 'compared',
  relation,
})
const table: {
  what: string
  answers: Answers
  push?: Partial<WaitingPush>
  result: string
  gone?: string
  asked: number
}[] = [
  { what: 'the branch is at the commit', answers: { branch: { result: 'at', sha: B } }, result: 'landed', asked: 1 },
  {
    what: 'the branch has moved on from it',
    answers: { branch: { result: 'at', sha: C }, compare: compared('ahead') },
    result: 'landed',
    asked: 2,
  },
  {
    what: 'the branch has the same commit by another id',
    answers: { branch: { result: 'at', sha: C }, compare: compared('identical') },
    result: 'landed',
    asked: 2,
  },
  {
    what: 'the branch is where the push started',
    answers: { branch: { result: 'at', sha: A } },
    result: 'absent',
    gone: 'refused by a later hook or overwritten',
    asked: 1,
  },
  {
    what: 'the branch is behind it',
    answers: { branch: { result: 'at', sha: C }, compare: compared('behind') },
    result: 'absent',
    gone: 'refused by a later hook or overwritten',
    asked: 2,
  },
  {
    what: 'the branch has gone another way',
    answers: { branch: { result: 'at', sha: C }, compare: compared('diverged') },
    result: 'absent',
    gone: 'refused by a later hook or overwritten',
    asked: 2,
  },
  {
    what: 'GHES does not know the commit',
    answers: { branch: { result: 'at', sha: C }, compare: { result: 'unknown' } },
    result: 'absent',
    gone: 'refused by a later hook or overwritten',
    asked: 2,
  },
  {
    what: 'no branch, the repository is there',
    answers: { branch: { result: 'none' }, repository: found },
    result: 'absent',
    gone: 'branch deleted',
    asked: 2,
  },
  {
    what: 'no branch yet, the push creates it',
    answers: { branch: { result: 'none' }, repository: found },
    push: { before: NONE },
    result: 'absent',
    gone: 'refused by a later hook, or branch deleted',
    asked: 2,
  },
  {
    what: 'no repository',
    answers: { branch: { result: 'none' }, repository: { result: 'none' } },
    result: 'absent',
    gone: 'repository deleted (or ghe.token is not allowed to read it)',
    asked: 2,
  },
  {
    what: 'the repository has moved',
    answers: { branch: { result: 'none' }, repository: { result: 'moved' } },
    result: 'absent',
    gone: 'repository renamed or transferred',
    asked: 2,
  },
  {
    what: 'the push deletes the branch, and it is gone',
    answers: { branch: { result: 'none' }, repository: found },
    push: { after: NONE },
    result: 'landed',
    asked: 2,
  },
  {
    what: 'the push deletes the branch, and it is there',
    answers: { branch: { result: 'at', sha: A } },
    push: { after: NONE },
    result: 'absent',
    gone: 'refused by a later hook or overwritten',
    asked: 1,
  },
  { what: 'GHES fails at the branch', answers: { branch: down }, result: 'trouble', asked: 1 },
  {
    what: 'GHES fails at the repository',
    answers: { branch: { result: 'none' }, repository: down },
    result: 'trouble',
    asked: 2,
  },
  {
    what: 'GHES fails at the comparison',
    answers: { branch: { result: 'at', sha: C }, compare: down },
    result: 'trouble',
    asked: 2,
  },
]
for (const { what, answers, push, result, gone, asked } of table) {
  test(`${what}: ${result}`, async () => {
    const given = await landingOf(answers, waiting(push))
    assert.equal(given.landing?.result, result)
    if (given.landing?.result === 'absent') assert.equal(given.landing.gone, gone)
    assert.equal(given.asked.length, asked, given.asked.join(', '))
  })
}

test('one question answers for a whole chain of pushes', async () => {
  const ghes = ghesThat({ branch: { result: 'at', sha: C } })
  const landings = await askLandings(
    ghes,
    taskOf(waiting({ id: '1', before: A, after: B }), waiting({ id: '2', before: B, after: C })),
  )
  assert.deepEqual([...landings].map(([id, { result }]) => [id, result]).sort(), [
    ['1', 'landed'],
    ['2', 'landed'],
  ])
  assert.deepEqual(ghes.asked, ['branch team/x'])
})

test('a push that failed proves nothing about the one before it', async () => {
  const ghes = ghesThat({ branch: { result: 'at', sha: B } })
  const landings = await askLandings(ghes, taskOf(waiting({ id: '1' }), waiting({ id: '2', before: B, after: C })))
  assert.equal(landings.get('1')?.result, 'landed')
  assert.equal(landings.get('2')?.result, 'absent')
})

const absent: Landing = {
  result: 'absent',
  reason: 'the branch is still at aaaaaaaaaa',
  gone: 'refused by a later hook or overwritten',
}
const rules = { giveUpAfterMs: 60_000, troubleAgainMs: 1000, nowMs: 0 }

test('looks again after 0.5, 1, 2, 5, 10, 30 s, and gives up after 60 s of "not there"', () => {
  const waits: number[] = []
  let push = waiting()
  for (;;) {
    const verdict = verdictOn(push, absent, rules)
    if (verdict.result !== 'pending') {
      assert.deepEqual(verdict, { result: 'gone', reason: 'refused by a later hook or overwritten' })
      break
    }
    waits.push(verdict.againAtMs)
    push = { ...push, checks: push.checks + 1, missingMs: verdict.missingMs }
  }
  assert.deepEqual(waits, [500, 1000, 2000, 5000, 10_000, 30_000, 11_500])
})

test('an outage never makes a push vanish, however long it has waited', () => {
  const old = waiting({ checks: 50, missingMs: 60_000 })
  assert.equal(verdictOn(old, down, rules).result, 'unanswered')
  const limited: Trouble = { result: 'trouble', kind: 'limited', reason: 'limited', retryAfterMs: 90_000 }
  assert.deepEqual(verdictOn(old, limited, rules), { result: 'unanswered', reason: 'limited', againAtMs: 90_000 })
})
