// What arrives at the relay, and that nothing the relay does - or does not do - changes a verdict or holds a push for longer than agreed.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, beforeEach, suite, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { pushNotification } from '../../schemas/compiled/own.mjs'
import { messageId, type PushNotification } from '../../schemas/notification.ts'
import { isSignedBy, parseSecret } from '../../schemas/signature.ts'
import { endWithUs, freePort } from '../support/process.ts'
import {
  type BareRepository,
  createRepositoryHost,
  type RepositoryHost,
  type WorkingCopy,
} from '../support/repository.ts'
import { BAD, buildInto, component, GOOD, type HookRun, locationOf, runHook } from './built-hook.ts'
import { inNamespace } from './namespace.ts'

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`
/** Where the answer comes, it is waited for until it does; where it does not, so long. */
const LONG_MS = 1000
const SHORT_MS = 100
/** A busy test machine: the exact numbers are the bench's. */
const PATIENCE_MS = 700
/** Reserved for such uses, and nobody's: what looks it up is answered from here or not at all. */
const NAME = 'relay.test'
const NAME_SERVER = '127.0.0.99'

type Received = {
  headers: IncomingMessage['headers']
  raw: Buffer
  push: PushNotification
  url: string | undefined
  method: string | undefined
}

let host: RepositoryHost
const received: Received[] = []
let connections = 0
const accepting: RequestListener = (_request, response) => {
  response.writeHead(202, { 'content-type': 'application/json' }).end('{"id":"x"}')
}
let answer: RequestListener = accepting
let rawAnswer: (socket: Socket) => void = () => undefined
const servers: Server[] = []
const sockets = new Set<Socket>()
const hooks: Record<string, string> = {}
let direct: { repository: BareRepository; good: string; bad: string }
let baseMs = 0
let stopBlackHole = (): unknown => undefined

const listener: RequestListener = (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const raw = Buffer.concat(chunks)
    const { headers, url, method } = request
    received.push({ headers, raw, push: JSON.parse(raw.toString('utf8')) as PushNotification, url, method })
    answer(request, response)
  })
}

async function listening(server: Server, address = '127.0.0.1'): Promise<number> {
  servers.push(server)
  server.on('connection', socket => {
    connections++
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, address)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

before(async () => {
  host = await createRepositoryHost()
  const file = (name: string) => join(host.directory, name)
  writeFileSync(file('relay.secret'), `${SECRET}\n`, { mode: 0o600 })
  makeCertificates(host.directory)
  const tls = { key: readFileSync(file('server.key')), cert: readFileSync(file('server.pem')) }
  const ports = {
    http: await listening(createHttpServer(listener)),
    https: await listening(createHttpsServer(tls, listener)),
    raw: await listening(createServer(socket => rawAnswer(socket))),
    refused: await freePort(),
    blackHole: await blackHole(),
  }
  const relay = (url: string, waitMs: number, more: object = {}) => ({
    relay: { url, secretFile: 'relay.secret', waitMs, ...more },
  })
  const ca = { caFile: file('ca.pem') }
  const configs: Record<string, unknown> = {
    none: {},
    http: relay(`http://127.0.0.1:${ports.http}`, LONG_MS),
    https: relay(`https://127.0.0.1:${ports.https}`, LONG_MS, ca),
    raw: relay(`http://127.0.0.1:${ports.raw}`, SHORT_MS),
    rawTls: relay(`https://127.0.0.1:${ports.raw}`, SHORT_MS, ca),
    rawPatient: relay(`http://127.0.0.1:${ports.raw}`, LONG_MS),
    refused: relay(`http://127.0.0.1:${ports.refused}`, SHORT_MS),
    blackHole: relay(`http://127.0.0.1:${ports.blackHole}`, SHORT_MS),
    blackHoleTls: relay(`https://127.0.0.1:${ports.blackHole}`, SHORT_MS, ca),
    named: relay(`http://${NAME}:${ports.http}`, SHORT_MS),
    namedPatient: relay(`http://${NAME}:${ports.http}`, LONG_MS),
    namedTls: relay(`https://${NAME}:${ports.https}`, LONG_MS, ca),
    wrongName: relay(`https://localhost:${ports.https}`, LONG_MS, ca),
    otherCa: relay(`https://127.0.0.1:${ports.https}`, LONG_MS, { caFile: 'other.pem' }),
    noCa: relay(`https://127.0.0.1:${ports.https}`, LONG_MS),
    missingCa: relay(`https://127.0.0.1:${ports.https}`, LONG_MS, { caFile: 'nowhere.pem' }),
    tlsToPlain: relay(`https://127.0.0.1:${ports.http}`, LONG_MS, ca),
    plainToTls: relay(`http://127.0.0.1:${ports.https}`, LONG_MS),
  }
  await Promise.all(
    Object.entries(configs).map(
      async ([name, config]) => (hooks[name] = await buildInto(host.directory, name, config)),
    ),
  )
  hooks['notify'] = await buildInto(host.directory, 'notify', configs['http'], 'catalog-notify')
  hooks['validate'] = await buildInto(host.directory, 'validate', configs['http'], 'catalog-validate')
  direct = await directPushes()
  baseMs = (await run('none')).tookMs
})

after(async () => {
  stopBlackHole()
  for (const socket of sockets) socket.destroy()
  for (const server of servers) server.close()
  await host.remove()
})

beforeEach(() => {
  received.length = 0
  connections = 0
  answer = accepting
  rawAnswer = () => undefined
})

/** An authority and a server certificate for 127.0.0.1 and the name; and another authority. */
function makeCertificates(directory: string): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  for (const name of ['ca', 'other']) {
    openssl(
      'req',
      '-x509',
      ...key,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    )
  }
  openssl('req', ...key, '-subj', '/CN=relay', '-keyout', 'server.key', '-out', 'server.csr')
  writeFileSync(join(directory, 'san'), `subjectAltName=IP:127.0.0.1,DNS:${NAME}\n`)
  openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-days',
    '2',
    '-extfile',
    'san',
    '-out',
    'server.pem',
  )
}

/** A port whose queue of connections is full: the kernel drops what comes, as a firewall does. */
async function blackHole(): Promise<number> {
  const script = `const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('fs').writeSync(1, String(s.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 120_000)
  })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  endWithUs(child)
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(chunk)
  stopBlackHole = () => child.kill('SIGKILL')
  for (let i = 0; i < 6; i++) {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => undefined)
    sockets.add(socket)
  }
  const [first] = [...sockets].slice(-6)
  if (first?.connecting) await once(first, 'connect')
  return port
}

async function directPushes(): Promise<typeof direct> {
  const repository = await host.create('acme/direct')
  const copy = await repository.clone()
  const ids: (string | undefined)[] = []
  for (const text of [GOOD, component('other'), BAD]) {
    await copy.change({ 'catalog-info.yaml': text })
    ids.push(await repository.ref('main'))
  }
  return { repository, good: `${ids[0]} ${ids[1]} refs/heads/main\n`, bad: `${ids[1]} ${ids[2]} refs/heads/main\n` }
}

/** A push's ref lines given to a hook directly; whatever it prints, the secret is not in it. */
async function run(
  name: string,
  options: { input?: string; command?: string[]; env?: Record<string, string> } = {},
): Promise<HookRun> {
  const command = [...(options.command ?? []), hooks[name] ?? '']
  const result = await runHook(command, {
    cwd: direct.repository.directory,
    input: options.input ?? direct.good,
    env: { GITHUB_USER_LOGIN: 'mona', ...options.env },
  })
  assert.ok(!`${result.stdout}${result.stderr}`.includes(SECRET.slice(6, 20)), 'the secret is printed')
  assert.equal(result.stderr, '')
  assert.deepEqual(result.leftBehind, [])
  return result
}

async function fresh(
  name: string,
  hook: string,
  files: Record<string, string> = { 'README.md': 'x' },
): Promise<{ repository: BareRepository; copy: WorkingCopy }> {
  const repository = await host.create(`acme/${name}`)
  const copy = await repository.clone()
  await copy.change(files)
  await repository.installHooks([hooks[hook] ?? ''])
  return { repository, copy }
}

suite('what arrives', () => {
  for (const scheme of ['http', 'https']) {
    test(`over ${scheme}: the body, its id and its signature`, async () => {
      const { repository, copy } = await fresh(`arrives-${scheme}`, scheme, { 'openapi.yaml': 'openapi: 3.1.0' })
      const from = await repository.ref('main')
      const api = component('pay')
        .replace('kind: Component', 'kind: API')
        .replace('owner: team-a', 'owner: team-a, definition: { $text: ./openapi.yaml }')
      const push = await copy.change(
        { 'catalog-info.yaml': `${GOOD}---\n${api}`, 'a/catalog-info.yaml': component('a') },
        { login: 'mona' },
      )
      assert.equal(push.exitCode, 0, push.terminal)
      assert.equal(push.remote, '')
      const [one, ...others] = received
      assert.ok(one)
      assert.equal(others.length, 0)
      assert.deepEqual([one.method, one.url], ['POST', '/v1/pushes'])
      assert.deepEqual(one.push, {
        version: 1,
        repository: `acme/arrives-${scheme}`,
        ref: 'refs/heads/main',
        before: from,
        after: await repository.ref('main'),
        defaultBranch: true,
        pusher: 'mona',
        blobs: {
          'a/catalog-info.yaml': await repository.git('rev-parse', 'main:a/catalog-info.yaml'),
          'catalog-info.yaml': await repository.git('rev-parse', 'main:catalog-info.yaml'),
        },
        files: [
          { path: 'a/catalog-info.yaml', change: 'added', entities: ['component:default/a'] },
          {
            path: 'catalog-info.yaml',
            change: 'added',
            entities: ['component:default/payments', 'api:default/pay'],
            references: ['openapi.yaml'],
          },
        ],
      })
      assertGenuine(one)
    })
  }

  test('the same push has the same id; another has another', async () => {
    await run('http')
    await run('http')
    await run('http', { env: { GITHUB_REPO_NAME: 'acme/other' } })
    const ids = received.map(({ headers }) => headers['webhook-id'])
    assert.equal(ids[0], ids[1])
    assert.notEqual(ids[0], ids[2])
    for (const one of received) assertGenuine(one)
  })

  test('several refs: a message each, on one connection; only what the gate lets in', async () => {
    const { repository, copy } = await fresh('several', 'https', { 'catalog-info.yaml': GOOD })
    const from = await repository.ref('main')
    await copy.write('catalog-info.yaml', component('two'))
    await copy.commit()
    await copy.git('tag', 'v1')
    const push = await copy.push({ refs: ['HEAD:main', 'HEAD:topic', 'HEAD:other', 'v1'] })
    assert.equal(push.remote, '')
    assert.equal(connections, 1)
    assert.deepEqual(received.map(({ push }) => [push.ref, push.defaultBranch, push.before]).sort(), [
      ['refs/heads/main', true, from],
      ['refs/heads/other', false, '0'.repeat(40)],
      ['refs/heads/topic', false, '0'.repeat(40)],
    ])
    for (const one of received) assertGenuine(one)
  })

  test('a removed file, with the entities it had; a renamed one is both', async () => {
    const { copy } = await fresh('removed', 'http', {
      'catalog-info.yaml': GOOD,
      'a/catalog-info.yaml': component('a'),
    })
    await copy.remove('catalog-info.yaml')
    await copy.git('mv', 'a', 'b')
    await copy.commit()
    await copy.push()
    assert.deepEqual(received[0]?.push.files, [
      { path: 'a/catalog-info.yaml', change: 'removed', entities: ['component:default/a'] },
      { path: 'b/catalog-info.yaml', change: 'added', entities: ['component:default/a'] },
      { path: 'catalog-info.yaml', change: 'removed', entities: ['component:default/payments'] },
    ])
  })

  test('a file that a Location names', async () => {
    const { copy } = await fresh('followed', 'http', { 'catalog-info.yaml': locationOf('./b.yaml'), 'b.yaml': GOOD })
    await copy.change({ 'b.yaml': component('b'), 'values.yaml': 'a: 1' })
    assert.deepEqual(received[0]?.push.files, [
      { path: 'b.yaml', change: 'modified', entities: ['component:default/b'] },
    ])
  })

  test('a new branch that lacks a file of main removes nothing', async () => {
    const { copy } = await fresh('orphan', 'http', { 'catalog-info.yaml': GOOD })
    await copy.git('checkout', '--quiet', '--orphan', 'pages')
    await copy.git('rm', '-rfq', '.')
    await copy.change({ 'docs/catalog-info.yaml': component('docs') })
    assert.deepEqual(
      received[0]?.push.files.map(({ path }) => path),
      ['docs/catalog-info.yaml'],
    )
  })

  test('a bypassed push, with its reason', async () => {
    const { copy } = await fresh('bypassed', 'http')
    await copy.write('catalog-info.yaml', BAD)
    await copy.commit()
    await copy.push({ pushOptions: ['catalog-gate.skip=the catalog is down'] })
    assert.equal(received[0]?.push.bypass, 'the catalog is down')
  })

  test('a push that is accepted with warnings', async () => {
    const { copy } = await fresh('warned', 'http')
    await copy.write('catalog-info.yaml', BAD)
    await copy.commit()
    const push = await copy.push({ refs: ['HEAD:topic'] })
    assert.match(push.remote, /^warning: this push was accepted with 1 problem/)
    assert.equal(received.length, 1)
  })

  test('nothing for a refused push, nothing for one without catalog files', async () => {
    const { copy } = await fresh('nothing', 'http')
    assert.equal((await copy.change({ 'catalog-info.yaml': BAD })).exitCode, 1)
    assert.equal(received.length, 0)
    await copy.git('reset', '--quiet', '--hard', 'HEAD~1')
    await copy.change({ 'values.yaml': 'a: 1', 'main.ts': '' })
    assert.equal(received.length, 0)
  })

  test('catalog-notify tells what it does not judge; catalog-validate tells nothing', async () => {
    await run('notify', { input: direct.bad })
    assert.deepEqual(received[0]?.push.files, [
      { path: 'catalog-info.yaml', change: 'modified', entities: ['component:default/payments api'] },
    ])
    connections = 0
    await run('validate')
    assert.equal(connections, 0)
  })

  test('a bypass and its reason, also where the notification is all that runs', async () => {
    const env = { GIT_PUSH_OPTION_COUNT: '1', GIT_PUSH_OPTION_0: 'catalog-gate.skip=the catalog is down' }
    const { stdout } = await run('notify', { input: direct.bad, env })
    assert.equal(stdout, 'warning: catalog-gate was bypassed: the catalog is down\n')
    assert.equal(received[0]?.push.bypass, 'the catalog is down')
  })

  test('names that JSON and HTTP could stumble over', async () => {
    const { copy } = await fresh('names', 'http')
    const path = 'größe "x"/\\n\n/catalog-info.yaml'
    await copy.change({ [path]: GOOD })
    assert.equal(received[0]?.push.files[0]?.path, path)
    assert.ok(received[0] && assertGenuine(received[0]) === undefined)
  })

  test('a message that would be too large is cut down to what matters most', async () => {
    const { copy } = await fresh('large', 'http')
    const folder = 'x'.repeat(200)
    const files = Object.fromEntries(
      Array.from({ length: 400 }, (_, i) => [`${folder}/${i}/catalog-info.yaml`, component(`n${i}`)]),
    )
    const push = await copy.change(files)
    assert.equal(push.remote, '')
    const [one] = received
    assert.ok(one && one.raw.length <= 64 * 1024 && one.push.files.length > 200, `${one?.raw.length} bytes`)
    assertGenuine(one)
  })

  test('more entities in a file than a message may name', async () => {
    const { copy } = await fresh('entities', 'http')
    await copy.change({ 'catalog-info.yaml': Array.from({ length: 1100 }, (_, i) => component(`n${i}`)).join('---\n') })
    assert.equal(received[0]?.push.files[0]?.entities?.length, 1000)
    assert.ok(received[0] && assertGenuine(received[0]) === undefined)
  })
})

function assertGenuine({ headers, raw, push }: Received): void {
  const text = (name: string) => String(headers[name])
  assert.equal(pushNotification(push), true, JSON.stringify(pushNotification.errors))
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers['webhook-id'], messageId(push))
  assert.match(text('webhook-timestamp'), /^\d{10}$/)
  const secret = parseSecret(SECRET)
  assert.ok(secret.result === 'key')
  const signed = [text('webhook-id'), text('webhook-timestamp'), raw, text('webhook-signature')] as const
  assert.ok(isSignedBy([secret.key], ...signed))
  assert.ok(!isSignedBy([Buffer.alloc(32)], ...signed))
  new Webhook(SECRET).verify(
    raw,
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
  )
}

const LATER = '; Backstage learns of this push later\n'

/** The verdict is what it would be without a relay: accepted with one line, or refused without one. */
async function assertHarmless(
  name: string,
  waitMs: number,
  expected: RegExp,
  options: { command?: string[]; extraMs?: number } = {},
): Promise<void> {
  const { extraMs = 0, ...how } = options
  const good = await run(name, how)
  assert.equal(good.exitCode, 0, good.stdout)
  assert.match(good.stdout, /^warning: catalog-gate: [^\n]*\n$/)
  assert.match(good.stdout, expected)
  assert.ok(good.stdout.endsWith(LATER), good.stdout)
  assert.ok(good.tookMs < baseMs + waitMs + extraMs + PATIENCE_MS, `${good.tookMs} ms, ${baseMs} without relay`)
  const bad = await run(name, { ...how, input: direct.bad })
  assert.equal(bad.exitCode, 1)
  assert.doesNotMatch(bad.stdout, /relay|learns/)
}

suite('a relay that is not well', () => {
  test('refused', () => assertHarmless('refused', 0, /the relay cannot be reached \(ECONNREFUSED\)/))
  test('accepts and never answers', () => assertHarmless('raw', SHORT_MS, /the relay did not answer in time/))
  test('accepts and never answers the TLS handshake', () =>
    assertHarmless('rawTls', SHORT_MS, /no connection within 100 ms/))
  test('black-holed', () => assertHarmless('blackHole', SHORT_MS, /no connection within 100 ms/))
  test('black-holed, TLS', () => assertHarmless('blackHoleTls', SHORT_MS, /no connection within 100 ms/))
  test('answers a byte at a time', () => {
    rawAnswer = socket => {
      const text = 'HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n'
      let at = 0
      const timer = setInterval(() => (at < text.length ? socket.write(text[at++] ?? '') : clearInterval(timer)), 30)
      socket.on('close', () => clearInterval(timer))
    }
    return assertHarmless('raw', SHORT_MS, /did not answer in time/)
  })
  test('speaks something else', () => {
    rawAnswer = socket => socket.end('SSH-2.0-OpenSSH_9.2\r\n')
    return assertHarmless('rawPatient', LONG_MS, /cannot be reached \((it closed the connection|ECONNRESET|EPIPE)\)/)
  })
  test('floods', () => {
    rawAnswer = socket => {
      const flood = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 'x')));
      }
      socket.on('drain', flood)
      flood()
    }
    return assertHarmless('raw', SHORT_MS, /did not answer in time|cannot be reached/)
  })
  test('hangs up at once', () => {
    rawAnswer = socket => socket.destroy()
    return assertHarmless('rawPatient', LONG_MS, /cannot be reached \((it closed the connection|ECONNRESET|EPIPE)\)/)
  })
  test('answers in time, split within the status line', async () => {
    rawAnswer = socket => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 2')
        setImmediate(() => socket.write('02 Accepted\r\ncontent-length: 0\r\n\r\n'))
      })
    }
    assert.equal((await run('rawPatient')).stdout, '')
  })

  for (const status of [400, 401, 404, 413, 429, 500, 503, 301, 200, 204]) {
    test(`answers ${status}`, async () => {
      answer = (_request, response) => response.writeHead(status, { 'retry-after': '5' }).end()
      await assertHarmless('http', LONG_MS, new RegExp(`the relay refused the message \\(${status}\\)`))
    })
  }
  test('refuses one of two messages', async () => {
    answer = (request, response) => response.writeHead(received.length > 1 ? 500 : 202).end(request.url)
    const both = await run('http', { input: direct.good + direct.good.replace('main', 'topic') })
    assert.match(both.stdout, /refused the message \(500\)/)
    assert.equal(both.exitCode, 0)
  })
})

suite('TLS that is not right', () => {
  test('another authority', () => assertHarmless('otherCa', LONG_MS, /cannot be reached \((UNABLE|SELF|CERT)[A-Z_]*\)/))
  test('an authority that is not among the usual ones', () =>
    assertHarmless('noCa', LONG_MS, /cannot be reached \((UNABLE|SELF|CERT)[A-Z_]*\)/))
  test('a certificate for another name', () =>
    assertHarmless('wrongName', LONG_MS, /cannot be reached \(ERR_TLS_CERT_ALTNAME_INVALID\)/))
  test('TLS to a port that has none', () => assertHarmless('tlsToPlain', LONG_MS, /cannot be reached/))
  test('no TLS to a port that wants it', async () => {
    const good = await run('plainToTls')
    assert.match(good.stdout, /^warning: catalog-gate: the relay (cannot be reached|refused)[^\n]*\n$/)
  })
  test('the file of the authority is missing', () =>
    assertHarmless('missingCa', 0, /a file of the relay's set-up cannot be read \(ENOENT\)/))
})

suite('the secret', () => {
  const file = () => join(host.directory, 'relay.secret')
  after(() => writeFileSync(file(), `${SECRET}\n`))

  const unusable: [string, string, RegExp][] = [
    ['empty', '', /does not begin with "whsec_"/],
    ['without its prefix', SECRET.slice(6), /does not begin with "whsec_"/],
    ['too short', 'whsec_c2hvcnQ=', /has 5 bytes; expected 24 to 64/],
    ['not base64', `${SECRET}!!`, /is not base64/],
    ['two lines', `${SECRET}\n${SECRET}`, /is not base64/],
  ]
  for (const [what, text, expected] of unusable) {
    test(what, async () => {
      writeFileSync(file(), text)
      await assertHarmless('http', 0, expected)
      assert.equal(received.length, 0)
    })
  }
  test('missing, a folder, and a line break at its end', async () => {
    rmSync(file())
    await assertHarmless('http', 0, /cannot be read \(ENOENT\)/)
    mkdirSync(file())
    await assertHarmless('http', 0, /cannot be read \(EISDIR\)/)
    rmSync(file(), { recursive: true })
    writeFileSync(file(), `${SECRET}\r\n`)
    assert.equal((await run('http')).stdout, '')
  })
  test('unreadable', async () => {
    // Root reads every file: a link to itself is unreadable for everyone.
    renameSync(file(), `${file()}.kept`)
    execFileSync('ln', ['-s', 'relay.secret', file()])
    await assertHarmless('http', 0, /cannot be read \(ELOOP\)/)
    rmSync(file())
    renameSync(`${file()}.kept`, file())
    chmodSync(file(), 0o400)
    assert.equal((await run('http')).stdout, '')
  })
})

suite('a relay with a name', () => {
  const mount = (files: Record<string, string>): string[] => {
    const mounts = Object.entries(files).map(([target, text], i) => {
      const source = join(host.directory, `mount-${mountCount++}-${i}`)
      writeFileSync(source, text)
      return `mount --bind '${source}' '${target}'`
    })
    return [...inNamespace(), 'sh', '-c', `${mounts.join(' && ')} && exec "$@"`, '-']
  }
  let mountCount = 0
  const resolver = { '/etc/hosts': '127.0.0.1 localhost\n', '/etc/resolv.conf': `nameserver ${NAME_SERVER}\n` }

  test('in /etc/hosts, with a comment, blanks and other letters', async () => {
    const hosts = `# x\n127.0.0.1\tlocalhost\n  127.0.0.1   Relay.TEST other # ${NAME}\n`
    assert.equal((await run('namedPatient', { command: mount({ '/etc/hosts': hosts }) })).stdout, '')
    assert.equal((await run('namedTls', { command: mount({ '/etc/hosts': hosts }) })).stdout, '')
    assert.equal(received.length, 2)
  })

  test('the name server is not there', () =>
    assertHarmless('named', SHORT_MS, /the relay cannot be reached/, { command: mount(resolver), extraMs: 60 }))

  test('the name server is silent', async t => {
    const server = createSocket('udp4')
    t.after(() => server.close())
    server.bind(53, NAME_SERVER)
    await once(server, 'listening')
    await assertHarmless('named', SHORT_MS, /the relay cannot be reached/, { command: mount(resolver), extraMs: 60 })
  })

  test('three silent name servers', async t => {
    const server = createSocket('udp4')
    t.after(() => server.close())
    server.bind(53, NAME_SERVER)
    await once(server, 'listening')
    const three = { ...resolver, '/etc/resolv.conf': `nameserver ${NAME_SERVER}\n`.repeat(3) }
    await assertHarmless('named', SHORT_MS, /the relay cannot be reached/, { command: mount(three), extraMs: 60 })
  })

  test('the name server knows it, or does not', async t => {
    const server = createSocket('udp4')
    t.after(() => server.close())
    let known = true
    server.on('message', (question, from) => server.send(dnsAnswer(question, known), from.port, from.address))
    server.bind(53, NAME_SERVER)
    await once(server, 'listening')
    assert.equal((await run('namedPatient', { command: mount(resolver) })).stdout, '')
    assert.equal((await run('namedTls', { command: mount(resolver) })).stdout, '')
    assert.equal(received.length, 2)
    known = false
    await assertHarmless('named', SHORT_MS, /the relay cannot be reached/, { command: mount(resolver), extraMs: 60 })
  })

  test('no /etc/hosts and no /etc/resolv.conf', async () => {
    const command = [...inNamespace(), 'sh', '-c', 'mount -t tmpfs none /etc && exec "$@"', '-']
    await assertHarmless('named', SHORT_MS, /the relay cannot be reached/, { command, extraMs: 60 })
  })
})

/** An answer with 127.0.0.1 to a question for an A record, an empty one to any other. */
function dnsAnswer(question: Buffer, known: boolean): Buffer {
  const end = question.indexOf(0, 12) + 5
  const isA = question.readUInt16BE(end - 4) === 1 && known
  const head = Buffer.from(question.subarray(0, 12))
  head.writeUInt16BE(known ? 0x8180 : 0x8183, 2)
  head.writeUInt16BE(isA ? 1 : 0, 6)
  head.writeUInt32BE(0, 8)
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1])
  return Buffer.concat([head, question.subarray(12, end), ...(isA ? [record] : [])])
}
