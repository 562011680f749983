// Webhooks of an organisation and what became of their deliveries: GHES keeps failed ones for days, and never repeats them by itself.

import type { Trouble } from '../trouble.ts'
import { fieldOf, type GhesRequests, textOf, unreadable } from './requests.ts'

export type OrganizationHook = { id: number; url: string; active: boolean }

export type Delivery = {
  id: number
  /** X-GitHub-Delivery: a redelivery keeps it. */
  guid: string
  deliveredAtMs: number
  statusCode: number
  event: string
}

/** `hidden`: no such organisation, or ghe.token may not see its hooks; GHES does not say which. */
type HooksAnswer = { result: 'hooks'; hooks: OrganizationHook[] } | { result: 'hidden'; reason: string } | Trouble
export type DeliveriesAnswer =
  | { result: 'deliveries'; deliveries: Delivery[]; next?: string }
  | { result: 'hidden'; reason: string }
  | Trouble
export type RedeliveryAnswer = { result: 'asked' } | { result: 'refused'; reason: string } | Trouble

export type GhesHooks = {
  list(organization: string): Promise<HooksAnswer>
  /** Failed ones, latest first, a hundred a page. An older GHES gives the others too. */
  failedDeliveries(organization: string, hook: number, cursor?: string): Promise<DeliveriesAnswer>
  redeliver(organization: string, hook: number, delivery: number): Promise<RedeliveryAnswer>
}

export function ghesHooks({ ask, guarded, trouble }: GhesRequests): GhesHooks {
  return {
    list: organization =>
      guarded<HooksAnswer>(async () => {
        const answer = await ask('sweep', 'GET /orgs/{org}/hooks', { org: organization, per_page: 100 })
        if (answer.status === 404) return hidden(organization)
        if (answer.status === 200) {
          return Array.isArray(answer.data)
            ? { result: 'hooks', hooks: answer.data.flatMap(hookOf) }
            : unreadable('the list of hooks')
        }
        return orHidden(organization, answer.status, trouble(answer))
      }),
    failedDeliveries: (organization, hook, cursor) =>
      guarded<DeliveriesAnswer>(async () => {
        const answer = await ask('sweep', 'GET /orgs/{org}/hooks/{hook_id}/deliveries', {
          org: organization,
          hook_id: hook,
          per_page: 100,
          status: 'failure',
          ...(cursor === undefined ? {} : { cursor }),
        })
        if (answer.status === 404) return hidden(organization)
        if (answer.status !== 200) return orHidden(organization, answer.status, trouble(answer))
        if (!Array.isArray(answer.data)) return unreadable('the list of deliveries')
        const next = nextCursor(answer.headers['link'])
        return {
          result: 'deliveries',
          deliveries: answer.data.flatMap(deliveryOf),
          ...(next === undefined ? {} : { next }),
        }
      }),
    redeliver: (organization, hook, delivery) =>
      guarded<RedeliveryAnswer>(async () => {
        const answer = await ask('sweep', 'POST /orgs/{org}/hooks/{hook_id}/deliveries/{delivery_id}/attempts', {
          org: organization,
          hook_id: hook,
          delivery_id: delivery,
        })
        if (answer.status === 202) return { result: 'asked' }
        // 404, 422: forgotten by GHES meanwhile, or not to be repeated; 403: the token may look and not touch.
        if (answer.status === 400 || answer.status === 404 || answer.status === 422) {
          return { result: 'refused', reason: `GHES answered ${answer.status} to a redelivery` }
        }
        const problem = trouble(answer)
        if (problem.kind === 'set-up' && answer.status === 403) {
          return {
            result: 'refused',
            reason: 'ghe.token may not redeliver: it needs to write the organisation’s webhooks',
          }
        }
        return problem
      }),
  }
}

const hidden = (organization: string) => ({
  result: 'hidden' as const,
  reason: `ghe.token may not see the webhooks of ${organization} (it needs admin:org_hook, or organisation webhooks write): failed deliveries are not looked for`,
})

/** A missing permission is no fault here: the sweep is an extra. */
function orHidden(organization: string, status: number, problem: Trouble): ReturnType<typeof hidden> | Trouble {
  return status === 403 && problem.kind === 'set-up' ? hidden(organization) : problem
}

function hookOf(data: unknown): OrganizationHook[] {
  const id = fieldOf(data, 'id')
  const url = textOf(fieldOf(data, 'config'), 'url')
  if (typeof id !== 'number' || url === undefined) return []
  return [{ id, url, active: fieldOf(data, 'active') === true }]
}

function deliveryOf(data: unknown): Delivery[] {
  const id = fieldOf(data, 'id')
  const guid = textOf(data, 'guid')
  const deliveredAtMs = Date.parse(textOf(data, 'delivered_at') ?? '')
  const statusCode = fieldOf(data, 'status_code')
  const event = textOf(data, 'event')
  if (typeof id !== 'number' || guid === undefined || event === undefined) return []
  if (Number.isNaN(deliveredAtMs) || typeof statusCode !== 'number') return []
  return [{ id, guid, deliveredAtMs, statusCode, event }]
}

/** Of `<https://…&cursor=v1_123>; rel="next"`. Only the cursor is taken: the address is ours to make. */
function nextCursor(link: string | undefined): string | undefined {
  const next = /<([^>]*)>;\s*rel="next"/.exec(link ?? '')?.[1]
  if (next === undefined || !URL.canParse(next)) return undefined
  return new URL(next).searchParams.get('cursor') ?? undefined
}
