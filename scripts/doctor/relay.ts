// The relay as its senders and its people see it: reachable, the same secrets, nothing stuck, nothing drifting.
import { createHmac } from 'node:crypto'
import { type HttpAnswer, openTarget, type Target } from '../../relay/clients/http.ts'
import type { RelayConfig } from '../../relay/config/relay-config.ts'
import { parseSecret, sign } from '../../schemas/signature.ts'
import { clockFinding, type Finding, ok, skipped, warning, wrong } from './finding.ts'

const LIMITS = { timeoutMs: 8_000, answerBytes: 1024 * 1024 }
const OLD_MS = 15 * 60_000

/** `url`: as the hooks reach it. */
export async function checkRelay(
  config: RelayConfig,
  { url, ca }: { url: string; ca?: string },
  now: () => number,
): Promise<Finding[]> {
  const target = openTarget({ baseUrl: url, ...LIMITS, ...(ca === undefined ? {} : { ca }) })
  try {
    const ready = await target.call({ method: 'GET', url: `${url}/readyz`, headers: {} })
    return [
      ready.status === 200
        ? ok('relay', `it answers at ${url}, and is ready`)
        : wrong(
            'relay',
            `it answers ${ready.status} at ${url}/readyz: ${statusOf(ready)}`,
            'look at its log; 503 is a store that cannot write, or a relay that shuts down',
          ),
      clockFinding("the relay's clock", ready.headers['date'], now()),
      ...(await hookSecretFindings(target, url, config)),
      ...(await webhookSecretFindings(target, url, config)),
    ]
  } catch (error) {
    return [
      wrong(
        'relay',
        `it does not answer at ${url}: ${error instanceof Error ? error.message : error}`,
        'is it running, and is this the address that hook.yaml names? --relay-url names another',
      ),
    ]
  } finally {
    await target.close()
  }
}

const statusOf = ({ body }: HttpAnswer) => body.slice(0, 200)

/** A signed message without content: a relay that knows the secret complains of the content (400), another one of the signature (401). Nothing is stored. */
async function hookSecretFindings(target: Target, url: string, { secrets }: RelayConfig): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [i, secret] of secrets.hook.entries()) {
    const check = `secrets.hook[${i}]`
    const key = parseSecret(secret())
    if (key.result !== 'key') continue
    const body = '{}'
    const id = 'msg_doctor'
    const timestamp = Math.floor(Date.now() / 1000)
    const { status } = await target.call({
      method: 'POST',
      url: `${url}/v1/pushes`,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': sign(key.key, id, timestamp, Buffer.from(body)),
      },
      body,
    })
    findings.push(
      status === 400
        ? ok(check, 'the relay takes what is signed with it')
        : status === 401
          ? wrong(
              check,
              'the relay refuses what is signed with it',
              'the relay that answers has another configuration, or was not restarted; the hooks need one of its secrets',
            )
          : warning(
              check,
              `the relay answered ${status}, and its signature was not judged`,
              'try again; 429 and 503 pass',
            ),
    )
  }
  return findings
}

async function webhookSecretFindings(target: Target, url: string, { secrets }: RelayConfig): Promise<Finding[]> {
  const secret = secrets.webhook[0]
  if (!secret)
    return [
      skipped(
        'secrets.webhook',
        'no webhook is taken',
        'secrets.webhook in relay.yaml; without it only the reconcile finds what a hook could not tell',
      ),
    ]
  const body = JSON.stringify({ zen: 'catalog-gate doctor', hook_id: 0 })
  const { status } = await target.call({
    method: 'POST',
    url: `${url}/v1/github`,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'ping',
      'x-github-delivery': `doctor-${Date.now()}`,
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret()).update(body).digest('hex')}`,
    },
    body,
  })
  return [
    status === 202
      ? ok('secrets.webhook', 'the relay takes a ping that is signed with it')
      : wrong(
          'secrets.webhook',
          `the relay answers ${status} to a ping that is signed with it`,
          'the relay that answers has another configuration, or was not restarted',
        ),
  ]
}

type Status = {
  oldestOpenAt?: string
  pushes: Record<string, number>
  ghe: { state: string; reason?: string }
  backstage: { state: string; reason?: string }
  reconcile?: { last?: { startedAt: string; result: string; drift: number; failures: string[] } }
}

/** By the inside; `url` is its address. */
export async function checkQueue(url: string, organizations: number, now: () => number): Promise<Finding[]> {
  const target = openTarget({ baseUrl: url, ...LIMITS })
  let status: Status
  try {
    const answer = await target.call({ method: 'GET', url: `${url}/v1/status`, headers: {} })
    if (answer.status !== 200)
      return [wrong('queue', `the inside answers ${answer.status}`, 'look at the log of the relay')]
    status = JSON.parse(answer.body) as Status
  } catch (error) {
    return [
      skipped(
        'queue',
        `the inside does not answer at ${url} (${error instanceof Error ? error.message : error})`,
        'run doctor where it is reachable, or --admin-url',
      ),
    ]
  } finally {
    await target.close()
  }
  return [queueFinding(status, now()), ...targetHealthFindings(status), driftFinding(status, organizations, now())]
}

function queueFinding({ oldestOpenAt, pushes }: Status, nowMs: number): Finding {
  const dead = pushes['dead'] ?? 0
  const waitMs = oldestOpenAt === undefined ? 0 : nowMs - Date.parse(oldestOpenAt)
  if (waitMs > OLD_MS)
    return wrong(
      'queue',
      `a push waits for ${Math.round(waitMs / 60_000)} min`,
      'the status page says for what; relay/README.md, "When a light is red"',
    )
  if (dead > 0)
    return warning('queue', `${dead} dead letters`, 'read their reasons on the status page, mend them, redrive')
  const unknown = pushes['unknown'] ?? 0
  if (unknown > 0)
    return warning(
      'queue',
      `${unknown} pushes of the last days changed files that the catalog does not know`,
      'the status page lists them (state "unknown to the catalog"): register their Locations, or set backstage.locations or backstage.register',
    )
  return ok('queue', 'nothing is stuck, no dead letters')
}

const targetHealthFindings = ({ ghe, backstage }: Status): Finding[] =>
  Object.entries({ GHES: ghe, Backstage: backstage }).flatMap(([name, { state, reason }]) =>
    state === 'closed' || (state === 'unasked' && reason === undefined)
      ? []
      : [wrong(`relay → ${name}`, reason ?? 'it is paused', 'relay/README.md, "When a light is red"')],
  )

function driftFinding({ reconcile }: Status, organizations: number, nowMs: number): Finding {
  const last = reconcile?.last
  if (organizations === 0) return skipped('drift', 'nothing is reconciled', 'reconcile.organizations in relay.yaml')
  if (!last)
    return warning(
      'drift',
      'no reconcile has ended yet',
      'the first one begins a minute after the start; POST /v1/reconcile asks for one',
    )
  const days = (nowMs - Date.parse(last.startedAt)) / 86_400_000
  if (days > 2)
    return wrong(
      'drift',
      `the last reconcile was ${Math.floor(days)} days ago`,
      'look for "reconcile" in the log of the relay',
    )
  if (last.drift > 0)
    return warning(
      'drift',
      `the last reconcile found ${last.drift} changed files that nobody had told of`,
      'is the hook enforced there, and do webhook deliveries arrive?',
    )
  if (last.result === 'partial')
    return warning(
      'drift',
      `the last reconcile could not look at everything: ${last.failures[0] ?? ''}`,
      'put that right; the next one comes after six hours',
    )
  return ok('drift', 'the last reconcile found nothing that had been missed')
}
