// doctor against real servers: a world in which all is well, and one for each thing that can be wrong.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { stringify } from 'yaml'
import { type DoctorOptions, doctor } from '../../scripts/doctor/doctor.ts'
import type { Finding } from '../../scripts/doctor/finding.ts'
import { checkPackages } from '../../scripts/doctor/packages.ts'
import { tokenFindings } from '../../scripts/doctor/token.ts'
import { type Catalog, startCatalog } from '../support/catalog.ts'
import {
  ADMIN_TOKEN,
  HOOK_SECRET,
  type RelayProcess,
  startRelayProcess,
  WEBHOOK_SECRET,
} from '../support/relay-process.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { InstallFixture, TOKEN } from './install-fixture.ts'

let fixture: InstallFixture
let catalog: Catalog
let relay: RelayProcess
before(async () => {
  fixture = await InstallFixture.open()
  fixture.configure({ rollout: [{ name: 'all', everywhere: true }] })
  assert.equal((await fixture.install()).code, 0)
  assert.equal((await fixture.promote()).code, 0)
  catalog = await startCatalog({ token: 'backstage-token', refreshOnly: true })
  relay = await startRelayProcess({
    folder: fixture.folder,
    ghe: { apiBaseUrl: fixture.ghes.apiBaseUrl, token: TOKEN },
    backstage: { baseUrl: catalog.url, token: 'backstage-token' },
    config: { reconcile: { organizations: ['acme'] } },
  })
  const hook = fixture.ghes.addHook('acme', { url: `${relay.listen}/v1/github`, secret: WEBHOOK_SECRET })
  assert.equal(await hook.deliver('ping', { zen: 'x', hook_id: 1 }), 202)
  fixture.ghes.setScopes('site_admin, repo, admin:org, admin:org_hook')
})
afterEach(() => {
  fixture.ghes.clearFailures()
  catalog.clearFailures()
})
after(async () => {
  await relay?.stop()
  await catalog?.stop()
  await fixture?.close()
})

/** relay.yaml as the relay has it, changed by the test. */
function relayYaml(change: Record<string, unknown> = {}): string {
  const file = join(fixture.folder, 'doctor.yaml')
  const config = {
    listen: new URL(relay.listen).host,
    admin: new URL(relay.admin).host,
    secrets: { hook: [HOOK_SECRET], webhook: [WEBHOOK_SECRET], admin: ADMIN_TOKEN },
    ghe: { host: 'ghe.test', apiBaseUrl: fixture.ghes.apiBaseUrl, token: TOKEN },
    backstage: { baseUrl: catalog.url, token: 'backstage-token' },
    reconcile: { organizations: ['acme'] },
    ...change,
  }
  writeFileSync(file, stringify(config))
  return file
}

async function run(
  options: DoctorOptions,
  cwd = fixture.folder,
): Promise<{ code: number; text: string; findings: Finding[] }> {
  const lines: string[] = []
  const world = {
    env: {},
    cwd,
    now: Date.now,
    say: (line: string) => void lines.push(line),
    sayError: (line: string) => void lines.push(line),
    readFile: () => '',
  }
  const code = await doctor({ json: true, ...options }, world)
  const text = lines.join('\n')
  return { code, text, findings: text.startsWith('{') ? (JSON.parse(text) as { findings: Finding[] }).findings : [] }
}

const stateOf = (findings: Finding[], check: string) =>
  findings.filter(one => one.check === check).map(({ state }) => state)
function assertWrong(findings: Finding[], check: string, words: RegExp): void {
  const found = findings.find(one => one.check === check && one.state !== 'ok')
  assert.ok(found, `${check}: ${JSON.stringify(findings, null, 1)}`)
  assert.match(`${found.said} -> ${found.remedy}`, words)
  assert.ok(found.remedy, 'a failure without its remedy')
}

test('all is well, but for what nobody has done yet', async () => {
  const { code, findings } = await run({ config: fixture.config, relay: relayYaml() })
  const notOk = findings.filter(({ state }) => state !== 'ok').map(({ check, said }) => `${check}: ${said}`)
  assert.equal(code, 0, notOk.join('\n'))
  for (const check of [
    'GHES',
    'hook',
    'environment',
    'enforcement',
    'relay',
    'secrets.hook[0]',
    'secrets.webhook',
    'queue',
    "GHES's clock",
    "the relay's clock",
    "Backstage's clock",
  ])
    assert.deepEqual([...new Set(stateOf(findings, check))], ['ok'], check)
  assert.deepEqual(stateOf(findings, 'backstage.token'), ['ok', 'ok'])
})

test('as a list for people: every failure is followed by its remedy', async () => {
  const lines: string[] = []
  const world = {
    env: {},
    cwd: fixture.folder,
    now: Date.now,
    say: (line: string) => void lines.push(line),
    sayError: () => undefined,
    readFile: () => '',
  }
  assert.equal(await doctor({ relay: relayYaml({ backstage: { baseUrl: catalog.url, token: 'other' } }) }, world), 1)
  const at = lines.findIndex(line => line.startsWith('WRONG    backstage.token: Backstage does not know it (401)'))
  assert.ok(at >= 0, lines.join('\n'))
  assert.match(lines[at + 1] ?? '', /^ {9}-> backend\.auth\.externalAccess/)
  assert.match(lines.join('\n'), /skipped {2}hook: .*\n {9}needs --config install\.yaml/)
})

test('a build that is not the installed one, a hook that is gone, a token that is wrong', async () => {
  fixture.build('other')
  assertWrong(
    (await run({ config: fixture.config })).findings,
    'hook',
    /not as install\.yaml and this build .*one commit.*-> catalog-gate install/,
  )
  fixture.build('one')
  const { admin } = fixture.ghes
  const hooks = admin.hooks.splice(0)
  assertWrong(
    (await run({ config: fixture.config })).findings,
    'hook',
    /is not installed -> catalog-gate install --apply/,
  )
  admin.hooks.push(...hooks)
  writeFileSync(join(fixture.folder, 'ghe.token'), 'ghp_wrong\n', { mode: 0o600 })
  const { code, findings, text } = await run({ config: fixture.config })
  writeFileSync(join(fixture.folder, 'ghe.token'), `${TOKEN}\n`, { mode: 0o600 })
  assert.equal(code, 1)
  assertWrong(findings, 'GHES', /.+ -> .+/)
  assert.doesNotMatch(text, /ghp_wrong/)
})

test('a token of the relay that is not valid: a new one that may read, and none of an administrator', async () => {
  const ghe = { host: 'ghe.test', apiBaseUrl: fixture.ghes.apiBaseUrl, token: 'ghp_wrong' }
  const { findings } = await run({ relay: relayYaml({ ghe }) })
  assertWrong(findings, 'ghe.token', /answered 401.* -> ghe\.token is not valid there; put a valid one into its file/)
})

test('secrets that do not match, and a relay that is not there', async () => {
  const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const { findings } = await run({
    relay: relayYaml({ secrets: { hook: [HOOK_SECRET, other], webhook: ['x'], admin: 'a' } }),
  })
  assert.deepEqual(stateOf(findings, 'secrets.hook[0]'), ['ok'])
  assertWrong(findings, 'secrets.hook[1]', /refuses what is signed with it/)
  assertWrong(findings, 'secrets.webhook', /answers 401/)
  assertWrong(
    (await run({ relay: relayYaml(), relayUrl: 'http://127.0.0.1:1' })).findings,
    'relay',
    /does not answer at http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
  )
  const before = ((await relay.get('/v1/pushes')).json as { pushes: unknown[] }).pushes.length
  await run({ relay: relayYaml() })
  assert.equal(
    ((await relay.get('/v1/pushes')).json as { pushes: unknown[] }).pushes.length,
    before,
    'a test message was kept',
  )
})

test('Backstage: a token that may not, one that may more, a redirect', async () => {
  for (const [status, words] of [
    [401, /does not know it/],
    [403, /is not allowed to refresh.*accessRestrictions/],
    [500, /answers 500/],
  ] as const) {
    catalog.failNext('refresh', { status, body: {} })
    const { findings } = await run({ relay: relayYaml() })
    assert.ok(
      findings.some(({ said, remedy, state }) => state === 'wrong' && words.test(`${said} ${remedy}`)),
      String(status),
    )
  }
  const open = await startCatalog({ token: 'backstage-token' })
  try {
    open.knowLocation('https://ghe.test/acme/x/blob/main/catalog-info.yaml')
    const { findings } = await run({ relay: relayYaml({ backstage: { baseUrl: open.url, token: 'backstage-token' } }) })
    assertWrong(findings, 'backstage.token', /can read the catalog too.*accessRestrictions/)
  } finally {
    await open.stop()
  }
})

test('two copies of the package that Backstage tells its events by', async () => {
  const root = temporaryFolder('catalog-gate-doctor-')
  const install = (place: string, version: string) => {
    const at = join(root, place, 'node_modules/@backstage/plugin-catalog-node')
    mkdirSync(at, { recursive: true })
    writeFileSync(join(at, 'package.json'), JSON.stringify({ version }))
  }
  const states = () => checkPackages(root).map(({ state, said }) => [state, said])
  assert.equal(states()[0]?.[0], 'skipped')
  install('', '3.0.0')
  assert.deepEqual(states(), [['ok', 'one copy, 3.0.0 in node_modules/@backstage/plugin-catalog-node']])
  install('node_modules/@backstage/plugin-catalog-backend-module-github', '2.2.5')
  install('packages/backend', '2.2.4')
  assert.match(
    String(states()[0]),
    /^warning,3 copies: 2\.2\.5 in .*module-github.*; 3\.0\.0 in .*; 2\.2\.4 in packages.*scmEvents/,
  )
})

test('tokens: too little, too much, soon over, over', () => {
  const nowMs = Date.UTC(2026, 10, 24)
  const needed = { repo: 'reads', 'admin:org_hook': 'hooks' }
  const judge = (scopes: string | undefined, expiry?: string) =>
    tokenFindings(
      't',
      {
        ...(scopes === undefined ? {} : { 'x-oauth-scopes': scopes }),
        ...(expiry === undefined ? {} : { 'github-authentication-token-expiration': expiry }),
      },
      { needed, allowed: ['read:org'] },
      nowMs,
    ).map(({ state, said }) => [state, said])
  assert.deepEqual(judge('repo, admin:org_hook'), [['ok', 'it has repo, admin:org_hook, which is what is needed']])
  assert.deepEqual(judge('repo'), [['wrong', 'it lacks admin:org_hook (hooks); it has repo']])
  assert.deepEqual(judge('repo, admin:org_hook, read:org, delete_repo, site_admin'), [
    ['warning', 'it may more than is needed: delete_repo, site_admin'],
  ])
  assert.equal(judge(undefined)[0]?.[0], 'skipped')
  assert.deepEqual(judge('repo, admin:org_hook', '2026-12-07 09:00:00 UTC')[1], [
    'warning',
    'it ends on 2026-12-07, in 13 days',
  ])
  assert.deepEqual(judge('repo, admin:org_hook', '2026-12-09 09:00:00 +0100')[1], [
    'ok',
    'it is valid until 2026-12-09',
  ])
  assert.deepEqual(judge('repo, admin:org_hook', '2026-11-23 09:00:00 UTC')[1], ['wrong', 'it ended on 2026-11-23'])
})

test('wrong usage, and configurations that are wrong', async () => {
  const nothing = await run({}, temporaryFolder('catalog-gate-doctor-'))
  assert.equal(nothing.code, 2)
  assert.match(nothing.text, /neither install\.yaml nor relay\.yaml .*--config FILE .*--relay FILE/)
  const found = (await run({})).findings
  // Both lie there; that relay.yaml names the ports of its start.
  assert.deepEqual(stateOf(found, 'hook'), ['ok'])
  assert.doesNotMatch(stateOf(found, 'relay').join(), /skipped/)
  assert.match((await run({ json: false })).text, /^note: looking at install\.yaml and relay\.yaml$/m)
  assert.equal((await run({ relay: 'nowhere.yaml' })).code, 2)
  const { code, findings } = await run({ relay: relayYaml({ retry: { firstMs: -1 }, listenn: 'x' }) })
  assert.equal(code, 1)
  assert.ok(findings.filter(({ check }) => check === 'relay.yaml').length >= 2)
})
