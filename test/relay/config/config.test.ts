// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the configuration's own syntax
// A wrong configuration in words: everything at once, each problem naming its setting; and secrets that change while it runs.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type ConfigResult, loadConfig, parseConfig, type RelayConfig } from '../../../relay/config/relay-config.ts'
import { HOOK_SECRET } from '../../support/relay-process.ts'

let folder: string
let nowMs = 1_000_000
const troubles: string[] = []
const edges = (env: Record<string, string> = {}) => ({
  env,
  now: () => nowMs,
  onTrouble: (text: string) => void troubles.push(text),
})

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'catalog-gate-config-'))
})
after(() => rm(folder, { recursive: true, force: true }))

async function secretFile(name: string, text: string, mode = 0o600): Promise<string> {
  await writeFile(join(folder, name), text)
  await chmod(join(folder, name), mode)
  return name
}

const right = `
secrets: { hook: [${HOOK_SECRET}] }
ghe: { host: ghe.example.com, apiBaseUrl: https://ghe.example.com/api/v3/, token: t1 }
backstage: { baseUrl: https://backstage.example.com, token: t2 }
`

function configOf(result: ConfigResult): RelayConfig {
  assert.equal(result.result, 'config', JSON.stringify(result))
  return (result as { config: RelayConfig }).config
}

const problemsOf = (text: string, env: Record<string, string> = {}) => {
  const result = parseConfig(text, folder, edges(env))
  return result.result === 'wrong' ? result.problems.map(problem => problem.replaceAll(folder, 'FOLDER')) : []
}

test('the defaults are those of the documentation', () => {
  const config = configOf(parseConfig(right, folder, edges()))
  assert.deepEqual(config.listen, { host: '127.0.0.1', port: 8080 })
  assert.deepEqual(config.admin, { host: '127.0.0.1', port: 9090 })
  assert.deepEqual(config.store, { kind: 'sqlite', path: join(folder, 'data/relay.db') })
  assert.equal(config.ghe.baseUrl, 'https://ghe.example.com/api/v3')
  assert.deepEqual([config.backstage.refreshesPerSecond, config.backstage.register], [40, false])
  assert.deepEqual(config.landing, { firstCheckMs: 250, giveUpAfterMs: 60_000 })
  assert.deepEqual(config.retry, { firstMs: 1000, maxMs: 600_000, giveUpAfterMs: 86_400_000 })
})

test('reconcile: off without organizations, and never all the time', () => {
  assert.deepEqual(configOf(parseConfig(right, folder, edges())).reconcile, { organizations: [], everyMs: 86_400_000 })
  const written = 'reconcile: { organizations: [acme], every: 12h, webhookUrl: https://relay.example.com/v1/github/ }'
  assert.deepEqual(configOf(parseConfig(`${right}${written}`, folder, edges())).reconcile, {
    organizations: ['acme'],
    everyMs: 43_200_000,
    webhookUrl: 'https://relay.example.com/v1/github',
  })
  assert.deepEqual(problemsOf(`${right}reconcile: { organizations: [acme], every: 0s }`), [
    'reconcile.every: "0s" is too often; expected 1s or longer, 24h is usual',
  ])
})

test('secrets that can be guessed, and a token over http to another machine, are warned of', () => {
  const warnings = (webhook: string, admin: string, host: string) => {
    const read = parseConfig(
      `secrets: { hook: ["${HOOK_SECRET}"], webhook: ["${webhook}"], admin: "${admin}" }
ghe: { host: ghe.example.com, apiBaseUrl: "http://${host}/api/v3", token: x }
backstage: { baseUrl: http://backstage:7007, token: x }`,
      folder,
      edges(),
    )
    assert.ok(read.result === 'config')
    return read.warnings
  }
  const good = 'sixteen-letters!'
  for (const host of ['localhost:1', '127.0.0.1', '127.3.0.1:8080', '[::1]:80'])
    assert.deepEqual(warnings(good, good, host), [])
  assert.deepEqual(warnings('x', 'four', 'ghe.example.com'), [
    'secrets.webhook[0]: 1 character can be guessed; expected 16 or more, as in: openssl rand -hex 32',
    'secrets.admin: 4 characters can be guessed; expected 16 or more, as in: openssl rand -hex 32',
    'ghe.apiBaseUrl: http:// sends the token over the network as plain text; expected https://',
  ])
})

test('the example is right', async () => {
  const file = join(import.meta.dirname, '../../../relay/relay.example.yaml')
  const missing = loadConfig(file, edges({ BACKSTAGE_URL: 'https://backstage.example.com' }))
  // Its secret files are the reader's to make: that they are missing is all there is to say.
  assert.ok(missing.result === 'wrong')
  for (const problem of missing.problems) assert.match(problem, /cannot read .*: no such file/)
})

test('every problem of the shape at once', () => {
  assert.deepEqual(
    problemsOf(`
listen: 8080
secrets: { hook: [], admln: x }
ghe: { host: https://ghe.example.com, apiBaseUrl: ghe.example.com/api/v3, token: "\${GHE_TOKEN}" }
backstage: { baseUrl: https://backstage.example.com, token: { file: x }, refreshesPerSecond: 0 }
landing: { firstCheckMs: soon, giveUpAfter: 1 hour }
retry: { giveUpAfter: 24 }
`),
    [
      'ghe.token: the environment has no variable "GHE_TOKEN"',
      'listen: expected: HOST:PORT, such as 127.0.0.1:8080, or { address, certFile, keyFile, clientCaFile } for TLS',
      'secrets.admln: unknown setting; did you mean "admin"?',
      'secrets.hook: expected: a list of one secret, or two while one replaces the other',
      "ghe.host: expected: a host name as in the browser's address bar, without https://",
      'ghe.apiBaseUrl: expected: a URL such as https://ghe.example.com/api/v3, without user, query or #',
      'backstage.token: expected: the secret itself, or { $file: path }',
      'backstage.refreshesPerSecond: expected: a number above 0, 10000 at most',
      'landing.firstCheckMs: expected a whole number',
      'landing.giveUpAfter: expected: a number and a unit: 250ms, 60s, 10m, 24h, 7d',
      'retry.giveUpAfter: expected: a number and a unit: 250ms, 60s, 10m, 24h, 7d',
    ],
  )
})

test('what is wrong with the shape hides nothing else that is wrong', () => {
  assert.deepEqual(
    problemsOf(`
admin: 127.0.0.1:99999
secrets: { hook: [x], admln: y }
ghe: { host: "https://x", apiBaseUrl: https://ghe.example.com/api/v3, token: x, caFile: nowhere.pem }
backstage: nothing
landing: { giveUpAfter: 60 }
retry: { firstMs: 5000, maxMs: 1000 }
`),
    [
      'secrets.admln: unknown setting; did you mean "admin"?',
      "ghe.host: expected: a host name as in the browser's address bar, without https://",
      'backstage: expected a map',
      'landing.giveUpAfter: expected: a number and a unit: 250ms, 60s, 10m, 24h, 7d',
      'admin: port 99999 is out of range; expected 0 to 65535',
      'secrets.hook[0]: does not begin with "whsec_"; expected whsec_ and the base64 of 24 to 64 random bytes, as in: echo "whsec_$(openssl rand -base64 32)"',
      'ghe.caFile: cannot read FOLDER/nowhere.pem: no such file',
      'retry.maxMs: 1000 is less than retry.firstMs, 5000; expected at least as much',
    ],
  )
  assert.deepEqual(problemsOf('- a list'), ['the configuration: expected a map'])
})

test('a slip of YAML: its first cause, in the words of whoever wrote it', () => {
  const rows: [string, string[]][] = [
    [
      'secrets: { hook: [${NOPE}], admin: ${ADMIN} }',
      ['line 1: ${NOPE} without quotes within { } or [ ]; expected "${NOPE}"'],
    ],
    [
      'ghe: { host: ghe.example.com, token: ${TOKEN}, apiBaseUrl: x }\na: ]',
      ['line 1: ${TOKEN} without quotes within { } or [ ]; expected "${TOKEN}"'],
    ],
    ['retry:\n\tfirstMs: 1', ['line 2: a tab at the beginning; expected blanks']],
    [
      'a: 1\nb: 2\na: 3\nb: 4',
      ['line 3: "a" stands here for the second time', 'line 4: "b" stands here for the second time'],
    ],
    [
      'secrets:\n  hook: [{ $file: x }\nghe: { token: ${T} }',
      ['line 3: expected the "]" or "}" of what was opened before this line'],
    ],
    ['store: "./x\nghe: 1', ['line 2: a quote was opened before, and never closed']],
    ['store: a: b', ['line 1: a second ": " within a value; expected the value in quotes']],
    ['store:x\nghe: 1', ['line 1: expected a blank behind the colon, as in "name: value"']],
    [
      'ghe:\n  host: x\n token: y',
      ['line 3: its beginning stands below that of no line above; expected the same number of blanks'],
    ],
  ]
  const laughs = `a: &a [${'x, '.repeat(20)}]\nb: &b [${'*a, '.repeat(20)}]\nc: [${'*b, '.repeat(20)}]`
  rows.push(
    ['store: a\n---\nstore: b', ['line 2: a second document begins ("---"); expected one']],
    ['store: &a [*a]', ['an alias (*name) stands within what it names']],
    [laughs, ['an alias (*name) names nothing, or more than 100 stand here']],
  )
  for (const [text, words] of rows) assert.deepEqual(problemsOf(text), words, text)
})

test('a variable that is not closed, and a path that is none', () => {
  for (const [store, words] of [
    ['"${HOME/x.db"', 'store: "${" without its "}"; expected ${NAME}, or $${ for the sign itself'],
    ['"a\\0b"', 'store: a path has no NUL in it'],
  ]) {
    const problems = problemsOf(`store: ${store}`)
    assert.ok(problems.includes(words ?? ''), problems.join('\n'))
  }
  assert.ok(!problemsOf('store: "$${HOME"').some(problem => problem.includes('without its')))
})

test('every problem beyond the shape at once, in the order of the sections', async () => {
  await secretFile('open.secret', HOOK_SECRET, 0o644)
  await secretFile('empty.token', '\n')
  await secretFile('short.secret', 'whsec_c2hvcnQ=')
  await secretFile('ca.pem', 'hello')
  await secretFile('broken.pem', '-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n')
  assert.deepEqual(
    problemsOf(`
listen: 127.0.0.1:99999
admin: 127.0.0.1:9090
store: mysql://db/relay
secrets: { hook: [{ $file: open.secret }, { $file: short.secret }], admin: { $file: missing.token } }
ghe: { host: ghe.example.com, apiBaseUrl: https://ghe.example.com/api/v3, token: { $file: empty.token }, caFile: ca.pem }
backstage: { baseUrl: https://backstage.example.com, token: "two words", caFile: broken.pem }
retry: { firstMs: 5000, maxMs: 1000 }
`),
    [
      'listen: port 99999 is out of range; expected 0 to 65535',
      'store: "mysql:" is not known; expected the path of a SQLite file, or postgres://USER:PASSWORD@HOST:5432/DATABASE',
      'secrets.hook[0]: FOLDER/open.secret can be read by every user of this machine; run: chmod o-rwx FOLDER/open.secret',
      'secrets.hook[1]: FOLDER/short.secret has 5 bytes; expected 24 to 64; expected whsec_ and the base64 of 24 to 64 random bytes, as in: echo "whsec_$(openssl rand -base64 32)"',
      'secrets.admin: cannot read FOLDER/missing.token: no such file',
      'ghe.caFile: FOLDER/ca.pem holds no certificate; expected PEM ("-----BEGIN CERTIFICATE-----")',
      'ghe.token: FOLDER/empty.token is empty',
      'backstage.caFile: FOLDER/broken.pem holds a certificate that cannot be read; expected PEM',
      'backstage.token: has blanks, line breaks or characters that no token has',
      'retry.maxMs: 1000 is less than retry.firstMs, 5000; expected at least as much',
    ],
  )
})

test('a GitHub App in the place of a token: one of the two, with an id and a key that is one', async () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  const key = await secretFile('app.pem', privateKey)
  const app = (text: string) => right.replace('token: t1', text)
  const { ghe } = configOf(parseConfig(app(`app: { id: 7, privateKey: { $file: ${key} } }`), folder, edges()))
  assert.ok('app' in ghe)
  assert.deepEqual([ghe.app.id, ghe.app.privateKey()], ['7', privateKey.trim()])
  const wrongKey = await secretFile('wrong.pem', 'ghs_no-key')
  const problems = (text: string) => problemsOf(app(text)).join('\n').replaceAll(folder, 'FOLDER')
  assert.equal(
    problems(`app: { id: 7, privateKey: { $file: ${wrongKey} } }`),
    'ghe.app.privateKey: FOLDER/wrong.pem holds no RSA private key; expected the .pem that GHES gave for the App, unencrypted',
  )
  assert.equal(
    problems(`token: t1, app: { id: 7, privateKey: { $file: ${key} } }`),
    'ghe.app: expected this or ghe.token, not both',
  )
  assert.equal(
    problems('statuses: false'),
    'ghe.token: missing; expected it, or ghe.app with id and privateKey of a GitHub App',
  )
  assert.match(problems('app: { id: 7 }'), /^ghe\.app\.privateKey: missing/)
})

test('the way in and the inside must be two addresses', () => {
  for (const admin of ['127.0.0.1:8080', '0.0.0.0:8080']) {
    assert.match(problemsOf(`admin: ${admin}\n${right}`).join(), /^admin: expected another address than listen/)
  }
  assert.deepEqual(problemsOf(`listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\n${right}`), [])
})

test('YAML that cannot be read says in which line', () => {
  assert.match(problemsOf('listen: [\nadmin: x').join(), /^line \d: /)
})

test('a configuration that is not there', () => {
  const result = loadConfig(join(folder, 'none.yaml'), edges())
  assert.ok(result.result === 'wrong')
  assert.match(result.problems[0] ?? '', /cannot read .*none\.yaml: no such file/)
})

test('${NAME} is put in after parsing, so that its text can never become YAML', () => {
  const text = right.replace('token: t2', 'token: "${TOKEN}"')
  const config = configOf(parseConfig(text, folder, edges({ TOKEN: 'a:{b}#c' })))
  assert.equal(config.backstage.token(), 'a:{b}#c')
  const plain = configOf(
    parseConfig(
      right.replace('token: t2', () => 'token: "$${TOKEN}"'),
      folder,
      edges(),
    ),
  )
  assert.equal(plain.backstage.token(), '${TOKEN}')
})

test('secrets are never in a problem', () => {
  const secret = 'whsec_!!!not-base64!!!'
  assert.ok(
    !problemsOf(right.replace(HOOK_SECRET, `"${secret}"`))
      .join()
      .includes('not-base64'),
  )
})

test('a secret file is read again when it changes; a bad change leaves the former one in force, and says so once', async () => {
  const name = await secretFile('rotating.token', 'first\n')
  const config = configOf(parseConfig(right.replace('token: t1', `token: { $file: ${name} }`), folder, edges()))
  const token = 'token' in config.ghe ? config.ghe.token : assert.fail('no token')
  assert.equal(token(), 'first')
  await secretFile(name, 'second, longer\n'.replace(', ', '-'))
  nowMs += 1000
  assert.equal(token(), 'second-longer')
  await chmod(join(folder, name), 0o644)
  for (const _ of [1, 2]) {
    nowMs += 1000
    assert.equal(token(), 'second-longer')
  }
  assert.equal(troubles.length, 1)
  assert.match(troubles[0] ?? '', /^ghe\.token: .* can be read by every user .*; the former secret stays in force$/)
})
