// No secret leaves the relay, whatever goes wrong: not in a log line, a page, a metric, an answer or the list of processes.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openLog } from '../../../relay/runtime/log.ts'
import { reportId } from '../../../relay/store/ports/inbox.ts'
import { messageId } from '../../support/message-id.ts'
import { startRelayHere } from '../../support/relay-here.ts'
import {
  HOOK_SECRET,
  notify,
  type RunningRelay,
  report,
  startRelayProcess,
  WEBHOOK_SECRET,
} from '../../support/relay-process.ts'
import { StandIn } from '../../support/stand-in.ts'
import { numberedPush } from '../movable-ghes.ts'

const SECRETS = {
  hook: HOOK_SECRET.slice('whsec_'.length),
  webhook: WEBHOOK_SECRET,
  admin: 'the-admin-token-1f2e3d',
  ghe: 'ghp_theTokenOfGhes4c5b6a',
  backstage: 'theTokenOfBackstage7d8e9f',
}

function assertNone(text: string, where: string): void {
  for (const [name, secret] of Object.entries(SECRETS))
    assert.ok(!text.includes(secret), `the secret ${name} is in ${where}: ${text.slice(0, 300)}`)
}

/** A target that says back whatever it was sent, as broken proxies do, with a status of the test's choice. */
const parrot = (status: number) =>
  new StandIn({
    kind: () => 'any',
    answer: ({ headers, url }) => ({
      status,
      headers: { 'x-echo': String(headers['authorization']), location: `https://x:${SECRETS.ghe}@elsewhere.test/` },
      body: {
        message: `not with ${headers['authorization']} at ${url.href}`,
        error: { message: String(headers['authorization']) },
      },
    }),
  })

async function everythingShown(relay: RunningRelay, ids: string[]): Promise<string> {
  const paths = [
    '/',
    '/metrics',
    '/v1/status',
    '/v1/pushes',
    ...ids.flatMap(id => [`/v1/pushes/${id}`, `/pushes/${id}`]),
  ]
  const texts: string[] = []
  for (const path of paths) {
    const answer = await fetch(`${relay.admin}${path}`, { headers: { authorization: `Bearer ${SECRETS.admin}` } })
    texts.push(JSON.stringify([...answer.headers]), await answer.text())
  }
  return texts.join('\n')
}

/** One of them at a process, whose arguments everybody can list; the others in this one. */
const AT_A_PROCESS = 401

for (const status of [302, 400, AT_A_PROCESS, 403, 404, 422, 429, 500]) {
  test(`targets that answer ${status} and quote the token`, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-secrets-'))
    const [ghes, backstage] = [await parrot(status).start(), await parrot(status).start()]
    const files = { admin: SECRETS.admin, ghe: SECRETS.ghe, backstage: SECRETS.backstage }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), `${text}\n`, { mode: 0o600 })
    const given = {
      folder,
      built: true,
      ghe: { apiBaseUrl: ghes.url, token: '' },
      backstage: { baseUrl: backstage.url, token: '' },
      config: {
        ghe: { host: 'ghe.test', apiBaseUrl: ghes.url, token: { $file: 'ghe' } },
        backstage: { baseUrl: backstage.url, token: { $file: 'backstage' } },
        secrets: { hook: [HOOK_SECRET], webhook: [WEBHOOK_SECRET], admin: { $file: 'admin' } },
        landing: { firstCheckMs: 1, giveUpAfter: '1ms' },
        retry: { firstMs: 1, maxMs: 1, giveUpAfter: '1ms' },
      },
    }
    const child = status === AT_A_PROCESS ? await startRelayProcess(given) : undefined
    const { relay, stop } = child ? { relay: child, stop: () => child.kill('SIGTERM') } : await startRelayHere(given)
    t.after(async () => {
      await stop()
      await Promise.all([ghes.stop(), backstage.stop()])
      rmSync(folder, { recursive: true })
    })
    const [asked, reported] = [numberedPush(1, 10), numberedPush(2, 10)]
    await notify(relay.listen, asked)
    await report(relay.listen, reported, 'delivery-1')
    const wrong = await fetch(`${relay.listen}/v1/pushes`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${SECRETS.admin}`,
        'webhook-signature': SECRETS.hook,
      },
      body: SECRETS.webhook,
    })
    // Both targets have been asked, and what they said has been dealt with.
    const ids = [messageId(asked), reportId('delivery-1')]
    const told = (id: string) =>
      relay.logged(
        line => (line['id'] === id && line['step'] !== 'accepted') || /(GHES:|calls to GHES are paused)/.test(line.msg),
      )
    await told(ids[0] ?? '')
    await relay.logged(
      line => line['id'] === ids[1] && ['retry', 'held up', 'dead', 'forwarded'].includes(String(line['step'])),
    )
    assertNone(await wrong.text(), 'an answer')
    assertNone(await everythingShown(relay, ids), 'a page')
    if (child) {
      const columns = ['-ww', '-o', 'args=,command=', '-p', String(child.child.pid)]
      assertNone(execFileSync('ps', columns, { encoding: 'utf8' }), 'ps')
    }
    await stop()
    assertNone(JSON.stringify(relay.log), 'the log')
    assertNone(relay.stderr, 'stderr')
  })
}

test('the log hides what has the name of a secret, should it ever get there', () => {
  let text = ''
  const log = openLog({ write: line => (text += line) }, 'debug')
  log.info({ token: SECRETS.ghe, config: { secret: SECRETS.hook, token: SECRETS.backstage } }, 'x')
  log.error({ headers: { authorization: `Bearer ${SECRETS.admin}`, 'x-hub-signature-256': SECRETS.webhook } }, 'y')
  log.warn({ cause: { token: SECRETS.hook, n: 7 } }, 'z')
  for (const err of [
    Object.assign(new Error('bad'), { token: SECRETS.ghe }),
    { secret: SECRETS.hook },
    undefined,
    null,
  ])
    log.error({ err }, 'e')
  assertNone(text, 'the log')
  assert.equal(text.split('[hidden]').length - 1, 8)
  assert.match(text, /"n":7.*"message":"bad".*\[hidden\]/s)
})
