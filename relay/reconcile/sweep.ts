// Has GHES deliver again what its webhooks could not deliver: it never does so by itself.

import { askPatiently, type Patience } from '../clients/ghes/patience.ts'
import type { Delivery, GhesHooks, OrganizationHook } from '../clients/ghes/webhooks.ts'

export type SweepReport = {
  redelivered: number
  /** Nothing to mend at GHES, but somebody may want to know. */
  notes: string[]
  failures: string[]
}

/** By hook: the latest delivery that was dealt with. */
export type SweepCursors = Record<string, number>

export type SweepOptions = Patience & {
  organization: string
  isOurs: (url: string) => boolean
  cursors: SweepCursors
}

/** Only these events tell the relay anything. */
const EVENTS = new Set(['push', 'repository'])
/** What these deliveries were answered with says that the same body will be refused again. */
const HOPELESS = new Set([400, 413, 415, 422])
/** 2,000 failed deliveries: a relay that was away for days. The reconcile finds what is beyond. */
const PAGES = 20

/** Redelivery is authentic (GHES signs it again), and a delivery that we know already is only counted by the intake. */
export async function sweepOrganization(hooks: GhesHooks, options: SweepOptions): Promise<SweepReport> {
  const report: SweepReport = { redelivered: 0, notes: [], failures: [] }
  const listed = await askPatiently(options, () => hooks.list(options.organization))
  if (listed.result === 'hidden') report.notes.push(listed.reason)
  if (listed.result === 'trouble') report.failures.push(`webhooks of ${options.organization}: ${listed.reason}`)
  if (listed.result !== 'hooks') return report
  const ours = listed.hooks.filter(hook => hook.active && options.isOurs(hook.url))
  if (ours.length === 0) report.notes.push(`${options.organization} has no active webhook that points here`)
  for (const hook of ours) await sweepHook(hooks, hook, options, report)
  return report
}

async function sweepHook(
  hooks: GhesHooks,
  hook: OrganizationHook,
  options: SweepOptions,
  report: SweepReport,
): Promise<void> {
  const { organization, cursors } = options
  const since = cursors[hook.id] ?? 0
  const deliveries = await failedSince(hooks, hook, since, options, report)
  // A list that broke off must not move the cursor past what it did not show.
  if (deliveries === undefined) return
  // Oldest first: the cursor then never passes one that is still to be asked for.
  for (const { id } of toRedeliver(deliveries)) {
    const answer = await askPatiently(options, () => hooks.redeliver(organization, hook.id, id))
    if (answer.result === 'trouble')
      return void report.failures.push(`redelivery for ${organization}: ${answer.reason}`)
    if (answer.result === 'asked') report.redelivered++
    else if (!report.notes.includes(answer.reason)) report.notes.push(answer.reason)
    cursors[hook.id] = id
  }
  if (deliveries.length > 0) cursors[hook.id] = Math.max(since, ...deliveries.map(({ id }) => id))
}

async function failedSince(
  hooks: GhesHooks,
  hook: OrganizationHook,
  since: number,
  options: SweepOptions,
  report: SweepReport,
): Promise<Delivery[] | undefined> {
  const found: Delivery[] = []
  let cursor: string | undefined
  for (let page = 0; page < PAGES; page++) {
    const from = cursor
    const answer = await askPatiently(options, () => hooks.failedDeliveries(options.organization, hook.id, from))
    if (answer.result === 'hidden') report.notes.push(answer.reason)
    if (answer.result === 'trouble') report.failures.push(`deliveries of ${options.organization}: ${answer.reason}`)
    if (answer.result !== 'deliveries') return undefined
    found.push(...answer.deliveries.filter(({ id }) => id > since))
    cursor = answer.next
    if (cursor === undefined || answer.deliveries.some(({ id }) => id <= since)) return found
  }
  report.notes.push(
    `${options.organization}: more than ${PAGES} pages of failed deliveries; older ones are left to the reconcile`,
  )
  return found
}

/** Each failed delivery once, whose event counts and which did not succeed later; oldest first. */
export function toRedeliver(deliveries: readonly Delivery[]): Delivery[] {
  const succeeded = new Set(deliveries.filter(({ statusCode }) => isSuccess(statusCode)).map(({ guid }) => guid))
  const latest = new Map<string, Delivery>()
  for (const delivery of deliveries) {
    const known = latest.get(delivery.guid)
    if (!known || known.id < delivery.id) latest.set(delivery.guid, delivery)
  }
  return [...latest.values()]
    .filter(({ guid, event, statusCode }) => !succeeded.has(guid) && EVENTS.has(event) && !HOPELESS.has(statusCode))
    .sort((a, b) => a.id - b.id)
}

const isSuccess = (status: number) => status >= 200 && status < 300
