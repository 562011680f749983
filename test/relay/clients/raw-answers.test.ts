// What comes over the wire and is no answer: cut off, endless, packed, another protocol. Both clients call it trouble, in time, in a sentence, and go on.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type BackstageApi, openBackstage } from '../../../relay/clients/backstage.ts'
import { type GhesApi, openGhes } from '../../../relay/clients/ghes/ghes.ts'

type Raw = (socket: Socket) => void

const send =
  (...parts: (string | Buffer)[]): Raw =>
  socket => {
    for (const part of parts) socket.write(part)
    socket.end()
  }

/** The same again and again, as long as somebody reads. */
const endless = (head: string, part: string): Raw => {
  return socket => {
    const go = () => {
      while (socket.writable && socket.write(part));
    }
    socket.write(head)
    socket.on('drain', go)
    go()
  }
}

const ok = 'HTTP/1.1 200 OK\r\n'
const notFound = JSON.stringify({ error: { name: 'NotFoundError', message: 'x' } })
const packed = gzipSync(notFound)
const filler = 'x'.repeat(65_536)

const ANSWERS: Readonly<Record<string, Raw>> = {
  'nothing at all': socket => socket.end(),
  'a reset': socket => socket.resetAndDestroy(),
  'a body that is cut off': send(`${ok}content-length: 100\r\n\r\n{"a":`),
  'a chunked body that is cut off': send(`${ok}transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n`),
  'headers that are cut off': send(`${ok}content-le`),
  'a body that never ends': endless(`${ok}\r\n`, filler),
  'a chunked body that never ends': endless(
    `${ok}transfer-encoding: chunked\r\n\r\n`,
    `${filler.length.toString(16)}\r\n${filler}\r\n`,
  ),
  'a body of 1 GB': endless(`${ok}content-length: 1073741824\r\n\r\n`, filler),
  'a 200 that ends with its connection, before its body or without one': send(`${ok}\r\n`),
  'HTTP/1.0 and nothing': send('HTTP/1.0 200 OK\r\n\r\n'),
  'a length that is too short': send(`${ok}content-length: 2\r\ncontent-type: application/json\r\n\r\n{}{"a":1}`),
  'a length that is none': send(`${ok}content-length: -1\r\n\r\n{}`),
  'a chunk that is longer than it says': send(`${ok}transfer-encoding: chunked\r\n\r\n1\r\n{}{}\r\n0\r\n\r\n`),
  'headers that never end': endless(ok, `x-a: ${'x'.repeat(1000)}\r\n`),
  'a header that never ends': endless(`${ok}x-a: `, filler),
  'interim answers that never end': endless('', 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'),
  'another protocol, asked for by nobody': send(
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
  ),
  'a shell': send('SSH-2.0-OpenSSH_9.2\r\n'),
  'TLS, to a plain question': send(Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46])),
  'HTTP/2, to a plain question': send(Buffer.from('000012040000000000000300000064', 'hex')),
  'a status without a meaning': send('HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n'),
  'a status that is none': send('HTTP/1.1 2 OK\r\ncontent-length: 0\r\n\r\n'),
  'two lengths': send(`${ok}content-length: 2\r\ncontent-length: 3\r\n\r\n{}}`),
  'a length and chunks': send(`${ok}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
  'a header with a control character': send(
    `${ok}x-a: \x01\x7f\r\ncontent-length: 0\r\ncontent-type: text/plain\r\n\r\n`,
  ),
  'HTTP/1.0, a page until the end': send('HTTP/1.0 200 OK\r\ncontent-type: text/html\r\n\r\n<html>'),
  'gzip, though nobody has asked for it': send(
    `HTTP/1.1 404 Not Found\r\ncontent-encoding: gzip\r\ncontent-type: application/json\r\ncontent-length: ${packed.length}\r\n\r\n`,
    packed,
  ),
  'JSON that is cut off, whole by its length': send(
    `${ok}content-type: application/json\r\ncontent-length: 9\r\n\r\n{"object"`,
  ),
  'JSON a mile deep': send(`${ok}connection: close\r\n\r\n${'['.repeat(200_000)}`),
  'a prototype': send(`${ok}connection: close\r\n\r\n{"__proto__":{"object":{"sha":"${'b'.repeat(40)}"}}}`),
  'bytes that are no text': send(`${ok}connection: close\r\n\r\n`, Buffer.from([0xff, 0xfe, 0x00, 0xc3])),
}

let answer: Raw = () => {}
let server: Server
let ghes: GhesApi
let backstage: BackstageApi
const faults: unknown[] = []
const onFault = (error: unknown) => faults.push(error)

before(async () => {
  server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => answer(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const common = { token: () => 'secret-token', now: () => 1_800_000_000_000 }
  ghes = openGhes({ ...common, baseUrl: `${baseUrl}/api/v3`, timeoutMs: 1000 })
  backstage = openBackstage({ ...common, baseUrl, timeoutMs: 1000 })
  process.on('uncaughtException', onFault)
  process.on('unhandledRejection', onFault)
})
after(async () => {
  process.off('uncaughtException', onFault)
  process.off('unhandledRejection', onFault)
  await Promise.all([ghes.close(), backstage.close()])
  server.close()
})

for (const [what, raw] of Object.entries(ANSWERS)) {
  test(what, async () => {
    answer = raw
    const results = await Promise.all([
      ghes.branch({ owner: 'acme', name: 'svc' }, 'main'),
      ghes.repository({ owner: 'acme', name: 'svc' }),
      backstage.refresh('component:default/x'),
      backstage.register('https://ghe.test/acme/svc/blob/main/catalog-info.yaml'),
      backstage.origins(['component:default/x']),
      backstage.reach(),
    ])
    for (const result of results) {
      assert.equal(result.result, 'trouble')
      const { reason } = result as { reason: string }
      assert.ok(reason.length > 10 && reason.length < 500, reason)
      assert.doesNotMatch(reason, /secret-token|[\0-\x1f]/)
    }
    assert.deepEqual(faults, [])
  })
}
