// Signing in to a real Backstage with GHES, over HTTP as a browser does, with the configuration that `catalog-gate backstage config` prints: the org provider brings the users, the sign-in finds them by id.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { printAppConfig } from '../../scripts/backstage/print-app-config.ts'
import { doctor } from '../../scripts/doctor/doctor.ts'
import type { Finding } from '../../scripts/doctor/finding.ts'
import { CLIENT, OAuthGhes, type Person } from '../support/ghes-oauth.ts'
import { HOOK_SECRET } from '../support/relay-process.ts'
import { type Backstage, READER_TOKEN, startBackstage } from './backend.ts'
import { Browser } from './browser.ts'

const mona: Person = { login: 'mona', nodeId: 'MDQ6VXNlcjE=', member: true, teams: ['payments'] }
const gone: Person = { login: 'gone', nodeId: 'MDQ6VXNlcjI=', member: true, suspended: true }
const guest: Person = { login: 'guest', nodeId: 'MDQ6VXNlcjM=' }
/** Has got the login of somebody else, who left. */
const heir: Person = { login: 'mona', nodeId: 'MDQ6VXNlcjQ=' }

const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-sign-in-'))
let ghes: OAuthGhes
let backstage: Backstage
const browser = () => new Browser(backstage.url)

before(async () => {
  ghes = await new OAuthGhes([mona, gone, guest]).start()
  // What stands in variables there comes from the environment, as an administrator has it.
  Object.assign(process.env, { GHES_OAUTH_CLIENT_ID: CLIENT.id, GHES_OAUTH_CLIENT_SECRET: CLIENT.secret })
  const { catalog, auth } = printed()
  backstage = await startBackstage({
    directory: folder,
    ghe: { host: 'ghe.test', apiBaseUrl: `${ghes.url}/api/v3`, token: 'ghp_test' },
    relayToken: 'relay-token-0123456789abcdef',
    modules: [
      ...['@backstage/plugin-auth-backend', '@backstage/plugin-auth-backend-module-github-provider'],
      '@backstage/plugin-catalog-backend-module-github-org',
    ],
    catalog: { providers: { githubOrg: catalog.providers.githubOrg } },
    more: { auth },
    logLevel: 'warn',
  })
  await backstage.until('user:default/mona', entity => entity !== undefined)
})
after(async () => {
  await backstage?.stop()
  await ghes?.stop()
  rmSync(folder, { recursive: true })
})

/** As printed, but for the address of the stand-in. */
function printed(): { catalog: { providers: { githubOrg: object[] } }; auth: object } {
  const relay = join(folder, 'relay.yaml')
  writeFileSync(
    relay,
    `secrets: { hook: [x] }
ghe: { host: ghe.test, apiBaseUrl: 'https://ghe.test/api/v3', token: x }
backstage: { baseUrl: 'https://backstage.test', token: x }
reconcile: { organizations: [acme] }
`,
  )
  const lines: string[] = []
  const code = printAppConfig([relay], { say: line => void lines.push(line), sayError: line => void lines.push(line) })
  assert.equal(code, 0, lines.join('\n'))
  return parse(
    lines.join('\n').replace('enterpriseInstanceUrl: https://ghe.test', `enterpriseInstanceUrl: ${ghes.url}`),
  )
}

test('start, authorize, callback, session, refresh, sign out', async () => {
  ghes.person = mona
  const mine = browser()
  const start = await mine.get('/api/auth/github/start?env=production')
  const authorize = new URL(start.headers.get('location') ?? '')
  assert.equal(authorize.origin + authorize.pathname, `${ghes.url}/login/oauth/authorize`)
  assert.equal(authorize.searchParams.get('scope'), 'read:user')
  assert.equal(authorize.searchParams.get('redirect_uri'), `${backstage.url}/api/auth/github/handler/frame`)

  const { response } = await mine.signIn()
  assert.equal(response?.profile.displayName, 'mona')
  const { token, identity } = response?.backstageIdentity ?? { token: '', identity: undefined }
  assert.equal(identity?.userEntityRef, 'user:default/mona')
  const about = await mine.get('/api/auth/v1/userinfo', { authorization: `Bearer ${token}` })
  const { claims } = (await about.json()) as { claims: { sub: string; ent: string[] } }
  assert.deepEqual(claims, {
    ...claims,
    sub: 'user:default/mona',
    ent: ['user:default/mona', 'group:default/payments'],
  })

  assert.equal((await mine.refresh()).backstageIdentity?.identity.userEntityRef, 'user:default/mona')
  assert.equal((await mine.refresh(false)).error?.name, 'AuthenticationError') // from another site
  await mine.signOut()
  assert.match(String((await mine.refresh()).error?.message), /Missing session cookie/)
})

test('a code is good once, and for nobody else', async () => {
  ghes.person = mona
  const mine = browser()
  const callback = await mine.authorized()
  assert.ok((await mine.callback(callback)).response)
  assert.match(
    String((await mine.callback(callback)).error?.message),
    /code passed is incorrect or expired|obtain access token/,
  )
  // An answer that was meant for this browser, in another one: it has no nonce, or one of its own.
  const other = browser()
  const fresh = await mine.authorized()
  assert.match(String((await other.callback(fresh)).error?.message), /missing cookie nonce/)
  await other.get('/api/auth/github/start?env=production')
  assert.match(String((await other.callback(fresh)).error?.message), /Invalid nonce/)
})

test('a state that was made up, another origin, and no environment are refused', async () => {
  ghes.person = mona
  const mine = browser()
  const callback = new URL(await mine.authorized())
  for (const state of ['', 'zz', Buffer.from('nonce=1&env=production').toString('hex')]) {
    callback.searchParams.set('state', state)
    const answer = await mine.get(`${callback.pathname}${callback.search}`)
    const text = await answer.text()
    assert.doesNotMatch(text, /backstageIdentity/, state)
    assert.ok(answer.status >= 400 || text.includes('error'), `${answer.status} ${text}`)
  }
  const start = '/api/auth/github/start?env='
  assert.equal((await mine.get(`${start}production&origin=https://evil.test`)).status, 403)
  assert.equal((await mine.get(`${start}nowhere`)).status, 404)
})

test('who has no User in the catalog, is suspended, or has inherited a login does not come in', async () => {
  for (const [person, why] of [
    [guest, 'an account alone'],
    [gone, 'suspended'],
    [heir, 'a login that was given away'],
  ] as const) {
    ghes.person = person
    const mine = browser()
    const { response, error } = await mine.signIn()
    assert.equal(response, undefined, why)
    assert.match(String(error?.message), /unable to resolve user identity/)
    assert.ok((await mine.refresh()).error, 'and has no session')
  }
  assert.equal(await backstage.entity('user:default/gone'), undefined, 'the org provider leaves suspended ones out')
  ghes.person = undefined
  assert.match(String((await browser().signIn()).error?.message), /denied/)
})

/** `catalog-gate doctor --sign-in` with all that it can look at. */
async function whyNot(login: string): Promise<string[]> {
  writeFileSync(join(folder, 'reader.token'), READER_TOKEN, { mode: 0o600 })
  const relay = join(folder, 'relay-of-doctor.yaml')
  writeFileSync(
    relay,
    `secrets: { hook: ['${HOOK_SECRET}'] }
ghe: { host: ghe.test, apiBaseUrl: '${ghes.url}/api/v3', token: ghp_test }
backstage: { baseUrl: '${backstage.url}', token: relay-token-0123456789abcdef }
`,
    { mode: 0o600 },
  )
  const said: string[] = []
  const edges = {
    ...{ env: {}, cwd: folder, now: Date.now, readFile: (path: string) => readFileSync(path, 'utf8') },
    ...{ say: (line: string) => void said.push(line), sayError: (line: string) => void said.push(line) },
  }
  const app = { appConfig: [join(folder, 'app-config.json')] }
  const live = { backstage: backstage.url, tokenFile: 'reader.token' }
  const code = await doctor({ signIn: login, ...app, ...live, relay, json: true }, edges)
  assert.ok(code === 0 || code === 1, said.join('\n'))
  const { findings } = JSON.parse(said.join('\n')) as { findings: Finding[] }
  return findings.map(({ state, check, said }) => `${state} ${check}: ${said}`)
}

test('doctor --sign-in says why: no User, suspended, no member, an inherited login; and what nobody can see', async () => {
  const well = await whyNot('mona')
  assert.deepEqual(
    well.filter(line => line.startsWith('wrong')),
    [],
  )
  for (const part of [
    /^ok mona at GHES: the account is active, its id is MDQ6VXNlcjE=/,
    /^ok User of mona: user:default\/mona has their id/,
    /^ok where people are sent: to http.*with scopes read:user/,
    /^skipped callback URL: .*\/api\/auth\/github\/handler\/frame; whether the OAuth App allows that, no API/,
    /^ok org provider ghe-test: its last scan ended at 20/,
    /^ok organizations: mona is a member of acme/,
    /^skipped client secret and SAML/,
  ])
    assert.ok(
      well.some(line => part.test(line)),
      `${part}\n${well.join('\n')}`,
    )
  const why = async (login: string) => (await whyNot(login)).filter(line => line.startsWith('wrong')).join('\n')
  assert.match(
    await why('gone'),
    /^wrong gone at GHES: the account is suspended.*\nwrong User of gone: the catalog has no User with the id/,
  )
  assert.match(
    await why('guest'),
    /no User with the id MDQ6VXNlcjM=.*wrong organizations: guest is a member of none of acme/s,
  )
  assert.match(await why('nobody'), /^wrong nobody at GHES: ghe\.test has no account nobody/)
  ghes.people.splice(0, 1, heir)
  try {
    assert.match(
      await why('mona'),
      /^wrong User of mona: user:default\/mona .* has another id, MDQ6VXNlcjE=; expected MDQ6VXNlcjQ=/,
    )
  } finally {
    ghes.people.splice(0, 1, mona)
  }
})

test('SAML: GHES answers 403 until the organisation has let the token in, and a session that was open ends with it', async () => {
  ghes.person = mona
  const mine = browser()
  assert.ok((await mine.signIn()).response)
  ghes.saml = true
  try {
    assert.match(String((await browser().signIn()).error?.message), /Failed to fetch user profile/)
    assert.ok((await mine.refresh()).error)
  } finally {
    ghes.saml = false
  }
  assert.ok((await mine.refresh()).backstageIdentity, 'and goes on when GHES does')
  ghes.tokens.clear() // revoked at GHES
  assert.match(String((await mine.refresh()).error?.message), /Invalid access token|profile/)
})
