// Webhooks of an organisation at the stand-in GHES: they deliver, fail, and deliver again when asked, as GitHub's do.
import { createHmac, randomUUID } from 'node:crypto'
import { failure } from './ghes-answers.ts'
import type { Answer, StandInRequest } from './stand-in.ts'

export type HookOptions = { url: string; secret: string }

type Delivery = { id: number; guid: string; event: string; payload: string; statusCode: number; redelivery: boolean }

export class OrganizationHook {
  readonly id: number
  readonly url: string
  active = true
  readonly deliveries: Delivery[] = []
  readonly #secret: string

  constructor(id: number, { url, secret }: HookOptions) {
    this.id = id
    this.url = url
    this.#secret = secret
  }

  /** Delivers now; a receiver that is not there is a failed delivery. Resolves with the status. */
  deliver(event: string, payload: object): Promise<number> {
    return this.#send(randomUUID(), event, JSON.stringify(payload), false)
  }

  /** A delivery that failed: nobody gets it before a redelivery. Returns its guid. */
  lost(event: string, payload: object, statusCode = 502): string {
    const guid = randomUUID()
    this.#add({ guid, event, payload: JSON.stringify(payload), statusCode, redelivery: false })
    return guid
  }

  redeliver(id: number): Promise<number> | undefined {
    const found = this.deliveries.find(delivery => delivery.id === id)
    return found && this.#send(found.guid, found.event, found.payload, true)
  }

  async #send(guid: string, event: string, payload: string, redelivery: boolean): Promise<number> {
    const signature = `sha256=${createHmac('sha256', this.#secret).update(payload).digest('hex')}`
    const headers = { 'content-type': 'application/json', 'x-github-event': event, 'x-github-delivery': guid }
    const status = await fetch(this.url, {
      method: 'POST',
      headers: { ...headers, 'x-hub-signature-256': signature },
      body: payload,
    }).then(
      response => response.status,
      () => 0,
    )
    this.#add({ guid, event, payload, statusCode: status, redelivery })
    return status
  }

  #add(delivery: Omit<Delivery, 'id'>): void {
    this.deliveries.unshift({ id: this.id * 1_000_000 + this.deliveries.length + 1, ...delivery })
  }
}

/** `/orgs/ORG/hooks…`. `status` is the deliveries' filter of GHES 3.19. */
export function hooksAnswer(hooks: readonly OrganizationHook[], request: StandInRequest): Answer {
  const [, id, rest = ''] = /\/hooks(?:\/(\d+)(\/.*)?)?$/.exec(request.url.pathname) ?? []
  if (id === undefined) return { status: 200, body: hooks.map(hook => hookJson(hook, request.url)) }
  const hook = hooks.find(one => String(one.id) === id)
  if (!hook) return failure(404, 'Not Found')
  if (rest === '/deliveries') return deliveriesAnswer(hook, request.url)
  const delivery = /^\/deliveries\/(\d+)\/attempts$/.exec(rest)?.[1]
  if (request.method !== 'POST' || delivery === undefined) return failure(404, 'Not Found')
  return hook.redeliver(Number(delivery)) ? { status: 202, body: {} } : failure(404, 'Not Found')
}

function hookJson(hook: OrganizationHook, { origin, pathname }: URL) {
  const url = `${origin}${pathname}/${hook.id}`
  const then = '2026-01-01T00:00:00Z'
  return {
    type: 'Organization',
    ...{ id: hook.id, name: 'web', active: hook.active, events: ['push', 'repository'] },
    config: { url: hook.url, content_type: 'json', insecure_ssl: '0', secret: '********' },
    ...{ url, ping_url: `${url}/pings`, deliveries_url: `${url}/deliveries`, created_at: then, updated_at: then },
  }
}

function deliveriesAnswer(hook: OrganizationHook, url: URL): Answer {
  const perPage = Number(url.searchParams.get('per_page') ?? 30)
  const failedOnly = url.searchParams.get('status') === 'failure'
  const all = hook.deliveries.filter(({ statusCode }) => !failedOnly || statusCode < 200 || statusCode >= 400)
  const from = Number((url.searchParams.get('cursor') ?? 'v1_0').slice('v1_'.length))
  const next = new URL(url)
  next.searchParams.set('cursor', `v1_${from + perPage}`)
  return {
    status: 200,
    ...(from + perPage < all.length ? { headers: { link: `<${next}>; rel="next"` } } : {}),
    body: all.slice(from, from + perPage).map(({ id, guid, event, statusCode, redelivery }) => ({
      ...{ id, guid, redelivery, event, status_code: statusCode, duration: 0.1 },
      ...{ delivered_at: '2026-11-24T00:00:00Z', status: statusCode === 0 ? 'failed to connect to host' : 'OK' },
      ...{ action: null, installation_id: null, repository_id: null, throttled_at: null },
    })),
  }
}
