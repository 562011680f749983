// What Prometheus reads: one table of everything there is, and how events move it. No label has more than a handful of values.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client'
import type { TargetHealth } from '../deliver/target.ts'
import type { ReconcileReport } from '../reconcile/report.ts'
import type { RelayEvent, TargetName, Tell } from '../runtime/events.ts'
import type { Records } from '../store/ports/records.ts'

type Definition = {
  type: 'counter' | 'gauge' | 'histogram'
  labels: readonly string[]
  help: string
  buckets?: number[]
}

/** Hooks wait for 50 ms, people for a minute, an outage of Backstage lasts for hours. */
const WAIT_BUCKETS_S = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600, 21_600, 86_400]
const CALL_BUCKETS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Names without the prefix. Figures "of the store" are the same at all replicas: take max() of them, not sum(). */
export const METRICS = {
  requests_total: {
    type: 'counter',
    labels: ['route', 'outcome'],
    help: 'Requests on the way in, by route (pushes, github, lookups, verdicts, locations) and outcome (stored, known, accepted, ignored, answered; malformed, unauthorized, too_large, backlog, unavailable, other)',
  },
  landings_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Verdicts on pushes: landed, reported (landed by the word of a webhook), pending, unanswered (GHES away), gone, broken (a fault of ours)',
  },
  landing_seconds: {
    type: 'histogram',
    labels: [],
    help: 'From the 202 until GHES was seen to have the push, of those that were asked for',
    buckets: WAIT_BUCKETS_S,
  },
  verdicts_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Pushes of which the catalog has said what it has made: accepted, refused, conflict, unreadable, mixed',
  },
  readings_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Without the module in Backstage: pushes of which it was seen what the catalog has made: accepted, refused, conflict, unreadable, mixed; and files of which it was not (not_known)',
  },
  catalog_seconds: {
    type: 'histogram',
    labels: [],
    help: 'From the 202 until the catalog had the push, of those that it has accepted',
    buckets: WAIT_BUCKETS_S,
  },
  jobs_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Attempts on files: forwarded (refreshed or registered), unregistered, unknown (to the catalog), nothing (to refresh), compared, asked (what became of a repository), retry, held_up (set-up, limit or foreign answer), broken (a fault of ours), dead, lost (the lease ended first)',
  },
  forwarding_seconds: {
    type: 'histogram',
    labels: [],
    help: 'From the 202 until Backstage was asked for the refresh: the whole way through the relay',
    buckets: WAIT_BUCKETS_S,
  },
  calls_total: {
    type: 'counter',
    labels: ['target', 'purpose', 'status'],
    help: 'Calls out, by target (ghe, backstage), purpose (contact, landing, compare, reconcile, sweep, refresh, look-up, register, unregister, entity, status) and status (2xx, 3xx, 4xx, 5xx, none)',
  },
  call_seconds: {
    type: 'histogram',
    labels: ['target', 'purpose'],
    help: 'How long calls out took',
    buckets: CALL_BUCKETS_S,
  },
  reconciles_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Reconciles that ended here: complete, partial, interrupted',
  },
  drift_total: {
    type: 'counter',
    labels: [],
    help: 'Files found changed at GHES that neither hook nor webhook had told of',
  },
  first_seen_total: {
    type: 'counter',
    labels: [],
    help: 'Files that a reconcile found and the relay had never heard of',
  },
  redelivered_total: { type: 'counter', labels: [], help: 'Failed webhook deliveries that GHES was asked to repeat' },
  chat_messages_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Messages to the chat: sent, failed (each is tried again until it is taken)',
  },
  leases_ended_total: { type: 'counter', labels: [], help: 'Claims taken back because whoever had them was gone' },
  pushes: {
    type: 'gauge',
    labels: ['state'],
    help: 'Pushes in the store: waiting, landed, forwarded, unknown, rejected, dead. Of the store',
  },
  jobs: { type: 'gauge', labels: ['state'], help: 'Files to refresh: queued, running, dead. Of the store' },
  oldest_open_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Age of the oldest push that is neither forwarded nor given up; 0 when there is none. Of the store',
  },
  breaker_open: {
    type: 'gauge',
    labels: ['target'],
    help: '1 while the target (ghe, backstage) is paused, is only tried or has not answered since the start, 0 while it works',
  },
  token_end_timestamp_seconds: {
    type: 'gauge',
    labels: ['target'],
    help: 'When the token for a target (ghe, backstage) ends, where that is known',
  },
  store_up: { type: 'gauge', labels: [], help: '1 when the store could be read at this scrape' },
  last_reconcile_timestamp_seconds: {
    type: 'gauge',
    labels: [],
    help: 'When the latest reconcile began; 0 before the first. Of the store',
  },
  last_reconcile_drift: { type: 'gauge', labels: [], help: 'Drift that the latest reconcile found. Of the store' },
} as const satisfies Record<string, Definition>

type MetricName = keyof typeof METRICS
export const METRIC_PREFIX = 'catalog_gate_'

type MetricsSource = {
  store: Pick<Records, 'status'>
  now: () => number
  targetHealth: () => Record<TargetName, TargetHealth>
  tokenEnds: () => Record<TargetName, number | undefined>
  lastReconcile: () => Promise<ReconcileReport | undefined>
}

export type Metrics = {
  tell: Tell
  contentType: string
  /** The exposition. The store's figures are read for it; when it cannot be read they are left as they were, and store_up is 0. */
  text: (source: MetricsSource) => Promise<string>
}

export function openMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const made = makeAll(registry)
  return {
    contentType: registry.contentType,
    tell: event => record(made, event),
    async text(source) {
      await measure(made, source)
      return registry.metrics()
    },
  }
}

type Made = {
  counters: Map<string, Counter<string>>
  gauges: Map<string, Gauge<string>>
  histograms: Map<string, Histogram<string>>
}

function makeAll(registry: Registry): Made {
  const made: Made = { counters: new Map(), gauges: new Map(), histograms: new Map() }
  for (const [name, { type, labels, help, ...more }] of Object.entries<Definition>(METRICS)) {
    const options = { name: `${METRIC_PREFIX}${name}`, help, labelNames: [...labels], registers: [registry] }
    if (type === 'counter') made.counters.set(name, new Counter(options))
    else if (type === 'gauge') made.gauges.set(name, new Gauge(options))
    else made.histograms.set(name, new Histogram({ ...options, buckets: more.buckets ?? WAIT_BUCKETS_S }))
  }
  return made
}

function record(made: Made, event: RelayEvent): void {
  const add = (name: MetricName, labels: Record<string, string> = {}, by = 1) =>
    made.counters.get(name)?.inc(labels, by)
  const observe = (name: MetricName, ms: number, labels: Record<string, string> = {}) =>
    made.histograms.get(name)?.observe(labels, Math.max(0, ms) / 1000)
  switch (event.event) {
    case 'request':
      add('requests_total', { route: event.route, outcome: event.taken ?? outcomeOf(event.status) })
      break
    case 'landing':
      add('landings_total', { result: event.result })
      if (event.result === 'landed') observe('landing_seconds', event.sinceReceivedMs)
      break
    case 'reported':
      add('landings_total', { result: 'reported' }, event.landed)
      break
    case 'job':
      add('jobs_total', { result: event.result.replace(' ', '_') })
      if (event.result === 'forwarded') observe('forwarding_seconds', event.sinceReceivedMs)
      break
    case 'call': {
      const { target, purpose, status, durationMs } = event
      // "Not modified" is an answer like another.
      const kind = status === undefined ? 'none' : status === 304 ? '2xx' : `${Math.floor(status / 100)}xx`
      add('calls_total', { target, purpose, status: kind })
      observe('call_seconds', durationMs, { target, purpose })
      break
    }
    case 'reconcile':
      add('reconciles_total', { result: event.result })
      add('drift_total', {}, event.drift)
      add('first_seen_total', {}, event.firstSeen)
      add('redelivered_total', {}, event.redelivered)
      break
    case 'verdict':
      add('verdicts_total', { result: event.result })
      if (event.result === 'accepted') observe('catalog_seconds', event.sinceReceivedMs)
      break
    case 'read':
      add('readings_total', { result: event.result.replace(' ', '_') })
      break
    case 'chat':
      add('chat_messages_total', { result: event.result })
      break
    case 'leases ended':
      add('leases_ended_total', {}, event.count)
  }
}

function outcomeOf(status: number): string {
  const known: Record<number, string> = {
    400: 'malformed',
    401: 'unauthorized',
    413: 'too_large',
    429: 'backlog',
    503: 'unavailable',
  }
  return known[status] ?? 'other'
}

async function measure(
  made: Made,
  { store, now, targetHealth, tokenEnds, lastReconcile }: MetricsSource,
): Promise<void> {
  const set = (name: MetricName, value: number, labels: Record<string, string> = {}) =>
    made.gauges.get(name)?.set(labels, value)
  for (const [target, { state, reason }] of Object.entries(targetHealth()))
    set('breaker_open', state === 'closed' || (state === 'unasked' && reason === undefined) ? 0 : 1, { target })
  made.gauges.get('token_end_timestamp_seconds')?.reset()
  for (const [target, endMs] of Object.entries(tokenEnds()))
    if (endMs !== undefined) set('token_end_timestamp_seconds', endMs / 1000, { target })
  try {
    const [status, reconcile] = [await store.status(), await lastReconcile()]
    for (const [state, pushes] of Object.entries(status.pushes)) set('pushes', pushes, { state })
    for (const [state, jobs] of Object.entries(status.jobs)) set('jobs', jobs, { state })
    const { oldestOpenAtMs } = status
    set('oldest_open_seconds', oldestOpenAtMs === undefined ? 0 : Math.max(0, now() - oldestOpenAtMs) / 1000)
    set('last_reconcile_timestamp_seconds', (reconcile?.startedAtMs ?? 0) / 1000)
    set('last_reconcile_drift', reconcile?.drift ?? 0)
    set('store_up', 1)
  } catch {
    set('store_up', 0)
  }
}
