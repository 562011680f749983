// The webhook of each organization that is reconciled: there, with the right events, and its last deliveries taken. And the relay's own token.
import { openGhesClient } from '../../relay/clients/ghes/client.ts'
import { credentialOf } from '../../relay/clients/ghes/ghes.ts'
import { map } from '../../relay/clients/ghes/read.ts'
import { relayRemedies } from '../../relay/clients/ghes/remedies.ts'
import { type Delivery, ghesHooks, type OrganizationHook } from '../../relay/clients/ghes/webhooks.ts'
import type { RelayConfig } from '../../relay/config/relay-config.ts'
import { type Finding, ok, skipped, warning, wrong } from './finding.ts'
import { tokenFindings } from './token.ts'

const TIMEOUT_MS = 10_000
const EVENTS = ['push', 'repository']

export async function checkRelayToken({ ghe, reconcile, secrets }: RelayConfig, now: () => number): Promise<Finding[]> {
  const client = openGhesClient({
    ...{ baseUrl: ghe.baseUrl, credential: credentialOf({ ...ghe, now }, TIMEOUT_MS), remedies: relayRemedies },
    ...{ now, timeoutMs: TIMEOUT_MS },
    ...(ghe.ca === undefined ? {} : { ca: ghe.ca }),
  })
  const hooks = ghesHooks(client)
  try {
    const meta = await client.ask('GET /meta', {}, map)
    const isApp = 'app' in ghe
    if (meta.result === 'refused') return [wrong(isApp ? 'ghe.app' : 'ghe.token', meta.message, meta.remedy)]
    const needed = {
      repo: 'reads contents',
      ...(reconcile.organizations.length > 0 ? { 'admin:org_hook': 'asks for failed deliveries again' } : {}),
    }
    return [
      ...(isApp
        ? [ok('ghe.app', `GHES gives the GitHub App ${ghe.app.id} tokens for its installations`)]
        : tokenFindings('ghe.token', meta.headers, { needed, allowed: ['read:org'] }, now())),
      ...(secrets.webhook.length === 0
        ? []
        : (
            await Promise.all(reconcile.organizations.map(name => checkWebhook(hooks, name, reconcile.webhookUrl)))
          ).flat()),
      ...(secrets.webhook.length > 0 && reconcile.organizations.length === 0
        ? [skipped('webhook', 'whose webhooks to look at is not known', 'reconcile.organizations in relay.yaml')]
        : []),
    ]
  } finally {
    await client.close()
  }
}

async function checkWebhook(
  { list, latestDeliveries }: ReturnType<typeof ghesHooks>,
  organization: string,
  webhookUrl: string | undefined,
): Promise<Finding[]> {
  const check = `webhook of ${organization}`
  const hooks = await list(organization)
  if (hooks.result !== 'hooks')
    return [wrong(check, hooks.reason, 'ghe.token needs admin:org_hook to see it, and a name of an organization')]
  const isOurs = ({ url: written }: OrganizationHook) => {
    const url = written.replace(/\/+$/, '')
    return webhookUrl === undefined ? url.endsWith('/v1/github') : url === webhookUrl
  }
  const ours = hooks.hooks.find(isOurs)
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
  if (ours.contentType !== 'json')
    return [
      wrong(check, `its content type is ${ours.contentType || 'not set'}`, 'application/json; the relay refuses forms'),
    ]
  const latest = await latestDeliveries(organization, ours.id)
  return latest.result === 'deliveries'
    ? [deliveriesFinding(check, latest.deliveries)]
    : [
        warning(
          check,
          `it is there; its deliveries are not shown: ${latest.reason}`,
          'ghe.token needs admin:org_hook to see them',
        ),
      ]
}

function deliveriesFinding(check: string, deliveries: readonly Delivery[]): Finding {
  if (deliveries.length === 0)
    return warning(check, 'it is there, and has delivered nothing yet', 'push something, or send a ping from its page')
  const failed = deliveries.filter(({ statusCode }) => statusCode < 200 || statusCode >= 300)
  const last = failed[0]
  if (!last) return ok(check, `its last ${deliveries.length} deliveries were taken`)
  const why =
    last.statusCode === 401
      ? 'the secret is not that of secrets.webhook'
      : last.statusCode === 0
        ? 'GHES does not reach the relay'
        : `the relay answered ${last.statusCode}`
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
