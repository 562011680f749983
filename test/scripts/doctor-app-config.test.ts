// doctor --app-config: one installation in which all is as it should be, and each thing that can be off in it.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { stringify } from 'yaml'
import { checkAppConfig } from '../../scripts/doctor/app-config/check-app-config.ts'
import { durationMs, inWords } from '../../scripts/doctor/app-config/duration.ts'
import { doctor } from '../../scripts/doctor/doctor.ts'
import type { Finding } from '../../scripts/doctor/finding.ts'
import { temporaryFolder } from '../support/temporary.ts'

const folder = temporaryFolder('catalog-gate-app-config-')
after(() => rmSync(folder, { recursive: true }))

const variable = (name: string) => `\${${name}}`

const write = (path: string, value: unknown): string => {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(
    file,
    typeof value === 'string' ? value : path.endsWith('.json') ? JSON.stringify(value) : stringify(value),
  )
  return file
}

const install = (name: string, more: object = {}) =>
  write(`node_modules/${name}/package.json`, { name, version: '1.0.0', ...more })

const good = {
  integrations: {
    github: [{ host: 'ghe.acme.test', apiBaseUrl: 'https://ghe.acme.test/api/v3', token: variable('GHES_TOKEN') }],
  },
  backend: {
    auth: {
      externalAccess: [
        {
          type: 'static',
          options: { token: { $file: 'no-such-secret' }, subject: 'catalog-gate' },
          accessRestrictions: [{ plugin: 'catalog', permission: ['catalog.entity.refresh'] }],
        },
      ],
    },
  },
  permission: { enabled: true },
  catalog: {
    processingInterval: { hours: 24 },
    rules: [{ allow: ['Component', 'API', 'Location'] }],
    providers: {
      githubOrg: {
        ...{ id: 'acme', githubUrl: 'https://ghe.acme.test', orgs: ['acme'], excludeSuspendedUsers: true },
        schedule: { frequency: { hours: 1 }, timeout: { minutes: 15 } },
      },
    },
  },
  events: { http: { topics: ['github'] }, modules: { github: { webhookSecret: { $env: 'SECRET' } } } },
  auth: {
    environment: 'production',
    providers: {
      github: {
        production: {
          ...{ clientId: 'id', clientSecret: variable('X'), enterpriseInstanceUrl: 'https://ghe.acme.test/' },
          signIn: { resolvers: [{ resolver: 'userIdMatchingUserEntityAnnotation' }] },
        },
      },
    },
  },
}

install('@backstage/plugin-catalog-node')
install('@backstage/plugin-events-backend-module-github')
install('@backstage/plugin-catalog-backend', { configSchema: 'config.schema.json' })
write('node_modules/@backstage/plugin-catalog-backend/config.schema.json', {
  type: 'object',
  properties: {
    catalog: {
      type: 'object',
      properties: {
        processingInterval: { anyOf: [{ type: 'boolean' }, { $ref: '#/definitions/Duration' }, { type: 'string' }] },
        orphanStrategy: { type: 'string', enum: ['keep', 'delete'] },
        rules: {
          type: 'array',
          items: { type: 'object', required: ['allow'], properties: { allow: { type: 'array' } } },
        },
        providers: { type: 'object', additionalProperties: { type: 'object' } },
      },
    },
  },
  definitions: { Duration: { type: 'object', properties: { hours: { type: 'number' }, minutes: { type: 'number' } } } },
})
install('a-plugin', { configSchema: { type: 'object', properties: { thing: { type: 'number' } } } })
install('another', { configSchema: 'config.d.ts' })
write('hook.yaml', { catalog: { rules: [{ allow: ['API', 'Component', 'Location'] }] } })
write('app-config.yaml', good)

async function look(...overlays: unknown[]): Promise<Finding[]> {
  const files = overlays.map((overlay, i) => write(`overlay-${i}.yaml`, overlay))
  const readFile = (path: string) => readFileSync(path, 'utf8')
  return checkAppConfig({ appConfig: [join(folder, 'app-config.yaml'), ...files] }, { cwd: folder, readFile })
}

const notOk = (findings: readonly Finding[]) => findings.filter(({ state }) => state !== 'ok')

test('all is well: nothing to say but what could not be read', async () => {
  assert.deepEqual(
    notOk(await look()).map(({ state, said }) => `${state}: ${said}`),
    ['skipped: not read: the schemas of another'],
  )
})

type Off = [what: string, overlay: unknown, state: Finding['state'], said: RegExp, remedy?: RegExp]
const github = (map: object) => ({ auth: { providers: { github: { production: map } } } })
const access = (one: object) => ({ backend: { auth: { externalAccess: [{ type: 'static', ...one }] } } })
const org = (map: object) => ({ catalog: { providers: { githubOrg: map } } })
const host = (map: object) => ({ integrations: { github: [{ token: { $env: 'T' }, ...map }] } })
const options = { token: variable('T'), subject: 'catalog-gate' }

const off: Off[] = [
  ['no secret', { events: { modules: null } }, 'wrong', /unsigned events/, /webhookSecret/],
  ['an empty secret', { events: { modules: { github: { webhookSecret: '' } } } }, 'wrong', /unsigned events/],
  ['a secret in plain', { events: { modules: { github: { webhookSecret: 'hush' } } } }, 'warning', /in plain/],
  ['another topic', { events: { http: { topics: ['github', 'gitlab'] } } }, 'warning', /has gitlab/],
  ['a token without restrictions', access({ options }), 'warning', /\[0\] \(catalog-gate\) has no accessRestrictions/],
  ['permissions that are off', { permission: { enabled: false } }, 'wrong', /restriction has no effect/],
  [
    'more than a relay needs',
    access({ options, accessRestrictions: [{ plugin: 'catalog', permission: ['catalog.entity.delete'] }] }),
    ...(['warning', /more than a relay needs: catalog\.entity\.delete/] as const),
  ],
  [
    'a whole plugin',
    access({ options, accessRestrictions: [{ plugin: 'catalog' }] }),
    'warning',
    /everything in catalog/,
  ],
  ['no policy', { backend: { auth: { dangerouslyDisableDefaultAuthPolicy: true } } }, 'wrong', /nobody needs a token/],
  ['the default loop', { catalog: { processingInterval: null } }, 'warning', /26,500 requests an hour/],
  ['a short loop', { catalog: { processingInterval: 'PT5M' } }, 'warning', /is 5 minutes: 9,600 requests an hour/],
  ['no interval', { catalog: { processingInterval: 'soon' } }, 'wrong', /is no duration/],
  [
    'a scan every five minutes',
    {
      catalog: {
        providers: { github: { acme: { organization: 'acme', schedule: { frequency: { cron: '*/5 * * * *' } } } } },
      },
    },
    ...(['warning', /github\.acme\.schedule\.frequency is 5 minutes, 288 full scans a day/, /hours: 24/] as const),
  ],
  ['no schedule', { catalog: { providers: { github: { organization: 'acme' } } } }, 'wrong', /has no schedule/],
  [
    'two providers',
    { catalogGate: { provider: true }, catalog: { providers: { github: { a: { schedule: { frequency: '24h' } } } } } },
    ...(['wrong', /a file in two hands/] as const),
  ],
  ['no apiBaseUrl', host({ host: 'ghe.acme.test' }), 'wrong', /expected https:\/\/ghe\.acme\.test\/api\/v3/],
  [
    'not the API',
    host({ host: 'ghe.acme.test', apiBaseUrl: 'https://ghe.acme.test' }),
    'wrong',
    /does not end with \/api\/v3/,
  ],
  ['a scheme', host({ host: 'https://ghe.acme.test/' }), 'wrong', /host is no host/, /^host: ghe\.acme\.test$/],
  ['http', host({ host: 'ghe.acme.test', apiBaseUrl: 'http://ghe.acme.test/api/v3' }), 'warning', /unencrypted/],
  ['another host', host({ host: 'a.test', apiBaseUrl: 'https://b.test/api/v3' }), 'warning', /files of one instance/],
  [
    'no token',
    host({ token: null, host: 'ghe.acme.test', apiBaseUrl: 'https://ghe.acme.test/api/v3' }),
    'warning',
    /neither token/,
  ],
  ['github.com', github({ enterpriseInstanceUrl: null }), 'warning', /are sent to github\.com/],
  ['the API to sign in', github({ enterpriseInstanceUrl: 'https://ghe.acme.test/api/v3' }), 'wrong', /without a path/],
  ['nobody becomes a user', github({ signIn: null }), 'wrong', /no signIn\.resolvers/],
  [
    'by login',
    github({ signIn: { resolvers: [{ resolver: 'usernameMatchingUserEntityName' }] } }),
    'warning',
    /given to somebody else/,
  ],
  [
    'two instances by id',
    {
      auth: {
        providers: {
          github: { other: { signIn: { resolvers: [{ resolver: 'userIdMatchingUserEntityAnnotation' }] } } },
        },
      },
    },
    'wrong',
    /ids of two instances overlap/,
  ],
  ['another environment', { auth: { environment: 'staging' } }, 'wrong', /auth\.environment is staging/],
  ['no users', { catalog: { providers: null } }, 'warning', /githubOrg, which brings them, is not there/],
  ['no organizations', org({ orgs: null }), 'wrong', /it brings nobody/],
  ['suspended ones', org({ excludeSuspendedUsers: false }), 'warning', /excludeSuspendedUsers/],
  [
    'a kind that Backstage takes',
    { catalog: { rules: [{ allow: ['Component', 'API', 'Location', 'System'] }] } },
    'wrong',
    /refuses system, which Backstage takes/,
  ],
  [
    'a kind that it refuses',
    { catalog: { rules: [{ allow: ['Component', 'Location'] }] } },
    'warning',
    /allows api, which Backstage refuses/,
  ],
  [
    'a wrong form',
    { catalog: { orphanStrategy: 'forget' } },
    'warning',
    /catalog\.orphanStrategy: expected keep or delete, by @backstage\/plugin-catalog-backend 1\.0\.0/,
  ],
  [
    'a form in one of several',
    { catalog: { processingInterval: { hours: 'many' } } },
    'warning',
    /catalog\.processingInterval\.hours: expected a number/,
  ],
  ['a wrong form elsewhere', { thing: 'one' }, 'warning', /thing: expected a number, by a-plugin/],
  [
    'a slip',
    { catalog: { orphanStratgy: 'keep' } },
    'warning',
    /no installed package knows it; expected orphanStrategy\?/,
  ],
]

test('each thing that is off is told once, with what is expected and the way out, and no secret', async () => {
  for (const [what, overlay, state, said, remedy = /./] of off) {
    const findings = await look(overlay)
    const found = findings.filter(one => one.state === state && said.test(one.said))
    assert.equal(found.length, 1, `${what}: ${JSON.stringify(notOk(findings), null, 1)}`)
    assert.match(String(found[0]?.remedy), remedy, what)
    assert.doesNotMatch(JSON.stringify(findings), /hush|undefined|\[object/, what)
  }
})

test('what is only known where Backstage runs can have any form', async () => {
  const open = variable('ANY')
  const findings = await look(
    { thing: { $env: 'N' }, catalog: { processingInterval: open, rules: { $include: 'rules.yaml' } } },
    github({ enterpriseInstanceUrl: open, signIn: { resolvers: { $include: 'resolvers.yaml#of.us' } } }),
  ).catch(error => error)
  // what is included is configuration, and has to be here
  assert.match(JSON.stringify(findings), /\$include: rules\.yaml: cannot be read \(no such file\)/)
  write('rules.yaml', [{ allow: ['Component', 'API', 'Location'] }])
  write('resolvers.yaml', { of: { us: [{ resolver: 'userIdMatchingUserEntityAnnotation' }] } })
  const again = await look(
    { thing: { $env: 'N' }, catalog: { processingInterval: open, rules: { $include: 'rules.yaml' } } },
    github({ enterpriseInstanceUrl: open, signIn: { resolvers: { $include: 'resolvers.yaml#of.us' } } }),
  )
  assert.deepEqual(
    notOk(again).filter(({ state }) => state !== 'skipped'),
    [],
  )
})

test("Backstage's variables count over all files: JSON or text, as its config-loader reads them, and no secret of them is shown", async () => {
  const seen = async (env: Record<string, string>) => {
    const readFile = (path: string) => readFileSync(path, 'utf8')
    return checkAppConfig({ appConfig: [join(folder, 'app-config.yaml')] }, { cwd: folder, readFile, env })
  }
  const all = await seen({
    APP_CONFIG_permission_enabled: 'false',
    APP_CONFIG_catalog_processingInterval: '100s',
    APP_CONFIG_auth_providers_github_production_clientSecret: 'hunter2',
    APP_CONFIG_integrations: '{"github":[{"host":"ghe.acme.test","token":"hunter2"}]}',
    APP_CONFIG_app_title: '',
    APP_CONFIG: 'x',
  })
  assert.match(String(all[0]?.said), /^over all files, as Backstage does: APP_CONFIG_permission_enabled, /)
  assert.equal(all[0]?.said.includes('app_title'), false)
  const said = notOk(all).map(({ said }) => said)
  const has = (pattern: RegExp) =>
    assert.equal(
      said.some(text => pattern.test(text)),
      true,
      said.join('\n'),
    )
  has(/permission\.enabled is not true/)
  has(/^APP_CONFIG_… in the environment: catalog\.processingInterval/)
  has(/^APP_CONFIG_… in the environment: integrations\.github\[0\] has no apiBaseUrl/)
  assert.equal(said.length, 4, 'and nothing of secrets that are written out')
  assert.doesNotMatch(JSON.stringify(all), /hunter2/)
  const wrong: [Record<string, string>, RegExp][] = [
    [{ APP_CONFIG_a__b: '1' }, /"" between underscores/],
    [{ APP_CONFIG_a: 'null' }, /the value is null/],
    [{ APP_CONFIG_a: '1', APP_CONFIG_a_b: '1' }, /another variable sets a as a whole/],
    [{ APP_CONFIG_a_b: '1', APP_CONFIG_a: '{}' }, /another variable sets a already/],
  ]
  for (const [env, text] of wrong) assert.match(String((await seen(env))[0]?.said), text)
})

test('garbage is told, and nothing else is looked at', async () => {
  for (const [text, said] of [
    ['a: [', /overlay-0\.yaml: line 1/],
    ['- 1', /expected a map/],
    ['$include: overlay-0.yaml', /nested more than 20 deep/],
  ] as const) {
    const findings = await look(text)
    assert.match(String(findings[0]?.said), said)
    assert.equal(
      findings.every(({ state }) => state === 'wrong'),
      true,
    )
  }
})

test('no module that checks signatures: the secret alone does nothing', async () => {
  rmSync(join(folder, 'node_modules/@backstage/plugin-events-backend-module-github'), { recursive: true })
  assert.match(String(notOk(await look())[0]?.said), /which checks signatures, is not installed/)
  install('@backstage/plugin-events-backend-module-github')
})

test('the command: exit codes, and findings for machines', async () => {
  const said: string[] = []
  const edges = {
    ...{ env: {}, cwd: folder, now: Date.now, readFile: (path: string) => readFileSync(path, 'utf8') },
    ...{ say: (line: string) => void said.push(line), sayError: (line: string) => void said.push(line) },
  }
  const appConfig = [join(folder, 'app-config.yaml')]
  assert.equal(await doctor({ appConfig }, edges), 0, said.join('\n'))
  const unsigned = write('unsigned.yaml', { events: { modules: null } })
  said.length = 0
  assert.equal(await doctor({ appConfig: [...appConfig, unsigned], json: true }, edges), 1)
  assert.equal((JSON.parse(said.join('\n')) as { counts: { wrong: number } }).counts.wrong, 1)
  assert.equal(await doctor({ appConfig: [join(folder, 'nowhere.yaml')] }, edges), 2)
  said.length = 0
  writeFileSync(join(folder, 'reader.token'), 'reader', { mode: 0o600 })
  const live = { backstage: 'https://backstage.test', tokenFile: 'reader.token', caFile: 'nowhere.pem' }
  assert.equal(await doctor({ signIn: 'mona', ...live }, edges), 2)
  assert.match(said.join('\n'), /^error: --ca-file: .*nowhere\.pem/)
})

test('how long an interval is', () => {
  const all: [unknown, number | undefined][] = [
    [{ minutes: 5 }, 300_000],
    [{ hours: 1, minutes: 30 }, 5_400_000],
    ['PT5M', 300_000],
    ['P1DT1H', 90_000_000],
    ['5m', 300_000],
    ['24 hours', 86_400_000],
    ['100', 100],
    [{ cron: '* * * * *' }, 60_000],
    [{ cron: '*/10 * * * *' }, 600_000],
    [{ cron: '0 * * * *' }, 3_600_000],
    [{ cron: '0 2 * * *' }, 86_400_000],
    [{ cron: '0 */6 * * *' }, 21_600_000],
    [{ cron: '0,30 * * * *' }, 1_800_000],
    [{ cron: '*/30 * * * * *' }, 1000],
    [variable('X'), undefined],
    ['soon', undefined],
    [{ fortnights: 1 }, undefined],
    [null, undefined],
  ]
  for (const [value, ms] of all) assert.equal(durationMs(value), ms, JSON.stringify(value))
  assert.deepEqual([60_000, 5_400_000, 86_400_000, 1].map(inWords), ['1 minute', '90 minutes', '1 day', '1 ms'])
})
