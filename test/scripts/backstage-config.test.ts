// catalog-gate backstage config: what is printed is an app-config that fits its relay.yaml, and asks for no permission that the relay does not need.
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parse } from 'yaml'
import { printAppConfig } from '../../scripts/backstage/print-app-config.ts'
import { checkAppConfig } from '../../scripts/doctor/app-config/check-app-config.ts'
import { temporaryFolder } from '../support/temporary.ts'

const folder = temporaryFolder()
after(() => rmSync(folder, { recursive: true }))

const plain = `secrets: { hook: [{ $file: nowhere }] }
ghe: { host: ghe.acme.test, apiBaseUrl: 'https://ghe.acme.test/api/v3', token: { $file: nowhere } }
backstage: { baseUrl: '\${BACKSTAGE_URL}', token: { $file: nowhere } }
`

type Printed = { status: number; out: string; err: string; config: Record<string, unknown> }

const printed = (text: string): Printed => printedOf([text])

function printedOf(texts: readonly string[], gitHubCom = false): Printed {
  const files = texts.map((text, i) => {
    const file = join(folder, i === 0 ? 'relay.yaml' : `relay-${i}.yaml`)
    writeFileSync(file, text)
    return file
  })
  const [out, err]: [string[], string[]] = [[], []]
  const edges = { say: (line: string) => void out.push(line), sayError: (line: string) => void err.push(line) }
  const status = printAppConfig(files, edges, { gitHubCom })
  return { status, out: out.join('\n'), err: err.join('\n'), config: parse(out.join('\n')) }
}

const users = (host: string) => ({
  ...{ id: host.replaceAll('.', '-'), githubUrl: `https://${host}`, excludeSuspendedUsers: true },
  schedule: { frequency: { hours: 1 }, timeout: { minutes: 15 } },
})

const allowed = (config: unknown) =>
  (config as { backend: { auth: { externalAccess: { accessRestrictions: unknown[] }[] } } }).backend.auth
    .externalAccess[0]?.accessRestrictions

test('a relay that refreshes: a token for that alone, no provider, GHES to read from and to sign in with', () => {
  const { status, config } = printed(plain)
  assert.equal(status, 0)
  assert.deepEqual(Object.keys(config), ['integrations', 'backend', 'permission', 'catalog', 'events', 'auth'])
  assert.deepEqual(config['integrations'], {
    github: [{ host: 'ghe.acme.test', apiBaseUrl: 'https://ghe.acme.test/api/v3', token: `\${GHES_TOKEN}` }],
  })
  assert.deepEqual(allowed(config), [{ plugin: 'catalog', permission: ['catalog.entity.refresh'] }])
  assert.deepEqual(config['permission'], { enabled: true })
  assert.deepEqual(config['catalog'], {
    processingInterval: { hours: 24 },
    providers: { githubOrg: [{ ...users('ghe.acme.test'), orgs: ['YOUR-ORGANIZATION'] }] },
  })
  assert.match(JSON.stringify(config['auth']), /"enterpriseInstanceUrl":"https:\/\/ghe\.acme\.test"/)
})

test('each permission is there for a setting; organizations are scanned once a day', () => {
  const { status, config, err } = printed(
    `${plain.replace(/^backstage.*$/m, "backstage: { baseUrl: 'https://b', token: x, register: true, removed: unregister }")}lookups: { enabled: true }\nreconcile: { organizations: [acme, b-c] }\n`,
  )
  assert.equal(status, 0, err)
  assert.deepEqual(allowed(config), [
    {
      plugin: 'catalog',
      permission: [
        ...['catalog.entity.refresh', 'catalog.entity.read', 'catalog.location.create'],
        ...['catalog.location.read', 'catalog.location.delete'],
      ],
    },
  ])
  const { providers } = config['catalog'] as { providers: { github: Record<string, { schedule: object }> } }
  assert.deepEqual(Object.keys(providers.github), ['acme', 'b-c'])
  assert.deepEqual(providers.github['acme']?.schedule, { frequency: { hours: 24 }, timeout: { minutes: 30 } })
})

test('with the package: it is the provider', () => {
  const { config } = printed(
    `${plain.replace('secrets: {', 'secrets: { backstage: [{ $file: nowhere }],')}listen: 10.0.0.5:8080\nreconcile: { organizations: [acme] }\n`,
  )
  assert.deepEqual(config['catalog'], {
    processingInterval: { hours: 24 },
    providers: { githubOrg: [{ ...users('ghe.acme.test'), orgs: ['acme'] }] },
  })
  assert.deepEqual(config['catalogGate'], {
    relay: { url: 'http://10.0.0.5:8080', secret: `\${CATALOG_GATE_SECRET}` },
    provider: true,
  })
})

test('two GHES and github.com side by side: variables, tokens, providers and sign-in of their own, and the doctor has nothing to say', async () => {
  const other = plain.replaceAll('ghe.acme.test', 'ghe2.acme.test')
  const { config, out, status } = printedOf(
    [plain, other].map(text => `${text}reconcile: { organizations: [acme] }\n`),
    true,
  )
  assert.equal(status, 0)
  const { integrations, catalog, auth } = config as {
    integrations: { github: { host: string; token: string }[] }
    catalog: { providers: { github: Record<string, { host: string }>; githubOrg: { id: string }[] } }
    auth: { providers: { github: Record<string, { enterpriseInstanceUrl?: string; signIn?: object }> } }
  }
  assert.deepEqual(config['catalogGate'], { signIn: {} })
  assert.match(
    out,
    /signIn: \{\} # backend\.add\(import\('backstage-plugin-catalog-backend-module-catalog-gate\/sign-in'\)\)/,
  )
  assert.deepEqual(
    integrations.github.map(({ host, token }) => [host, token]),
    [
      ['ghe.acme.test', `\${GHES_TOKEN}`],
      ['ghe2.acme.test', `\${GHES_TOKEN_GHE2_ACME_TEST}`],
      ['github.com', `\${GITHUB_TOKEN}`],
    ],
  )
  assert.deepEqual(Object.keys(catalog.providers.github), ['acme', 'acme-ghe2-acme-test'])
  assert.deepEqual(
    catalog.providers.githubOrg.map(({ id }) => id),
    ['ghe-acme-test', 'ghe2-acme-test'],
  )
  assert.deepEqual(
    Object.entries(auth.providers.github).map(([key, one]) => [key, one.enterpriseInstanceUrl]),
    [
      ['production', 'https://ghe.acme.test'],
      ['ghe2-acme-test', 'https://ghe2.acme.test'],
      ['github-com', undefined],
    ],
  )
  const file = join(folder, 'app-config.yaml')
  writeFileSync(file, out)
  const readFile = (path: string) => readFileSync(path, 'utf8')
  const findings = await checkAppConfig({ appConfig: [file] }, { cwd: folder, readFile })
  assert.deepEqual(
    findings.filter(({ state }) => state === 'warning' || state === 'wrong'),
    [],
  )
})

test('every line says why; what is no relay.yaml ends with 2', () => {
  const { out } = printed(plain)
  for (const line of out.split('\n'))
    if (
      /^\s*(?:- )?\w+: \S/.test(line) &&
      !/environment: |clientSecret|environment|plugin: catalog|type: static/.test(line)
    )
      assert.match(line, / # /)
  const wrong = printed('relay: {}\n')
  assert.equal(wrong.status, 2)
  assert.match(wrong.err, /^error: .*relay\.yaml: relay: /m)
})
