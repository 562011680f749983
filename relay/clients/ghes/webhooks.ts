// Webhooks of an organisation and what became of their deliveries: GHES keeps failed ones for days, and never repeats them by itself.
import type { Trouble } from '../trouble.ts'
import type { GhesClient } from './client.ts'
import { complete, field, knownOf, nothing, type Read } from './read.ts'
import { type Refusal, troubleOf } from './refusal.ts'

/** `contentType`: `json` or `form`; empty when GHES does not say. */
export type OrganizationHook = { id: number; url: string; active: boolean; events: string[]; contentType: string }

export type Delivery = {
  id: number
  /** X-GitHub-Delivery: a redelivery keeps it. */
  guid: string
  deliveredAtMs: number
  /** Of the receiver; 0 when GHES did not reach it. */
  statusCode: number
  event: string
}

/** `hidden`: no such organisation, or ghe.token is not allowed to see its hooks; GHES does not say which. */
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

type LatestDeliveries = {
  /** The last few, taken or failed. */
  latestDeliveries(organization: string, hook: number): Promise<DeliveriesAnswer>
}

const HOOKS = '/orgs/{org}/hooks'
const PER_PAGE = 100
const LATEST = 20

export function ghesHooks(client: GhesClient): GhesHooks & LatestDeliveries {
  const { ask } = client.for('sweep')
  const at = (organization: string, hook: number) => ({ route: `${HOOKS}/{hook_id}`, org: organization, hook_id: hook })
  return {
    list: async organization => {
      const parameters = { org: organization, per_page: PER_PAGE }
      const answer = await ask(`GET ${HOOKS}`, parameters, data => knownOf(data, hookIn))
      if (answer.result === 'answered') return { result: 'hooks', hooks: answer.value }
      return isHidden(answer) ? hidden(organization) : troubleOf(answer)
    },
    latestDeliveries: (organization, hook) =>
      askDeliveries(ask, at(organization, hook), { per_page: LATEST }, organization),
    failedDeliveries: (organization, hook, cursor) =>
      askDeliveries(ask, at(organization, hook), failedFrom(cursor), organization),
    redeliver: (organization, hook, delivery) => askRedelivery(ask, at(organization, hook), delivery),
  }
}

/** A GitHub App has one webhook, which brings the events of every installation. No webhook of an organisation has this id. */
const APP_HOOK = 0

/** Its events are not among what GHES says of it: each installation has them. */
export const isAppHook = ({ id }: OrganizationHook): boolean => id === APP_HOOK

/** The webhooks of organisations, as far as the App may see them, and its own. `app`: who asks as the App itself, not as an installation. */
export function withAppHook(hooks: GhesHooks & LatestDeliveries, app: GhesClient): GhesHooks & LatestDeliveries {
  const { ask } = app.for('sweep')
  const at = { route: '/app/hook' }
  return {
    list: async organization => {
      const own = await ask('GET /app/hook/config', {}, appHookIn)
      if (own.result === 'refused' && !isHidden(own)) return troubleOf(own)
      const others = await hooks.list(organization)
      if (own.result === 'refused' || own.value.url === '' || others.result === 'trouble') return others
      return { result: 'hooks', hooks: [own.value, ...(others.result === 'hooks' ? others.hooks : [])] }
    },
    latestDeliveries: (organization, hook) =>
      hook === APP_HOOK
        ? askDeliveries(ask, at, { per_page: LATEST }, organization)
        : hooks.latestDeliveries(organization, hook),
    failedDeliveries: (organization, hook, cursor) =>
      hook === APP_HOOK
        ? askDeliveries(ask, at, failedFrom(cursor), organization)
        : hooks.failedDeliveries(organization, hook, cursor),
    redeliver: (organization, hook, delivery) =>
      hook === APP_HOOK ? askRedelivery(ask, at, delivery) : hooks.redeliver(organization, hook, delivery),
  }
}

/** Whose webhook it is, as the path of a request and what is put into it. */
type Place = { route: string; org?: string; hook_id?: number }
type Ask = ReturnType<GhesClient['for']>['ask']

const failedFrom = (cursor: string | undefined) => ({
  per_page: PER_PAGE,
  status: 'failure',
  ...(cursor === undefined ? {} : { cursor }),
})

async function askDeliveries(
  ask: Ask,
  { route, ...place }: Place,
  asked: object,
  organization: string,
): Promise<DeliveriesAnswer> {
  const answer = await ask(`GET ${route}/deliveries`, { ...place, ...asked }, data => knownOf(data, deliveryIn))
  if (answer.result === 'refused') return isHidden(answer) ? hidden(organization) : troubleOf(answer)
  const next = nextCursor(answer.headers['link'])
  return { result: 'deliveries', deliveries: answer.value, ...(next === undefined ? {} : { next }) }
}

async function askRedelivery(ask: Ask, { route, ...place }: Place, delivery: number): Promise<RedeliveryAnswer> {
  const answer = await ask(
    `POST ${route}/deliveries/{delivery_id}/attempts`,
    { ...place, delivery_id: delivery },
    nothing,
  )
  return answer.result === 'answered' ? { result: 'asked' } : redeliveryRefused(answer)
}

/** 404, 422: forgotten by GHES meanwhile, or not to be repeated; a permission: the token may look and not touch. */
function redeliveryRefused(refusal: Refusal): RedeliveryAnswer {
  const { status, kind } = refusal
  if (status === 400 || status === 404 || status === 422)
    return { result: 'refused', reason: `GHES answered ${status} to a redelivery` }
  return kind === 'permission'
    ? {
        result: 'refused',
        reason: 'ghe.token is not allowed to redeliver: it needs to write the organisation’s webhooks',
      }
    : troubleOf(refusal)
}

/** A missing permission is no fault here: the sweep is an extra. */
const isHidden = ({ kind }: Refusal) => kind === 'permission' || kind === 'not-found'

const hidden = (organization: string) => ({
  result: 'hidden' as const,
  reason: `ghe.token is not allowed to see the webhooks of ${organization} (it needs admin:org_hook, or organisation webhooks write): failed deliveries are not looked for`,
})

const hookIn: Read<OrganizationHook> = data => {
  const config = field(data, 'config', 'map')
  return complete<OrganizationHook>({
    id: field(data, 'id', 'number'),
    url: field(config, 'url', 'text'),
    active: field(data, 'active', 'boolean') ?? false,
    events: (field(data, 'events', 'list') ?? []).filter(event => typeof event === 'string'),
    contentType: field(config, 'content_type', 'text') ?? '',
  })
}

/** Without a URL the App has no webhook. */
const appHookIn: Read<OrganizationHook> = data =>
  complete<OrganizationHook>({
    id: APP_HOOK,
    active: true,
    events: [],
    url: field(data, 'url', 'text') ?? '',
    contentType: field(data, 'content_type', 'text') ?? '',
  })

const deliveryIn: Read<Delivery> = data => {
  const deliveredAtMs = Date.parse(field(data, 'delivered_at', 'text') ?? '')
  return complete<Delivery>({
    id: field(data, 'id', 'number'),
    guid: field(data, 'guid', 'text'),
    deliveredAtMs: Number.isNaN(deliveredAtMs) ? undefined : deliveredAtMs,
    statusCode: field(data, 'status_code', 'number'),
    event: field(data, 'event', 'text'),
  })
}

/** Of `<https://…&cursor=v1_123>; rel="next"`. Only the cursor is taken: the address is ours to make. */
function nextCursor(link: string | undefined): string | undefined {
  const next = /<([^>]*)>;\s*rel="next"/.exec(link ?? '')?.[1]
  if (next === undefined || !URL.canParse(next)) return undefined
  return new URL(next).searchParams.get('cursor') ?? undefined
}
