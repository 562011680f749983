// The webhook of each organization that is reconciled: there, with the right events, and its last deliveries taken. And the relay's own token.
import type { RelayConfig } from '../../relay/config/relay-config.ts'
import { type GhesClient, openGhesClient } from '../ghes/client.ts'
import { type Finding, ok, skipped, warning, wrong } from './finding.ts'
import { tokenFindings } from './token.ts'

const EVENTS = ['push', 'repository']

export async function checkRelayToken({ ghe, reconcile, secrets }: RelayConfig, now: () => number): Promise<Finding[]> {
  const client = openGhesClient({
    baseUrl: ghe.baseUrl,
    token: ghe.token,
    now,
    timeoutMs: 10_000,
    ...(ghe.ca === undefined ? {} : { ca: ghe.ca }),
  })
  try {
    const meta = await client.ask('GET /meta', {}, data => data as object | undefined)
    if (meta.result === 'refused') return [wrong('ghe.token', meta.message, meta.remedy)]
    const needed = {
      repo: 'reads contents',
      ...(reconcile.organizations.length > 0 ? { 'admin:org_hook': 'asks for failed deliveries again' } : {}),
    }
    return [
      ...tokenFindings('ghe.token', meta.headers, { needed, allowed: ['read:org'] }, now()),
      ...(secrets.webhook.length === 0
        ? []
        : (
            await Promise.all(reconcile.organizations.map(name => checkWebhook(client, name, reconcile.webhookUrl)))
          ).flat()),
      ...(secrets.webhook.length > 0 && reconcile.organizations.length === 0
        ? [skipped('webhook', 'whose webhooks to look at is not known', 'reconcile.organizations in relay.yaml')]
        : []),
    ]
  } finally {
    await client.close()
  }
}

type Hook = {
  id: number
  active: boolean
  events: string[]
  config: { url?: string; content_type?: string; insecure_ssl?: string }
}
type Delivery = { delivered_at: string; status_code: number; event: string }

async function checkWebhook(
  client: GhesClient,
  organization: string,
  webhookUrl: string | undefined,
): Promise<Finding[]> {
  const check = `webhook of ${organization}`
  const hooks = await client.list('GET /orgs/{org}/hooks', { org: organization }, data => data as Hook | undefined)
  if (hooks.result === 'refused')
    return [wrong(check, hooks.message, 'ghe.token needs admin:org_hook to see it, and a name of an organization')]
  const isOurs = ({ config }: Hook) => {
    const url = (config.url ?? '').replace(/\/+$/, '')
    return webhookUrl === undefined ? url.endsWith('/v1/github') : url === webhookUrl
  }
  const ours = hooks.value.find(isOurs)
  if (!ours)
    return [
      wrong(
        check,
        'there is none that points to the relay',
        `make one: payload URL …/v1/github, content type application/json, the secret of secrets.webhook, events ${EVENTS.join(' and ')}`,
      ),
    ]
  const missing = EVENTS.filter(event => !ours.events.includes(event) && !ours.events.includes('*'))
  if (!ours.active) return [wrong(check, 'it is switched off', 'switch it on (Active)')]
  if (missing.length > 0) return [wrong(check, `it does not send ${missing.join(' and ')}`, 'add these events')]
  if (ours.config.content_type !== 'json')
    return [
      wrong(
        check,
        `its content type is ${ours.config.content_type ?? 'not set'}`,
        'application/json; the relay refuses forms',
      ),
    ]
  const deliveries = await client.ask(
    'GET /orgs/{org}/hooks/{hook_id}/deliveries',
    { org: organization, hook_id: ours.id, per_page: 20 },
    data => (Array.isArray(data) ? (data as Delivery[]) : undefined),
  )
  if (deliveries.result === 'refused')
    return [warning(check, `it is there; its deliveries are not shown: ${deliveries.message}`, deliveries.remedy)]
  return [deliveriesFinding(check, deliveries.value)]
}

function deliveriesFinding(check: string, deliveries: readonly Delivery[]): Finding {
  if (deliveries.length === 0)
    return warning(check, 'it is there, and has delivered nothing yet', 'push something, or send a ping from its page')
  const failed = deliveries.filter(({ status_code: status }) => status < 200 || status >= 300)
  const last = failed[0]
  if (!last) return ok(check, `its last ${deliveries.length} deliveries were taken`)
  const why =
    last.status_code === 401
      ? 'the secret is not that of secrets.webhook'
      : last.status_code === 0
        ? 'GHES does not reach the relay'
        : `the relay answered ${last.status_code}`
  return deliveries[0] === last
    ? wrong(
        check,
        `${failed.length} of its last ${deliveries.length} deliveries failed, the latest too: ${why}`,
        'its page at GHES shows request and answer; the reconcile asks for them again',
      )
    : warning(
        check,
        `${failed.length} of its last ${deliveries.length} deliveries failed: ${why}`,
        'the latest was taken; the reconcile asks for the failed ones again',
      )
}
