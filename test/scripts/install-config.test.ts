// install.yaml: what is taken, and every problem with its words.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { loadInstallConfig } from '../../scripts/install/config.ts'

suite('install.yaml', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'catalog-gate-install-config-'))
    writeFileSync(join(folder, 'ghe.token'), 'ghp_secret\n', { mode: 0o600 })
    writeFileSync(join(folder, 'open.token'), 'ghp_secret\n', { mode: 0o644 })
    writeFileSync(join(folder, 'broken.token'), 'ghp_secret\nghp_other\n', { mode: 0o600 })
    writeFileSync(join(folder, 'env.tar.gz'), 'a tarball')
    mkdirSync(join(folder, 'dist/hooks'), { recursive: true })
    writeFileSync(join(folder, 'dist/hooks/catalog-gate'), '#!/bin/sh\n')
  })
  after(() => rmSync(folder, { recursive: true }))

  const smallest = `
ghe: { apiBaseUrl: https://ghe.example.com/api/v3/, token: { $file: ghe.token } }
hooks: { repository: platform/catalog-gate-hooks }
environment: { imageUrl: https://artifacts.example.com/env.tar.gz }
`
  const parse = (text: string) => {
    writeFileSync(join(folder, 'install.yaml'), text)
    return loadInstallConfig(join(folder, 'install.yaml'), Date.now)
  }
  const problems = (text: string) => {
    const parsed = parse(text)
    return parsed.result === 'wrong' ? parsed.problems : []
  }

  test('the smallest one: everything else has a default', () => {
    const parsed = parse(smallest)
    assert.ok(parsed.result === 'config', JSON.stringify(parsed))
    const { config } = parsed
    assert.equal(config.ghe.token(), 'ghp_secret')
    assert.equal(config.ghe.apiBaseUrl, 'https://ghe.example.com/api/v3')
    assert.deepEqual(config.hooks, {
      ...{ repository: 'platform/catalog-gate-hooks', folder: join(folder, 'dist/hooks'), visibility: 'internal' },
    })
    assert.deepEqual(config.hook, { name: 'catalog-gate', script: 'catalog-gate', allowDownstream: undefined })
    assert.deepEqual(config.rollout, [{ name: 'everywhere', everywhere: true, organizations: [], repositories: [] }])
  })

  test('every problem at once, each naming its setting; near words are proposed', () => {
    assert.deepEqual(
      problems(`
ghe: { apiBaseUrl: ghe.example.com, token: ghp_secret, cafile: ca.pem }
hooks: { repository: catalog-gate-hooks }
hook: { allowDownstreamConfiguration: perhaps }
environment: { imageUrl: env.tar.gz, sha256: abc }
rollout: [{ repositories: ['*/web'] }]
`),
      [
        'ghe.cafile: unknown setting; did you mean "caFile"?',
        'ghe.apiBaseUrl: expected: the address of the REST API, as https://ghe.example.com/api/v3',
        'ghe.token: expected a map',
        'hooks.repository: expected: OWNER/NAME',
        'hook.allowDownstreamConfiguration: expected true or false',
        'environment.imageUrl: expected: where the appliance downloads env.tar.gz from, as https://artifacts.example.com/env.tar.gz',
        'environment.sha256: expected: the SHA-256 of env.tar.gz in 64 hex digits, as catalog-gate environment build prints it',
        'rollout[0].name: missing',
        'rollout[0].repositories[0]: expected: OWNER/NAME, where NAME may be a glob, as acme/web-*',
      ],
    )
    assert.deepEqual(problems('{}'), ['ghe: missing', 'hooks: missing', 'environment: missing'])
    assert.match(problems('ghe: [')[0] ?? '', /^line 1: /)
  })

  test('files that are missing, open to all, or hold something else', () => {
    assert.deepEqual(
      problems(`
ghe: { apiBaseUrl: https://ghe.example.com/api/v3, token: { $file: none.token }, caFile: ghe.token }
hooks: { repository: acme/hooks, from: nowhere }
environment: { file: none.tar.gz }
`),
      [
        `ghe.token: cannot read ${folder}/none.token: no such file`,
        `ghe.caFile: ${folder}/ghe.token holds no certificate; expected PEM ("-----BEGIN CERTIFICATE-----")`,
        `hooks.from: ${folder}/nowhere is not there; npm run build makes it`,
        `environment.file: ${folder}/none.tar.gz is not there; catalog-gate environment build --out makes it`,
      ],
    )
    assert.deepEqual(problems(smallest.replace('ghe.token', 'open.token')), [
      `ghe.token: ${folder}/open.token can be read by every user of this machine; run: chmod o-rwx ${folder}/open.token`,
    ])
    const broken = problems(smallest.replace('ghe.token', 'broken.token'))
    assert.deepEqual(broken, [
      `ghe.token: ${folder}/broken.token has blanks, line breaks or characters that no token has`,
    ])
    const missing = loadInstallConfig(join(folder, 'nowhere.yaml'), Date.now)
    assert.deepEqual(missing, { result: 'wrong', problems: ['cannot be read (no such file)'] })
  })

  test('what does not go together', () => {
    const both = 'environment: { imageUrl: https://artifacts.example.com/env.tar.gz, file: env.tar.gz }'
    assert.deepEqual(problems(smallest.replace(/environment.*/, both)), [
      'environment: expected either imageUrl, or file (a local tarball, offered to GHES by --serve)',
    ])
    assert.deepEqual(
      problems(`${smallest}
hook: { script: catalog-check, allowDownstreamConfiguration: false }
rollout: [{ name: a }, { name: a, organizations: [acme] }]
`),
      [
        `hook.script: ${folder}/dist/hooks holds no "catalog-check"; expected the name of a built hook`,
        'rollout[0]: expected everywhere, organizations or repositories',
        'rollout[1].name: "a" is the name of an earlier step',
        'hook.allowDownstreamConfiguration: expected true, or nothing: rollout and exempt name organisations or repositories, and GHES takes settings of these only then',
      ],
    )
  })
})
