// What is known of repositories: what the later answer says counts, a restart remembers it, and who asks gets what has changed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KnownRepositories } from '../../../relay/reconcile/repository-facts.ts'
import { TestClock } from '../clock.ts'

function replicas(count: number, isShared = count > 1) {
  const notes = new Map<string, string>()
  const clock = new TestClock()
  const state: { version?: string } = {}
  const store = {
    isShared,
    note: async (name: string) => notes.get(name),
    setNote: async (name: string, text: string) => void notes.set(name, text),
  }
  const open = () =>
    new KnownRepositories({
      ...{ store, clock, version: () => state.version },
      onTrouble: error => {
        throw error
      },
    })
  return { clock, state, open, all: Array.from({ length: count }, open) }
}

const settle = () => new Promise(setImmediate)

test('everything for who asks first, then what changes; what is the same is nothing new', async () => {
  const { all, clock, state } = replicas(1)
  const [known] = all
  assert.ok(known)
  await known.start()
  known.learn({ repository: 'acme/a', visibility: 'private' })
  known.signed('ACME/a', Date.parse('2027-01-31T08:00:00Z'))
  const first = known.after(undefined)
  const signed = { repository: 'ACME/a', visibility: 'private', lastPushAt: '2027-01-31T08:00:00.000Z' }
  assert.deepEqual(first.repositories, [{ ...signed, repository: 'acme/a' }])
  clock.pass(1000)
  known.learn({ repository: 'acme/a', visibility: 'private' })
  known.signed('acme/a', Date.parse('2027-01-30T08:00:00Z'))
  assert.equal(known.after(first.cursor).isNew, false)
  state.version = '3.19.2'
  const second = known.after(first.cursor)
  assert.deepEqual([second.isNew, second.version, second.repositories], [true, '3.19.2', []])
  known.learn({ repository: 'acme/b', archived: true })
  assert.deepEqual(known.after(second.cursor).repositories, [{ repository: 'acme/b', archived: true }])
  assert.equal(known.after('another.7').repositories.length, 2)
  await known.stop()
})

test('a restart remembers, and another replica takes what is later', async () => {
  const { all, clock, open } = replicas(2)
  const [one, other] = all
  assert.ok(one && other)
  await one.start()
  await other.start()
  one.learn({ repository: 'acme/a', archived: false })
  clock.pass(10_000)
  other.learn({ repository: 'acme/a', archived: true })
  one.signed('acme/a', 1000)
  for (let i = 0; i < 3; i++) {
    clock.pass(30_000)
    await settle()
    await settle()
  }
  const archived = [{ repository: 'acme/a', archived: true, lastPushAt: '1970-01-01T00:00:01.000Z' }]
  assert.deepEqual(one.after(undefined).repositories, archived)
  assert.deepEqual(other.after(undefined).repositories, archived)
  await one.stop()
  await other.stop()
  const again = open()
  await again.start()
  assert.deepEqual(again.after(undefined).repositories, archived)
  await again.stop()
})
