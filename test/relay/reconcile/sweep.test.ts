// Failed deliveries: asked for again once each, in their order, and never twice by the same sweep.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeliveriesAnswer, Delivery, GhesHooks, RedeliveryAnswer } from '../../../relay/clients/ghes/webhooks.ts'
import { type SweepCursors, sweepOrganization, toRedeliver } from '../../../relay/reconcile/sweep.ts'
import { TestClock } from '../clock.ts'

const delivery = (id: number, more: Partial<Delivery> = {}): Delivery => ({
  id,
  guid: `g${id}`,
  deliveredAtMs: 0,
  statusCode: 502,
  event: 'push',
  ...more,
})
const ids = (deliveries: Delivery[]) => deliveries.map(({ id }) => id)

test('which ones: of events that count, that failed, not since succeeded, not hopeless; oldest first', () => {
  const deliveries = [
    delivery(9),
    delivery(8, { guid: 'g2', statusCode: 202 }),
    delivery(7, { statusCode: 413 }),
    delivery(6, { event: 'issues' }),
    delivery(5, { statusCode: 0, event: 'repository' }),
    delivery(4, { guid: 'g1', statusCode: 0 }),
    delivery(2),
    delivery(1),
  ]
  assert.deepEqual(ids(toRedeliver(deliveries)), [4, 5, 9])
})

type Answers = { deliveries?: (cursor?: string) => DeliveriesAnswer; redeliver?: (id: number) => RedeliveryAnswer }

function sweep(answers: Answers, cursors: SweepCursors = {}) {
  const asked: number[] = []
  const hooks: GhesHooks = {
    list: async () => ({
      result: 'hooks',
      hooks: [
        { id: 1, url: 'https://relay.example/v1/github', active: true },
        { id: 2, url: 'https://ci.example/hook', active: true },
        { id: 3, url: 'https://relay.example/v1/github', active: false },
      ].map(hook => ({ ...hook, events: ['push'], contentType: 'json' })),
    }),
    failedDeliveries: async (_organization, hook, cursor) => {
      assert.equal(hook, 1, 'somebody else’s hook')
      return answers.deliveries?.(cursor) ?? { result: 'deliveries', deliveries: [] }
    },
    redeliver: async (_organization, _hook, id) => {
      asked.push(id)
      return answers.redeliver?.(id) ?? { result: 'asked' }
    },
  }
  const report = sweepOrganization(hooks, {
    clock: new TestClock(),
    signal: new AbortController().signal,
    organization: 'acme',
    isOurs: url => url.endsWith('/v1/github'),
    cursors,
  })
  return { asked, cursors, report }
}

const two = (): DeliveriesAnswer => ({ result: 'deliveries', deliveries: [delivery(12), delivery(11), delivery(10)] })

test('a second sweep does not ask for the same again', async () => {
  const first = sweep({ deliveries: two })
  assert.equal((await first.report).redelivered, 3)
  assert.deepEqual(first.asked, [10, 11, 12])
  const second = sweep({ deliveries: two }, first.cursors)
  assert.equal((await second.report).redelivered, 0)
  assert.deepEqual(second.asked, [])
})

test('broken off in the middle: the next sweep goes on there', async () => {
  const trouble = { result: 'trouble', kind: 'set-up', reason: 'GHES answered 401' } as const
  const first = sweep({ deliveries: two, redeliver: id => (id === 11 ? trouble : { result: 'asked' }) })
  assert.deepEqual((await first.report).failures, ['redelivery for acme: GHES answered 401'])
  assert.deepEqual(first.cursors, { 1: 10 })
})

test('a list that broke off moves no cursor', async () => {
  const trouble = { result: 'trouble', kind: 'set-up', reason: 'GHES answered 401' } as const
  const first = sweep({
    deliveries: cursor =>
      cursor === undefined ? { result: 'deliveries', deliveries: [delivery(12)], next: 'v1_x' } : trouble,
  })
  assert.equal((await first.report).failures.length, 1)
  assert.deepEqual(first.asked, [])
  assert.deepEqual(first.cursors, {})
})

test('one that GHES has forgotten does not hold up the others', async () => {
  const first = sweep({
    deliveries: two,
    redeliver: id =>
      id === 11 ? { result: 'refused', reason: 'GHES answered 404 to a redelivery' } : { result: 'asked' },
  })
  const report = await first.report
  assert.equal(report.redelivered, 2)
  assert.deepEqual(report.notes, ['GHES answered 404 to a redelivery'])
  assert.deepEqual(first.cursors, { 1: 12 })
})
