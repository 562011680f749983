// --apply: today's wave of pull requests, one after the other, at a pace; each kept as soon as it is there.
import type { Clock } from '../../relay/runtime/clock.ts'
import { wait } from '../../relay/runtime/wait.ts'
import { type DeliverEdges, deliver, type Outcome } from './deliver.ts'
import type { Delivery } from './delivery.ts'

export type Applied = {
  /** By OWNER/NAME. */
  outcomes: Map<string, Outcome>
  /** New ones that a later day gets. */
  later: number
  /** What ended it before its end; nothing more was tried. */
  ended?: string
}

export type ApplyEdges = DeliverEdges & {
  clock: Clock
  interrupted: AbortSignal
  progress: { expect: (more: number) => void; step: (done: number) => void }
}

/** `deliveries`: in the order of their waves; `openedToday`: so many of today's wave are there. */
export async function applyAll(
  deliveries: readonly Delivery[],
  openedToday: number,
  edges: ApplyEdges,
): Promise<Applied> {
  const { perDay, perMinute } = edges.config.pullRequests
  const applied: Applied = { outcomes: new Map(), later: 0 }
  const room = Math.max(0, perDay - openedToday)
  const news = deliveries.filter(({ step }) => step === 'new')
  const now = new Set(news.slice(0, room))
  applied.later = news.length - now.size
  const todo = deliveries.filter(one => now.has(one) || ['go-on', 'update', 'adopt'].includes(one.step))
  if (todo.length > 0) edges.progress.expect(todo.length)
  for (const [i, delivery] of todo.entries()) {
    if (i > 0) await wait(edges.clock, 60_000 / perMinute, edges.interrupted)
    edges.interrupted.throwIfAborted()
    const outcome = await deliver(delivery, edges)
    applied.outcomes.set(delivery.row.repository.repository, outcome)
    edges.progress.step(1)
    if (outcome.result === 'trouble' && outcome.isForAll) return { ...applied, ended: outcome.reason }
  }
  return applied
}
