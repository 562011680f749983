// catalog-gate backstage config: what is printed is an app-config that fits its relay.yaml, and asks for no permission that the relay does not need.
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parse } from 'yaml'
import { printAppConfig } from '../../scripts/backstage/print-app-config.ts'
import { temporaryFolder } from '../support/temporary.ts'

const folder = temporaryFolder()
after(() => rmSync(folder, { recursive: true }))

const plain = `secrets: { hook: [{ $file: nowhere }] }
ghe: { host: ghe.acme.test, apiBaseUrl: 'https://ghe.acme.test/api/v3', token: { $file: nowhere } }
backstage: { baseUrl: '\${BACKSTAGE_URL}', token: { $file: nowhere } }
`

function printed(text: string): { status: number; out: string; err: string; config: Record<string, unknown> } {
  const file = join(folder, 'relay.yaml')
  writeFileSync(file, text)
  const [out, err]: [string[], string[]] = [[], []]
  const status = printAppConfig(file, { say: line => void out.push(line), sayError: line => void err.push(line) })
  return { status, out: out.join('\n'), err: err.join('\n'), config: parse(out.join('\n')) }
}

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
  assert.deepEqual(config['catalog'], { processingInterval: { hours: 24 } })
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
  assert.deepEqual(Object.keys(providers.github), ['acme', 'bc'])
  assert.deepEqual(providers.github['acme']?.schedule, { frequency: { hours: 24 }, timeout: { minutes: 30 } })
})

test('with the package: it is the provider', () => {
  const { config } = printed(
    `${plain.replace('secrets: {', 'secrets: { backstage: [{ $file: nowhere }],')}listen: 10.0.0.5:8080\nreconcile: { organizations: [acme] }\n`,
  )
  assert.deepEqual(config['catalog'], { processingInterval: { hours: 24 } })
  assert.deepEqual(config['catalogGate'], {
    relay: { url: 'http://10.0.0.5:8080', secret: `\${CATALOG_GATE_SECRET}` },
    provider: true,
  })
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
