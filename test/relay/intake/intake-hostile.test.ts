// Senders that are slow, broken or hostile, on real sockets: each is answered or cut off, and nobody else notices.
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import type { Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { BodyBudget } from '../../../relay/intake/body-budget.ts'
import { UnsignedConnections } from '../../../relay/intake/unsigned.ts'
import { LIMITS } from '../../../relay/runtime/limits.ts'
import { BACKSTAGE_KEY, signedHeaders } from '../../support/relay-process.ts'
import { numberedPush } from '../movable-ghes.ts'
import { openIntakeFixture, RawSender, rawNotification, steered } from './intake-fixture.ts'

const body = JSON.stringify(numberedPush(1, 10))
/** Long enough for a good sender on a busy machine. */
const times = { headersMs: 1000, requestMs: 1500, checkMs: 20 }
let fixture: Awaited<ReturnType<typeof openIntakeFixture>>

before(async () => {
  fixture = await openIntakeFixture({ times })
})
after(() => fixture.end())

const sender = () => new RawSender(fixture.port)

/** A good sender is served while `bad` are connected. */
const servedBeside = (...bad: RawSender[]): Promise<void> => servedAt(fixture.port, bad)

async function servedAt(port: number, bad: RawSender[]): Promise<void> {
  await Promise.all(
    bad.map(({ socket }) => (socket.connecting ? new Promise(r => socket.once('connect', r)) : undefined)),
  )
  const good = new RawSender(port).write(rawNotification(body, { connection: 'close' }) + body)
  await good.closed
  assert.deepEqual(good.statuses(), [202])
}

test('slow headers, slow bodies and silence are cut off in their time; a good sender is served meanwhile', async () => {
  const startedMs = performance.now()
  const silent = sender()
  const headers = sender().write('POST /v1/pushes HTTP/1.1\r\nhost: x\r\n')
  const half = sender().write(rawNotification(body) + body.slice(0, 50))
  // A byte now and then keeps no connection alive: the time is for the whole request.
  const drip = sender().write(rawNotification(body))
  const dripping = setInterval(() => drip.socket.writable && drip.write(' '), 20)
  const all = [silent, headers, half, drip]
  await servedBeside(...all)
  await Promise.all(all.map(({ closed }) => closed))
  clearInterval(dripping)
  assert.ok(performance.now() - startedMs < 60_000)
  for (const one of [headers, half, drip]) assert.deepEqual(one.statuses(), [408])
})

test('10,000 bytes of garbage, also behind a good request on the same connection', async () => {
  const garbage = Buffer.alloc(10_000, '\x16\x03\x01\x00 garbage\r\n')
  const alone = sender().write(garbage)
  const behind = sender().write(Buffer.concat([Buffer.from(rawNotification(body) + body), garbage]))
  await servedBeside(alone, behind)
  await Promise.all([alone.closed, behind.closed])
  assert.deepEqual(alone.statuses(), [400])
  assert.deepEqual(behind.statuses().at(-1), 400)
})

test('content-length: too long waits and is cut off, too short breaks the signature, two of them are refused', async () => {
  const longer = sender().write(rawNotification(body, { 'content-length': String(body.length + 10) }) + body)
  const shorter = sender().write(rawNotification(body, { 'content-length': String(body.length - 10) }) + body)
  const both = sender().write(rawNotification(body).replace('\r\n\r\n', '\r\ncontent-length: 1\r\n\r\n') + body)
  const smuggled = sender().write(rawNotification(body, { 'transfer-encoding': 'chunked' }) + body)
  const negative = sender().write(rawNotification(body, { 'content-length': '-1' }) + body)
  await Promise.all([longer, shorter, both, smuggled, negative].map(({ closed }) => closed))
  assert.deepEqual(longer.statuses(), [408])
  // What is left over is no request: whether the 401 is out by then is a matter of luck.
  assert.equal(shorter.statuses().at(-1), 400)
  for (const one of [both, smuggled, negative]) assert.deepEqual(one.statuses(), [400])
})

test('chunked bodies are taken; one that breaks off, or has no end, is not', async () => {
  const head = rawNotification(body, { 'transfer-encoding': 'chunked' }).replace(/content-length: \d+\r\n/, '')
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
  const good = sender().write(`${head}${chunk(body.slice(0, 9))}${chunk(body.slice(9))}0\r\n\r\n`)
  await good.answered(/ 202 /)
  good.socket.destroy()
  const bad = sender().write(`${head}zz\r\n`)
  const endless = sender().write(head)
  const flood = () => {
    while (endless.socket.writable && endless.socket.write(chunk('x'.repeat(16_384))));
  }
  endless.socket.on('drain', flood)
  flood()
  const broken = sender().write(head + chunk(body.slice(0, 9)))
  broken.socket.end()
  await Promise.all([bad, endless, broken].map(({ closed }) => closed))
  assert.deepEqual(bad.statuses(), [400])
  assert.deepEqual(endless.statuses(), [413])
  await servedBeside()
})

test('headers beyond 16 KiB: 431', async () => {
  const huge = sender().write(rawNotification(body, { 'x-huge': 'x'.repeat(LIMITS.headerBytes) }))
  const many = sender().write(
    rawNotification(body, Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`x-${i}`, 'y']))),
  )
  await Promise.all([huge.closed, many.closed])
  assert.deepEqual([huge.statuses(), many.statuses()], [[431], [431]])
})

test('HTTP/1.0 is served and closed; without a host HTTP/1.1 is refused', async () => {
  const old = sender().write(rawNotification(body, {}, '1.0') + body)
  await old.closed
  assert.deepEqual(old.statuses(), [202])
  const nameless = sender().write(rawNotification(body).replace('host: relay\r\n', '') + body)
  await nameless.closed
  assert.deepEqual(nameless.statuses(), [400])
})

test('Expect: 100-continue: the body is asked for once the headers are right, and never otherwise', async () => {
  const good = sender().write(rawNotification(body, { expect: '100-continue' }))
  await good.answered(/ 100 Continue/)
  good.write(body)
  await good.answered(/ 202 /)
  assert.deepEqual(good.statuses(), [100, 202])
  good.socket.destroy()
  const late = sender().write(rawNotification(body, { expect: '100-continue', 'webhook-timestamp': '1000000000' }))
  await late.answered(/ 401 /)
  assert.deepEqual(late.statuses(), [401])
  late.socket.destroy()
  const odd = sender().write(rawNotification(body, { expect: 'a miracle' }))
  await odd.answered(/ 417 /)
  odd.socket.destroy()
})

test('many requests on one connection are answered in their order', async () => {
  const one = sender()
  const wrong = `${rawNotification('{}')}{}`
  one.write((rawNotification(body) + body + wrong).repeat(50) + rawNotification(body, { connection: 'close' }) + body)
  await one.closed
  assert.deepEqual(one.statuses(), [...Array.from({ length: 50 }, () => [202, 400]).flat(), 202])
})

const upgrade = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-key': 'eA==' }
const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nhost: x\r\n${more}\r\n`
const unsigned = { 'content-length': '0', 'webhook-id': '' }
const inChunks = rawNotification(body, { 'transfer-encoding': 'chunked' }).replace(/content-length: \d+\r\n/, '')
/** What is sent, in whole or drop by drop; and the answer that it ends with, undefined for none. `ends`: half-closed by us. */
type Odd = Record<string, { sent: string | Buffer; drops?: boolean; ends?: boolean; status: number | undefined }>
const ODD: Odd = {
  'headers byte by byte': { sent: rawNotification(body) + body, drops: true, status: 408 },
  'a body byte by byte, and signed': { sent: body, drops: true, status: 408 },
  'ten thousand questions of health in one': { sent: get('/healthz').repeat(10_000), status: 200 },
  'ten thousand that nobody signed in one': { sent: rawNotification('', unsigned).repeat(10_000), status: 401 },
  '100-continue, and then nothing': { sent: rawNotification(body, { expect: '100-continue' }), status: 408 },
  'an upgrade of health': { sent: get('/healthz', 'connection: upgrade\r\nupgrade: h2c\r\n'), status: 200 },
  'an upgrade of a signed push': { sent: rawNotification(body, upgrade) + body, ends: true, status: 202 },
  CONNECT: { sent: 'CONNECT backstage:443 HTTP/1.1\r\nhost: backstage:443\r\n\r\n', status: undefined },
  'HTTP/2': { sent: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', status: 400 },
  'a whole address': { sent: get('http://backstage.test/healthz', 'connection: close\r\n'), status: 200 },
  'a request line of a megabyte': { sent: get(`/${'x'.repeat(1_000_000)}`), status: 431 },
  'ten thousand header lines': { sent: get('/healthz', 'a: b\r\n'.repeat(10_000)), status: 431 },
  'a header folded over lines': { sent: get('/healthz', 'a: b\r\n c\r\n'), status: 400 },
  'no line ends but LF': { sent: get('/healthz').replaceAll('\r', ''), status: 400 },
  'the line of a PROXY': { sent: `PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n${get('/healthz')}`, status: 400 },
  'the bytes of a PROXY': { sent: Buffer.from('0d0a0d0a000d0a515549540a20110000', 'hex'), status: 400 },
  'a signed push, and half closed': { sent: rawNotification(body) + body, ends: true, status: 202 },
  'half a signed push, and half closed': { sent: rawNotification(body) + body.slice(0, 99), ends: true, status: 400 },
  'half the headers, and half closed': { sent: rawNotification(body).slice(0, 99), ends: true, status: 400 },
  'a chunk with an extension of a megabyte': { sent: `${inChunks}1;a=${'x'.repeat(1_000_000)}\r\n{\r\n`, status: 400 },
  'chunks of a byte, an extension with each': {
    sent: `${inChunks}${'1;a="some quoted text"\r\n{\r\n'.repeat(10_000)}`,
    status: 408,
  },
  'a chunk whose size is of ten thousand zeros': { sent: `${inChunks}${'0'.repeat(10_000)}1\r\n{\r\n`, status: 408 },
  'a chunk larger than any memory': { sent: `${inChunks}ffffffffffffffffff\r\n{\r\n`, status: 400 },
  'a trailer of a megabyte': { sent: `${inChunks}0\r\na: ${'x'.repeat(1_000_000)}\r\n\r\n`, status: 431 },
  'a trailer without an end': { sent: `${inChunks}0\r\na: b\r\n`, status: 408 },
  'chunks without an end, and half closed': { sent: `${inChunks}1\r\n{\r\n`, ends: true, status: 400 },
  'blank lines byte by byte, and no request': { sent: '\r\n'.repeat(10_000), drops: true, status: 408 },
  'a hundred signed pushes in one, and half closed': {
    sent: (rawNotification(body) + body).repeat(100),
    ends: true,
    status: 202,
  },
  '100-continue, its body byte by byte': {
    sent: rawNotification(body, { expect: '100-continue' }) + body,
    drops: true,
    status: 408,
  },
  'nothing, and half closed': { sent: '', ends: true, status: undefined },
}
const sent = ({ status }: Odd[string]) => (status === 408 ? 'too slowly' : 'at once')
/** What is not about time has all the time of a busy machine. */
for (const [when, limits] of Object.entries({
  'at once': { ...times, headersMs: 60_000, requestMs: 60_000 },
  'too slowly': times,
}))
  test(`odd requests, ${when}: they have their answer, or none; they end, and a good sender is served beside them`, async () => {
    const { port, end } = await openIntakeFixture({ times: limits })
    const rows = Object.entries(ODD).filter(([, row]) => sent(row) === when)
    const odd = rows.map(([what, { sent, drops, ends, status }]) => {
      const one = new RawSender(port)
      if (what.startsWith('a body')) one.write(rawNotification(body))
      if (!drops) one.write(sent)
      if (ends) one.socket.end()
      const drop = (at: number) => {
        if (one.socket.writable && at < sent.length) one.write(sent.slice(at, at + 1) as string)
        else clearInterval(dripping)
      }
      let at = 0
      const dripping = drops ? setInterval(() => drop(at++), 20) : undefined
      return { what, one, status }
    })
    await servedAt(
      port,
      odd.map(({ one }) => one),
    )
    await Promise.all(odd.map(({ one }) => one.closed))
    assert.deepEqual(
      Object.fromEntries(odd.map(({ what, one }) => [what, one.statuses().at(-1)])),
      Object.fromEntries(odd.map(({ what, status }) => [what, status])),
    )
    await end()
  })

test('connections beyond the limit are closed at once; the others are served', async () => {
  const limited = await openIntakeFixture({ times })
  limited.app.server.maxConnections = 3
  try {
    const held = [1, 2].map(() => new RawSender(limited.port))
    await Promise.all(held.map(({ socket }) => new Promise(resolve => socket.once('connect', resolve))))
    const good = new RawSender(limited.port)
    await new Promise(resolve => good.socket.once('connect', resolve))
    const beyond = new RawSender(limited.port)
    await beyond.closed
    good.write(rawNotification(body, { connection: 'close' }) + body)
    await good.closed
    assert.deepEqual(good.statuses(), [202])
    await Promise.all(held.map(({ closed }) => closed))
  } finally {
    await limited.end()
  }
})

test('429 with Retry-After while the backlog is above its limit, before the body is read', async () => {
  let open = 10
  const full = await openIntakeFixture({ backlogLimit: 10 }, store => steered(store, { backlog: () => open }))
  try {
    const refused = new RawSender(full.port).write(rawNotification(body))
    await refused.answered(/ 429 /)
    assert.match(refused.text, /retry-after: \d+/)
    refused.socket.destroy()
    open = 9
    const taken = new RawSender(full.port).write(rawNotification(body, { connection: 'close' }) + body)
    await taken.closed
    assert.deepEqual(taken.statuses(), [202])
  } finally {
    await full.end()
  }
})

const connected = (...senders: RawSender[]) =>
  Promise.all(senders.map(({ socket }) => (socket.connecting ? once(socket, 'connect') : undefined)))

test('connections that have signed nothing share a budget: the idlest of the address goes first, and whoever has signed is not in it', async () => {
  const small = await openIntakeFixture({ budgets: { unsigned: { perAddress: 4, overAll: 100 } } })
  const open = () => new RawSender(small.port)
  try {
    const signed = open().write(rawNotification(body) + body)
    await signed.answered(/ 202 /)
    const asked = Object.entries(signedHeaders(Buffer.alloc(0), 'msg_module', BACKSTAGE_KEY))
    const lines = asked.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const module = open().write(get('/v1/repositories', lines))
    await module.answered(/ 200 /)
    const idle = Array.from({ length: 3 }, open)
    await connected(...idle)
    const busy = open().write(rawNotification(body) + body.slice(0, 9))
    const later: RawSender[] = []
    for (let i = 0; i < 3; i++) {
      const one = open()
      await connected(one)
      later.push(one)
      await idle[i]?.closed
    }
    signed.write(rawNotification(body, { 'webhook-id': 'msg_raw' }) + body)
    busy.write(body.slice(9))
    await Promise.all([signed.answered(/ 202 .* 202 /s), busy.answered(/ 202 /)])
    for (const { socket } of [module, ...later]) assert.equal(socket.closed, false)
  } finally {
    await small.end()
  }
})

test('a port that comes again before its former connection is known to be closed is counted', () => {
  const budget = new UnsignedConnections({ perAddress: 2, overAll: 9 })
  const closed: number[] = []
  const admit = (remotePort: number, n: number) => {
    const destroy = () => closed.push(n)
    const socket = Object.assign(new EventEmitter(), { remoteAddress: '10.0.0.9', remotePort, destroy })
    budget.admit(socket as unknown as Socket)
    return socket
  }
  const former = admit(1, 1)
  admit(1, 2)
  former.emit('close')
  admit(2, 3)
  admit(3, 4)
  assert.deepEqual(closed, [2])
})

test('the body that was idle for longest makes room, and a finished one needs none', () => {
  const budget = new BodyBudget(4 * 1024)
  const dropped: string[] = []
  const open = (name: string) => budget.open(() => dropped.push(name))
  const [first, second, third] = [open('first'), open('second'), open('third')]
  for (const one of [first, second, third, first]) one.took(512)
  const fourth = open('fourth')
  fourth.took(1400)
  assert.deepEqual(dropped, ['second'])
  third.end()
  fourth.took(512)
  assert.deepEqual(dropped, ['second'])
})

test('unfinished bodies share a budget over all connections: too many are refused, and a good sender never', async () => {
  const mebibyte = 1024 * 1024
  const small = await openIntakeFixture({ budgets: { bodyBytes: 4 * mebibyte } })
  const headers = {
    'x-hub-signature-256': `sha256=${'0'.repeat(64)}`,
    'x-github-delivery': 'd',
    'x-github-event': 'push',
  }
  const head = rawNotification('', { ...headers, 'content-length': String(5 * mebibyte) }).replace('pushes', 'github')
  try {
    const open = Array.from({ length: 6 }, () => new RawSender(small.port))
    for (const sender of open) sender.write(head).write(Buffer.alloc(mebibyte))
    const isOpen = ({ socket }: RawSender) => !socket.closed
    while (open.filter(isOpen).length > 4) await Promise.race(open.filter(isOpen).map(({ closed }) => closed))
    const refused = open.filter(one => !isOpen(one))
    assert.ok(refused.length <= 3, `${refused.length} of 6`)
    for (const one of refused) assert.deepEqual(one.statuses(), [503])
    const good = new RawSender(small.port).write(rawNotification(body, { connection: 'close' }) + body)
    await good.closed
    assert.deepEqual(good.statuses(), [202])
    for (const { socket } of open) socket.destroy()
  } finally {
    await small.end()
  }
})

test('a refused body is not read on, its sender sees the answer, and the connection ends, as after questions of health', async () => {
  const sockets: Socket[] = []
  const onConnection = (socket: Socket) => void sockets.push(socket)
  fixture.app.server.on('connection', onConnection)
  const refused = sender().write(rawNotification(body, { 'webhook-timestamp': '1', 'content-length': String(60_000) }))
  const endless = sender().write(rawNotification(body, { 'content-length': String(2 ** 40) }))
  const flood = () => {
    while (endless.socket.writable && endless.socket.write(Buffer.alloc(65_536)));
  }
  endless.socket.on('drain', flood)
  flood()
  const health = ['/healthz', '/readyz', '/nowhere'].map(path =>
    sender().write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`),
  )
  await Promise.all([refused, endless, ...health].map(({ closed }) => closed))
  fixture.app.server.off('connection', onConnection)
  assert.deepEqual(
    [refused, endless, ...health].map(one => one.statuses()),
    [[401], [413], [200], [200], [404]],
  )
  for (const { bytesRead } of sockets) assert.ok(bytesRead < 300_000, `${bytesRead} bytes were read`)
})
