// The sign-in of our package in a real Backstage, in the place of the GitHub provider's module: two instances whose ids overlap, and teams as GHES has them now.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bundleForBackstage } from '../../scripts/build/bundle.ts'
import { CLIENT, OAuthGhes, type Person } from '../support/ghes-oauth.ts'
import { type Backstage, startBackstage } from './backend.ts'
import { Browser } from './browser.ts'

// User 1 is the first one on every instance.
const mona: Person = { login: 'mona', nodeId: 'MDQ6VXNlcjE=', member: true, teams: ['payments'] }
const lisa: Person = { login: 'lisa', nodeId: 'MDQ6VXNlcjE=', member: true, teams: ['billing'] }
const carl: Person = { login: 'carl', nodeId: 'MDQ6VXNlcjI=', member: true, teams: ['billing'] }
/** Not in the second one's organisation, with the id of carl at the first. */
const guest: Person = { login: 'guest', nodeId: 'MDQ6VXNlcjI=' }
/** As carl's, but for one letter's case: the catalog's filter takes them for the same. */
const twin: Person = { login: 'twin', nodeId: 'MDQ6VXNLcjI=' }

const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-sign-in-'))
const file = join(import.meta.dirname, 'node_modules', '.catalog-gate-sign-in.cjs')
let ghes: OAuthGhes
let other: OAuthGhes
let backstage: Backstage

before(async () => {
  ghes = await new OAuthGhes([mona, carl]).start()
  other = await new OAuthGhes([lisa, guest]).start()
  writeFileSync(file, (await bundleForBackstage('relay/backstage/sign-in.ts')).text)
  const environment = ({ url }: OAuthGhes) => ({
    ...{ clientId: CLIENT.id, clientSecret: CLIENT.secret, enterpriseInstanceUrl: url },
    additionalScopes: ['read:org'],
  })
  const hostOf = ({ url }: OAuthGhes) => new URL(url).host
  backstage = await startBackstage({
    directory: folder,
    ghe: { host: 'ghe.test', apiBaseUrl: 'http://127.0.0.1:1/api/v3', token: 'x' },
    relayToken: 'relay-token-0123456789abcdef',
    modules: ['@backstage/plugin-auth-backend', file, '@backstage/plugin-catalog-backend-module-github-org'],
    catalog: {
      providers: {
        githubOrg: [ghes, other].map((one, i) => ({
          ...{ id: `ghes-${i}`, githubUrl: one.url, orgs: ['acme'], excludeSuspendedUsers: true },
          schedule: { frequency: { hours: 1 }, timeout: { minutes: 15 } },
        })),
      },
    },
    more: {
      integrations: {
        github: [ghes, other].map(one => ({ host: hostOf(one), apiBaseUrl: `${one.url}/api/v3`, token: 'ghp_test' })),
      },
      auth: { environment: 'first', providers: { github: { first: environment(ghes), second: environment(other) } } },
      catalogGate: { signIn: { teams: ['acme/payments', 'acme/billing'] } },
    },
    logLevel: 'warn',
  })
  for (const name of ['mona', 'lisa', 'carl']) await backstage.until(`user:default/${name}`, one => one !== undefined)
})
after(async () => {
  await backstage?.stop()
  await ghes?.stop()
  await other?.stop()
  rmSync(folder, { recursive: true })
  rmSync(file, { force: true })
})

async function signIn(instance: OAuthGhes, person: Person): Promise<string> {
  instance.person = person
  const browser = new Browser(backstage.url, instance === ghes ? 'first' : 'second')
  const { response, error } = await browser.signIn()
  return response?.backstageIdentity?.identity.userEntityRef ?? String(error?.message)
}

test('ids of two instances overlap: each is who they are where they sign in, and nobody is somebody else', async () => {
  assert.equal(await signIn(ghes, mona), 'user:default/mona')
  assert.equal(await signIn(other, lisa), 'user:default/lisa')
  assert.match(await signIn(other, guest), /the catalog has no User of 127\.0\.0\.1:\d+ with the id MDQ6VXNlcjI=/)
  assert.match(await signIn(ghes, twin), /the catalog has no User/)
})

test('who is in none of the teams does not come in, and who has just come into one owns what it owns', async () => {
  carl.teams = []
  assert.match(await signIn(ghes, carl), /carl is in none of the teams acme\/payments, acme\/billing/)
  carl.teams = ['payments'] // the org provider has not heard of it
  ghes.person = carl
  const browser = new Browser(backstage.url, 'first')
  const { response } = await browser.signIn()
  const bearer = { authorization: `Bearer ${response?.backstageIdentity?.token}` }
  const about = (await (await browser.get('/api/auth/v1/userinfo', bearer)).json()) as { claims: { ent: string[] } }
  assert.ok(about.claims.ent.includes('group:acme/payments'), JSON.stringify(about))
  carl.teams = [] // and is asked again with each refresh
  assert.match(String((await browser.refresh()).error?.message), /none of the teams/)
})

test('GHES does not tell the teams: nobody comes in, and the sentence says what to do', async () => {
  for (const [answer, words] of [
    [
      { status: 403, headers: { 'x-github-sso': 'required; url=https://ghe.test/sso' }, body: {} },
      /SAML.*https:\/\/ghe\.test\/sso/,
    ],
    [{ status: 403, body: {} }, /additionalScopes: \[read:org\]/],
    [{ status: 502, body: '<html>' }, /does not tell the teams: no answer/],
    [{ status: 200, body: {} }, /it answers 200/],
    ['drop', /no answer within 5 s/],
  ] as const) {
    ghes.failNext('teams', answer)
    assert.match(await signIn(ghes, mona), words)
  }
})
