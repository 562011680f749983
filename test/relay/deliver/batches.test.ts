// Refreshes that are due together: one request where our module takes it, and each by itself where it does not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Backstage, RefreshAll, RefreshedAll } from '../../../relay/clients/backstage.ts'
import { inBatches } from '../../../relay/deliver/batches.ts'
import { locationRef } from '../../../schemas/entity-ref.ts'

const ref = (name: string) => locationRef(`https://ghe.test/acme/${name}/blob/main/catalog-info.yaml`)
const [A, B, C] = [ref('a'), ref('b'), ref('c')]

/** What was asked for, in its order: a list is one request. */
function fixture(refreshAll: RefreshAll, hasModule = true) {
  const asked: (string | readonly string[])[] = []
  const gone: (readonly string[])[] = []
  const heard: string[] = []
  let nowMs = 0
  const backstage = {
    refresh: async (entityRef: string) => {
      asked.push(entityRef)
      return entityRef === C ? { result: 'unknown' as const } : { result: 'refreshed' as const }
    },
  } as Backstage
  const all: RefreshAll = (refs, ahead) => {
    asked.push(refs)
    gone.push(ahead)
    return refreshAll(refs, ahead)
  }
  const onAnswer = (answer: RefreshedAll) => {
    heard.push(answer.result === 'refreshed' ? `overtakes: ${answer.overtakes}` : answer.reason)
  }
  const options = { refreshAll: all, hasModule: async () => hasModule, clock: { now: () => nowMs }, onAnswer }
  const batched = inBatches(backstage, options)
  return {
    ...{ asked, gone, heard },
    refresh: (entityRef: string) => batched.refresh(entityRef),
    refreshAhead: (entityRef: string) => batched.refresh(entityRef, true),
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

const takes: RefreshAll = async refs => ({
  ...{ result: 'refreshed', overtakes: true },
  refs: new Set(refs.filter(one => one !== C)),
})
const results = async (answers: Promise<{ result: string }>[]) => (await Promise.all(answers)).map(one => one.result)

test('what is due together is one request; what the module does not name is asked for by itself, and its answer counts', async () => {
  const { asked, refresh } = fixture(takes)
  assert.deepEqual(await results([A, B, C].map(refresh)), ['refreshed', 'refreshed', 'unknown'])
  assert.deepEqual(asked, [[A, B, C], C])
})

test('what falls due while a request is under way is the next one', async () => {
  let answer = () => {}
  const { asked, refresh } = fixture(async refs => {
    if (asked.length === 1)
      await new Promise<void>(resolve => {
        answer = resolve
      })
    return takes(refs, [])
  })
  const first = [A, B].map(refresh)
  await new Promise(setImmediate)
  const second = [A, B].map(refresh)
  await new Promise(setImmediate)
  assert.deepEqual(asked, [[A, B]])
  answer()
  assert.deepEqual(await results([...first, ...second]), Array(4).fill('refreshed'))
  assert.deepEqual(asked, [
    [A, B],
    [A, B],
  ])
})

test('one alone, an entity by its name, and all of them where no module provides, are asked for as ever', async () => {
  const { asked, refresh } = fixture(takes)
  await results([B, C].map(refresh))
  asked.length = 0
  assert.deepEqual(await results([refresh(A)]), ['refreshed'])
  assert.deepEqual(await results(['component:default/x', 'component:default/y'].map(refresh)), [
    'refreshed',
    'refreshed',
  ])
  const without = fixture(takes, false)
  await results([A, B].map(without.refresh))
  assert.deepEqual(
    [asked, without.asked],
    [
      [A, 'component:default/x', 'component:default/y'],
      [A, B],
    ],
  )
})

test('a module that does not take it, or fails, is not asked again for a minute, and nothing waits for it', async () => {
  for (const fails of [
    async () => ({ result: 'not taken' as const, reason: 'an older package' }),
    async () => {
      throw new Error('a fault of ours')
    },
  ]) {
    const { asked, heard, refresh, pass } = fixture(fails)
    assert.deepEqual(await results([A, B].map(refresh)), ['refreshed', 'refreshed'])
    assert.deepEqual(asked, [[A, B], A, B])
    await results([A, B].map(refresh))
    assert.deepEqual(asked.slice(3), [A, B])
    assert.match(heard.join(), /^(an older package|Error: a fault of ours)$/)
    pass(60_000)
    await results([A, B].map(refresh))
    assert.deepEqual(asked.slice(5), [[A, B], A, B])
  }
})

test('who goes ahead is named, and is asked for in this way though alone; the first of all is, too, to hear whether anything can', async () => {
  const { asked, gone, heard, refresh, refreshAhead } = fixture(takes)
  await results([refresh(A)])
  await results([refresh(A)])
  await results([refreshAhead(B)])
  await results([refresh(A), refreshAhead(B)])
  assert.deepEqual(asked, [[A], A, [B], [A, B]])
  assert.deepEqual(gone, [[], [B], [B]])
  assert.deepEqual(heard, Array(3).fill('overtakes: true'))
  const older = fixture(async refs => ({ result: 'refreshed', refs: new Set(refs), overtakes: false }))
  await results([A, B].map(older.refresh))
  assert.deepEqual(older.heard, ['overtakes: false'])
})
