// check --relay: what the live catalog says is reported as the hook reports it, in every format; who asks hears when nobody answers.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { after, before, beforeEach, test } from 'node:test'
import { check } from '../../scripts/check/check.ts'
import { checkOptionsOf } from '../../scripts/check/options.ts'
import { readConfig } from '../../scripts/config/read-config.ts'
import { HOOK_SECRET } from '../support/relay-process.ts'

const text = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: payments }
spec: { type: service, lifecycle: production, owner: paymnets, dependsOn: ['resource:db'] }
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: { name: db }
spec: { type: database, owner: group:default/payments }
`
const answer = {
  unknown: [{ ref: 'group:default/paymnets', nearest: ['group:default/payments'] }],
  taken: [{ ref: 'resource:default/db', by: 'https://ghe.test/acme/data/blob/main/catalog-info.yaml' }],
  asOf: '2027-01-31T08:00:00Z',
}
const env = { GITHUB_REPOSITORY: 'acme/payments', GITHUB_SERVER_URL: 'https://ghe.test' }

let folder: string
let server: Server
let url: string
let answering: RequestListener
let asked: unknown
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catalog-gate-check-'))
  writeFileSync(join(folder, 'catalog-info.yaml'), text)
  writeFileSync(join(folder, 'relay.secret'), HOOK_SECRET)
  writeFileSync(join(folder, 'bad.secret'), 'x')
  server = createServer((request, response) => answering(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  writeFileSync(
    join(folder, 'hook.yaml'),
    `relay: { url: "${url}", secretFile: relay.secret }\nenforce: { rules: { unknown-ref: error } }\n`,
  )
})
beforeEach(() => {
  answering = async (request, response) => {
    asked = await json(request)
    response.writeHead(200).end(JSON.stringify(answer))
  }
})
after(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

async function run(args: readonly string[], variables: NodeJS.ProcessEnv = env) {
  const options = checkOptionsOf(['catalog-info.yaml', ...args])
  assert.ok(options)
  const [out, err]: [string[], string[]] = [[], []]
  const cwd = process.cwd()
  process.chdir(folder)
  try {
    const status = await check(options, {
      ...{ env: variables, cwd: folder, isWatched: () => false, readStdin: () => Buffer.alloc(0), readConfig },
      write: more => void out.push(more),
      writeError: more => void err.push(more),
    })
    return { status, stdout: out.join(''), stderr: err.join('') }
  } finally {
    process.chdir(cwd)
  }
}

test('both findings, as warnings; what the files declare themselves is not asked for', async () => {
  const { status, stdout, stderr } = await run(['--relay', url, '--relay-secret', 'relay.secret'])
  assert.deepEqual([status, stderr], [0, ''])
  assert.match(stdout, /^catalog-info\.yaml:4:54: warning: no group:default\/paymnets in the catalog \[unknown-ref\]$/m)
  assert.match(stdout, /^catalog-info\.yaml:8:19: warning: resource:default\/db is acme\/data's: .* \[name-taken\]$/m)
  assert.deepEqual(asked, {
    ...{ version: 1, repository: 'acme/payments', ref: 'refs/heads/main' },
    entities: ['component:default/payments', 'resource:default/db'].map(ref => ({ ref, path: 'catalog-info.yaml' })),
    references: ['group:default/paymnets', 'group:default/payments'],
  })
})

test('secret and severities of hook.yaml; JSON and SARIF have the codes', async () => {
  const { status, stdout } = await run(['--relay', url, '--config', 'hook.yaml', '--format', 'json'])
  assert.equal(status, 1)
  const { problems } = JSON.parse(stdout)
  assert.deepEqual(
    problems.map(({ code, severity }: Record<string, unknown>) => [code, severity]),
    [
      ['unknown-ref', 'error'],
      ['name-taken', 'warning'],
    ],
  )
  assert.match((await run(['--relay', url, '--config', 'hook.yaml', '--format', 'sarif'])).stdout, /"name-taken"/)
})

test('who asks hears why there is no answer, and the files are checked all the same', async () => {
  const options = ['--relay', url, '--relay-secret', 'relay.secret']
  answering = (_request, response) => response.writeHead(503).end('{}')
  const unanswered = await run(options)
  assert.deepEqual([unanswered.status, unanswered.stdout], [0, '1 file checked, nothing wrong\n'])
  assert.match(unanswered.stderr, /^warning: the catalog was not asked: the relay at http:\S+ gave no answer; /)
  assert.match((await run(options, {})).stderr, /whose repository this is, is not known/)
})

test('wrong usage ends with 2', async () => {
  for (const [args, problem] of [
    [['--relay', url], '--relay needs --relay-secret FILE'],
    [['--relay-secret', 'x'], '--relay-secret and --relay-ca go with --relay'],
    [['--relay', 'ghe:1', '--relay-secret', 'relay.secret'], '--relay: expected https://HOST:PORT'],
    [['--relay', url, '--relay-secret', 'nowhere'], 'cannot be read (no such file)'],
    [['--relay', url, '--relay-secret', 'bad.secret'], 'does not begin with "whsec_"'],
  ] as const) {
    const { status, stderr } = await run(args)
    assert.equal(status, 2)
    assert.ok(stderr.includes(problem), stderr)
  }
})
