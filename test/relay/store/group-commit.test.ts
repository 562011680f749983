// How long a write waits for others to share its commit: never when somebody waits for it.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { GroupCommit } from '../../../relay/store/sqlite/group-commit.ts'
import { TestClock } from '../clock.ts'

test('steps of our own wait after a commit for as long as it took; with what cannot wait they go at once', async () => {
  const clock = new TestClock()
  const commit = new GroupCommit(new DatabaseSync(':memory:'), clock)
  const lasting = (ms: number) => () => clock.pass(ms)
  const done: string[] = []
  const write = (name: string, haste: 'now' | 'soon' | 'long') => commit.write(() => done.push(name), haste)
  const turns = async () => {
    for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve))
  }
  await write('alone', 'soon')
  await write('alone again', 'soon')
  assert.equal(clock.nextTimerAtMs, undefined, 'what took no time is not rested from')

  await commit.write(lasting(3))
  void write('one', 'long')
  void write('two', 'soon')
  await turns()
  clock.pass(2)
  await turns()
  assert.equal(done.length, 2)
  clock.pass(1)
  await turns()
  assert.deepEqual(done.slice(2), ['two', 'one'])

  await commit.write(lasting(1000))
  void write('three', 'soon')
  assert.equal((clock.nextTimerAtMs ?? 0) - clock.now(), 5)
  await write('four', 'now')
  assert.deepEqual(done.slice(4), ['three', 'four'])
})
