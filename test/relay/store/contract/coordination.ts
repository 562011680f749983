// What replicas share, and a restart remembers.
import assert from 'node:assert/strict'
import type { Promises } from './fixture.ts'

export const coordinationPromises: Promises = {
  'a circuit is the same for all, outlives a crash, and is tried by one': async (store, clock, crash) => {
    assert.equal(await store.circuit('backstage'), undefined)
    await store.openCircuit('backstage', { reason: 'answered 503', untilMs: clock.now() + 1000 })
    const again = await crash()
    assert.deepEqual(await again.circuit('backstage'), { reason: 'answered 503', untilMs: clock.now() + 1000 })
    assert.equal(await again.circuit('ghe'), undefined)
    assert.equal(await again.claimProbe('backstage', 5000), true)
    assert.equal(await again.claimProbe('backstage', 5000), false)
    clock.pass(5000)
    assert.equal(await again.claimProbe('backstage', 5000), true)
    await again.openCircuit('backstage', { reason: 'answered 502', untilMs: clock.now() + 1000 })
    assert.equal(await again.claimProbe('backstage', 5000), true, 'opened anew, and the old probe still counts')
    await again.closeCircuit('backstage')
    assert.equal(await again.circuit('backstage'), undefined)
  },

  'one leads, until it resigns or its time has run out': async (store, clock) => {
    assert.equal(await store.lead('reconcile', 'a', 1000), true)
    assert.equal(await store.lead('reconcile', 'b', 1000), false)
    assert.equal(await store.lead('sweep', 'b', 1000), true)
    clock.pass(900)
    assert.equal(await store.lead('reconcile', 'a', 1000), true, 'made longer')
    clock.pass(900)
    assert.equal(await store.lead('reconcile', 'b', 1000), false)
    await store.resign('reconcile', 'b')
    assert.equal(await store.lead('reconcile', 'b', 1000), false, 'another one has resigned for it')
    await store.resign('reconcile', 'a')
    assert.equal(await store.lead('reconcile', 'b', 1000), true)
    clock.pass(1001)
    assert.equal(await store.lead('reconcile', 'a', 1000), true)
  },

  'notes are kept by name': async (store, _clock, crash) => {
    assert.equal(await store.note('cursor'), undefined)
    await store.setNote('cursor', '1')
    await store.setNote('cursor', '2')
    assert.equal(await (await crash()).note('cursor'), '2')
  },

  'tokens come at the rate, and no more than the burst at once': async (store, clock) => {
    const wish = { wanted: 10, perSecond: 2, burst: 3 }
    assert.deepEqual(await store.takeTokens('backstage', wish), { granted: 3, nextInMs: 500 })
    clock.pass(500)
    assert.equal((await store.takeTokens('backstage', wish)).granted, 1)
    assert.equal((await store.takeTokens('other', wish)).granted, 3)
    clock.pass(3_600_000)
    assert.equal((await store.takeTokens('backstage', wish)).granted, 3)
  },

  'what replicas say is read by the others, the last word of each, and forgotten after its time': async (
    store,
    _clock,
    crash,
    isAlone,
  ) => {
    const say = (from: string, text: string, keptMs = 60_000) => store.exchange('pace', { from, text }, keptMs)
    assert.deepEqual(await say('a', 'one'), [])
    if (isAlone) return
    await say('a', 'two')
    const other = await crash()
    const [word, ...more] = await other.exchange('pace', { from: 'b', text: 'three' }, 60_000)
    assert.deepEqual([word?.from, word?.text, more], ['a', 'two', []])
    assert.ok(word && word.ageMs >= 0 && word.ageMs < 30_000, `${word?.ageMs} ms`)
    assert.deepEqual(
      (await say('a', 'four')).map(({ text }) => text),
      ['three'],
    )
    assert.deepEqual(await other.exchange('another topic', { from: 'b', text: '' }, 60_000), [])
    assert.deepEqual(await say('c', '', -1), [], 'all are older')
    assert.deepEqual(await say('d', ''), [], 'and are gone')
  },
}
