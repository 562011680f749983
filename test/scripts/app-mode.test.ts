// survey and doctor as a GitHub App, as processes: at a GHES that lets tokens end, knows who has installed the App and what it may, and with a kill at the renewal.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { stringify } from 'yaml'
import type { Finding } from '../../scripts/doctor/finding.ts'
import { builtOr } from '../support/built.ts'
import { type Catalog, startCatalog } from '../support/catalog.ts'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { type AppInstallation, appKeyPair, GhesApp } from '../support/ghes-app.ts'
import { OrganizationHook } from '../support/ghes-hooks.ts'
import { type Started, startProcess } from '../support/process.ts'
import {
  ADMIN_TOKEN,
  HOOK_SECRET,
  type RelayProcess,
  startRelayProcess,
  WEBHOOK_SECRET,
} from '../support/relay-process.ts'
import { createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import { component } from './survey-fixture.ts'

const PROGRAM = builtOr('scripts/catalog-gate.ts', 'catalog-gate.mjs')
const { publicKey, privateKey } = appKeyPair()
const { privateKey: otherKey } = appKeyPair()
const INSTALLED: AppInstallation[] = [
  { id: 11, account: 'acme' },
  { id: 12, account: 'shut', permissions: { metadata: 'read' } },
  { id: 13, account: 'asleep', suspended: true },
]

let host: RepositoryHost
let app: GhesApp
let ghes: Ghes
/** The relay's own: what fails there, and when, is for the command alone. */
let ofRelay: Ghes
let catalog: Catalog
let relay: RelayProcess

before(async () => {
  host = await createRepositoryHost()
  const files = { 'acme/good': component('good'), 'acme/bad': component('b d'), 'shut/one': component('one') }
  for (const [name, text] of Object.entries({ ...files, 'asleep/one': component('one'), 'foreign/one': '' })) {
    const copy = await (await host.create(name)).clone()
    await copy.write('catalog-info.yaml', text)
    await copy.commit()
    await copy.push()
  }
  app = new GhesApp({ id: '7', publicKey, installations: INSTALLED })
  ghes = await startGhes({ root: host.root, token: 'ghp_of_people', app })
  ofRelay = await startGhes({
    ...{ root: host.root, token: 'ghp_of_people' },
    app: new GhesApp({ id: '7', publicKey, installations: INSTALLED }),
  })
  catalog = await startCatalog({ token: 'backstage-x', refreshOnly: true })
  writeFileSync(join(host.directory, 'app.pem'), privateKey, { mode: 0o600 })
  relay = await startRelayProcess({
    folder: join(host.directory, 'relay'),
    ghe: { apiBaseUrl: ofRelay.apiBaseUrl, token: '' },
    backstage: { baseUrl: catalog.url, token: 'backstage-x' },
    config: { ghe: { host: 'ghe.test', apiBaseUrl: ofRelay.apiBaseUrl, app: { id: 7, privateKey } } },
  })
})
beforeEach(() => {
  ghes.clearFailures()
  app.tokens.clear()
  app.hook = undefined
  app.installations = INSTALLED
  // Every question finds its token ended.
  app.lifetimeMs = 0
  app.graceMs = 60_000
})
after(async () => {
  await relay?.stop()
  await Promise.all([ghes?.stop(), ofRelay?.stop(), catalog?.stop()])
  await host.remove()
})

const start = (...args: string[]): Started =>
  startProcess(process.execPath, [PROGRAM, ...args], { cwd: host.directory })

/** No token and no key is in what it says, nor in what it keeps. */
async function ended(command: Started): Promise<{ code: string; output: string }> {
  await command.gone
  const output = command.output()
  assert.doesNotMatch(output, /ghs_|PRIVATE KEY/)
  for (const name of readdirSync(host.directory).filter(one => /jsonl|csv/.test(one)))
    assert.doesNotMatch(readFileSync(join(host.directory, name), 'utf8'), /ghs_|PRIVATE KEY/)
  return { code: (command.ended() ?? '').replace('ended with exit code ', ''), output }
}

/** Its second token does not come, and it is killed. */
async function killedAtRenewal(...args: string[]): Promise<void> {
  app.tokens.clear()
  ghes.failNext('app-token', 'hang')
  const renewal = ghes.next('app-token')
  const command = start(...args)
  await renewal
  await command.kill()
}

const asApp = (...more: string[]) => [
  '--api-url',
  ghes.apiBaseUrl,
  '--app-id',
  '7',
  '--app-key-file',
  'app.pem',
  ...more,
]
const survey = (...organizations: string[]) => [
  ...['survey', '--deep', '--cache', 'cache.jsonl'],
  ...asApp(...organizations.flatMap(name => ['--org', name])),
]

test('survey: each organisation by its own installation, tokens that end on the way, and killed while it renews', async () => {
  await killedAtRenewal(...survey('acme'))
  const whole = await ended(start(...survey('acme')))
  assert.equal(whole.code, '1')
  assert.match(whole.output, /^2 repositories of acme, 2 catalog files$/m)
  assert.match(whole.output, /^ +acme\/bad|^ {2}acme\/bad/m)
  assert.ok(app.tokens.size > 1, `${app.tokens.size} tokens`)
  assert.ok(ghes.requests('app-token').length > 1)
})

test('survey: who has not installed it, whose installation may not read or is suspended, is told with the way out', async () => {
  const several = await ended(start(...survey('acme', 'foreign', 'shut', 'asleep')))
  assert.equal(several.code, '1')
  for (const line of [
    /^ {2}foreign: GHES shows no such organisation; .* or the GitHub App installed there\?$/m,
    /^ {2}shut: .*the installation of the GitHub App there may not do this; the App needs contents and metadata: read, /m,
    /^ {2}asleep: /m,
  ])
    assert.match(several.output, line)
  assert.doesNotMatch(several.output, /token-file/)
  const none = await ended(start(...survey('foreign')))
  assert.equal(none.code, '2')
  assert.match(none.output, /^error: foreign: GHES shows no such organisation/m)
  writeFileSync(join(host.directory, 'other.pem'), otherKey, { mode: 0o600 })
  const wrongKey = await ended(start(...survey('acme').map(one => (one === 'app.pem' ? 'other.pem' : one))))
  assert.equal(wrongKey.code, '2')
  assert.match(
    wrongKey.output,
    /^error: acme: .*is the id that of the GitHub App on this GHES, and the private key one/m,
  )
})

const relayYaml = (change: Record<string, unknown> = {}): string => {
  const config = {
    ...{ listen: new URL(relay.listen).host, admin: new URL(relay.admin).host },
    secrets: { hook: [HOOK_SECRET], webhook: [WEBHOOK_SECRET], admin: ADMIN_TOKEN },
    ghe: { host: 'ghe.test', apiBaseUrl: ghes.apiBaseUrl, app: { id: 7, privateKey: { $file: 'app.pem' } } },
    backstage: { baseUrl: catalog.url, token: 'backstage-x' },
    reconcile: { organizations: ['acme'] },
    ...change,
  }
  writeFileSync(join(host.directory, 'relay.yaml'), stringify(config))
  return 'relay.yaml'
}

async function doctor(change: Record<string, unknown> = {}): Promise<{ code: string; findings: string[] }> {
  const { code, output } = await ended(start('doctor', '--relay', relayYaml(change), '--json'))
  const { findings } = JSON.parse(output) as { findings: Finding[] }
  // Of what else there is, only what is wrong.
  const of = findings.filter(({ check, state }) => /^ghe\.|^webhook/.test(check) || state === 'wrong')
  return { code, findings: of.map(({ state, check, said, remedy = '' }) => `${state} ${check}: ${said} -> ${remedy}`) }
}

test('doctor: installed, allowed, its own webhook; killed while it gets its token, it says the same', async () => {
  app.hook = new OrganizationHook(5, { url: `${relay.listen}/v1/github`, secret: WEBHOOK_SECRET })
  assert.equal(await app.hook.deliver('ping', { zen: 'x', hook_id: 1 }), 202)
  await killedAtRenewal('doctor', '--relay', relayYaml(), '--json')
  const { code, findings } = await doctor()
  assert.deepEqual(
    [code, findings],
    [
      '0',
      [
        'ok ghe.app in acme: it is installed, with contents: read, metadata: read -> ',
        'ok webhook of acme: its last 1 deliveries were taken -> ',
      ],
    ],
  )
})

test('doctor: whatever an installation is not, is said of it, each with the way out', async () => {
  const organizations = ['acme', 'shut', 'asleep', 'foreign']
  const { code, findings } = await doctor({ reconcile: { organizations } })
  assert.equal(code, '1')
  assert.deepEqual(findings.slice(0, 5), [
    'ok ghe.app in acme: it is installed, with contents: read, metadata: read -> ',
    "wrong ghe.app in shut: it lacks contents: read -> add it to the App's permissions; an owner of the organization then has to accept it",
    'wrong ghe.app in asleep: its installation is suspended -> an owner of the organization can lift that',
    'wrong ghe.app in foreign: the GitHub App is not installed there -> an owner of the organization installs it, with contents and metadata: read; or take it out of reconcile.organizations',
    'warning webhook of acme: the GitHub App has no webhook of its own, and is not allowed to see that of the organization -> give the App one (payload URL …/v1/github, content type application/json, the secret of secrets.webhook, events push and repository), or the permission organization Webhooks: read',
  ])
  assert.equal(findings.length, 6)
  app.hook = new OrganizationHook(5, { url: `${relay.listen}/v1/github`, secret: WEBHOOK_SECRET })
  app.installations = [{ id: 11, account: 'acme', events: ['push'] }]
  assert.match((await doctor()).findings.join(), /wrong webhook of acme: it does not send repository/)
  app.installations = []
  assert.match(
    (await doctor({ reconcile: {} })).findings.join(),
    /^wrong ghe\.app: nobody has installed the GitHub App/,
  )
  const ghe = { host: 'ghe.test', apiBaseUrl: ghes.apiBaseUrl, app: { id: 8, privateKey: { $file: 'app.pem' } } }
  assert.match((await doctor({ ghe })).findings.join(), /^wrong ghe\.app: .*Integration not found.* is the id that of/)
})
