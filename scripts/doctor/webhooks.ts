// The webhook of each organization that is reconciled: there, with the right events, and its last deliveries taken. And the relay's own token.
import { openAppClient } from '../../relay/clients/ghes/app.ts'
import { type GhesClient, openGhesClient } from '../../relay/clients/ghes/client.ts'
import { credentialOf } from '../../relay/clients/ghes/ghes.ts'
import { map } from '../../relay/clients/ghes/read.ts'
import { relayRemedies } from '../../relay/clients/ghes/remedies.ts'
import {
  type Delivery,
  ghesHooks,
  isAppHook,
  type OrganizationHook,
  withAppHook,
} from '../../relay/clients/ghes/webhooks.ts'
import type { RelayConfig } from '../../relay/config/relay-config.ts'
import { checkInstallations, type EventsOf } from './app.ts'
import { type Finding, ok, skipped, warning, wrong } from './finding.ts'
import { tokenFindings } from './token.ts'

const TIMEOUT_MS = 10_000
const EVENTS = ['push', 'repository']
const MADE_SO = `payload URL …/v1/github, content type application/json, the secret of secrets.webhook, events ${EVENTS.join(' and ')}`

type Hooks = ReturnType<typeof ghesHooks>

/** By its token, or as the GitHub App that it is; and the webhooks that bring it pushes. */
export async function checkRelayToken(config: RelayConfig, now: () => number): Promise<Finding[]> {
  const { ghe } = config
  const connection = {
    baseUrl: ghe.baseUrl,
    now,
    timeoutMs: TIMEOUT_MS,
    ...(ghe.ca === undefined ? {} : { ca: ghe.ca }),
  }
  const client = openGhesClient({
    ...connection,
    credential: credentialOf({ ...ghe, now }, TIMEOUT_MS),
    remedies: relayRemedies,
  })
  const asApp = 'app' in ghe ? openAppClient({ ...ghe.app, ...connection }).client : undefined
  try {
    if (asApp) return await asAppFindings(config, client, asApp)
    const meta = await client.ask('GET /meta', {}, map)
    if (meta.result === 'refused') return [wrong('ghe.token', meta.message, meta.remedy)]
    const needed = {
      repo: 'reads contents',
      ...(config.reconcile.organizations.length > 0 ? { 'admin:org_hook': 'asks for failed deliveries again' } : {}),
    }
    return [
      ...tokenFindings('ghe.token', meta.headers, { needed, allowed: ['read:org'] }, now()),
      ...(await webhookFindings(config, ghesHooks(client))),
    ]
  } finally {
    await Promise.all([client.close(), asApp?.close()])
  }
}

async function asAppFindings(config: RelayConfig, client: GhesClient, asApp: GhesClient): Promise<Finding[]> {
  const { findings, events } = await checkInstallations(config, asApp)
  const meta = await client.ask('GET /meta', {}, map)
  // What was found out about the installations says more than that a token of theirs is not to be had.
  const isKnown = findings.some(({ state }) => state === 'wrong')
  if (meta.result === 'refused') return isKnown ? findings : [wrong('ghe.app', meta.message, meta.remedy)]
  return [...findings, ...(await webhookFindings(config, withAppHook(ghesHooks(client), asApp), events))]
}

/** `eventsOf`: what an installation of the App sends by the App's own webhook. */
async function webhookFindings(
  { reconcile: { organizations, webhookUrl }, secrets }: RelayConfig,
  hooks: Hooks,
  eventsOf?: EventsOf,
): Promise<Finding[]> {
  if (secrets.webhook.length === 0) return []
  if (organizations.length === 0)
    return [skipped('webhook', 'whose webhooks to look at is not known', 'reconcile.organizations in relay.yaml')]
  return (await Promise.all(organizations.map(name => checkWebhook(hooks, name, webhookUrl, eventsOf)))).flat()
}

async function checkWebhook(
  { list, latestDeliveries }: Hooks,
  organization: string,
  webhookUrl: string | undefined,
  eventsOf?: EventsOf,
): Promise<Finding[]> {
  const check = `webhook of ${organization}`
  // Where the App is not, or may not be, nothing is sent and nothing is to be seen; that is told already.
  if (eventsOf && eventsOf(organization) === undefined) return []
  const hooks = await list(organization)
  if (hooks.result === 'hidden' && eventsOf)
    return [
      warning(
        check,
        'the GitHub App has no webhook of its own, and is not allowed to see that of the organization',
        `give the App one (${MADE_SO}), or the permission organization Webhooks: read`,
      ),
    ]
  if (hooks.result !== 'hooks')
    return [wrong(check, hooks.reason, 'ghe.token needs admin:org_hook to see it, and a name of an organization')]
  const isOurs = ({ url: written }: OrganizationHook) => {
    const url = written.replace(/\/+$/, '')
    return webhookUrl === undefined ? url.endsWith('/v1/github') : url === webhookUrl
  }
  const ours = hooks.hooks.find(isOurs)
  if (!ours) return [wrong(check, 'there is none that points to the relay', `make one: ${MADE_SO}`)]
  const events = (isAppHook(ours) ? eventsOf?.(organization) : undefined) ?? ours.events
  const missing = EVENTS.filter(event => !events.includes(event) && !events.includes('*'))
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
