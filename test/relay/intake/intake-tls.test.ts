// Our own certificate on `listen`: spoken over TLS, exchanged without a restart, and every problem of its files said at once.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { openTls, type Tls } from '../../../relay/config/tls.ts'
import { Authority, type Pair } from '../../support/certificates.ts'
import { HOOK_SECRET, notify, startRelayProcess } from '../../support/relay-process.ts'
import { numberedPush } from '../movable-ghes.ts'
import { type IntakeFixture, openIntakeFixture } from './intake-fixture.ts'

let folder: string
let authority: Authority
let server: Pair
let nowMs = Date.now()
const troubles: string[] = []

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'catalog-gate-tls-'))
  authority = new Authority(folder)
  server = authority.issue('relay', 30)
})
after(() => rmSync(folder, { recursive: true, force: true }))

function openedTls(files: Parameters<typeof openTls>[0]): Tls {
  const opened = openTls(files, { folder, now: () => nowMs, onTrouble: text => void troubles.push(text) })
  assert.ok('tls' in opened, JSON.stringify(opened))
  return opened.tls
}

const problemsOf = (files: Parameters<typeof openTls>[0]) => {
  const opened = openTls(files, { folder, now: () => nowMs, onTrouble: () => {} })
  return 'problems' in opened ? opened.problems.map(problem => problem.replaceAll(folder, 'FOLDER')) : []
}

/** GET /healthz on a connection of its own. */
function get(fixture: IntakeFixture, options: RequestOptions): Promise<{ status: number; subject: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...options, host: '127.0.0.1', port: fixture.port, path: '/healthz', agent: false })
    asked.once('response', answer => {
      const certificate = (answer.socket as TLSSocket).getPeerCertificate()
      answer
        .resume()
        .once('end', () => resolve({ status: answer.statusCode ?? 0, subject: String(certificate.subject.CN) }))
    })
    asked.on('error', reject).end()
  })
}

test('speaks TLS 1.2 and 1.3 and nothing older; plain HTTP gets no answer', async () => {
  const fixture = await openIntakeFixture({ tls: openedTls(server) })
  const trust = { ca: authority.ca }
  try {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
      assert.equal((await get(fixture, { ...trust, maxVersion })).status, 200)
    const old = { ...trust, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await assert.rejects(get(fixture, old), /alert protocol version/)
    const plain = connectPlain(fixture.port, '127.0.0.1')
    let text = ''
    plain.on('data', chunk => {
      text += chunk
    })
    plain.end('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(plain, 'close')
    assert.ok(!text.includes('200'))
  } finally {
    await fixture.end()
  }
})

test('with a client CA only its clients get in', async () => {
  const clients = new Authority(folder, 'clients')
  const client = clients.issue('proxy')
  const stranger = new Authority(folder, 'strangers').issue('stranger')
  const fixture = await openIntakeFixture({ tls: openedTls({ ...server, clientCaFile: clients.caFile }) })
  const trust = { ca: authority.ca }
  try {
    assert.equal((await get(fixture, { ...trust, cert: client.cert, key: client.key })).status, 200)
    await assert.rejects(get(fixture, trust))
    await assert.rejects(get(fixture, { ...trust, cert: stranger.cert, key: stranger.key }))
  } finally {
    await fixture.end()
  }
})

test('a new certificate counts for the next connection; a half-written pair leaves the former in force and is told once', async () => {
  const [certFile, keyFile] = [join(folder, 'live.cert.pem'), join(folder, 'live.key.pem')]
  const next = authority.issue('relay-next', 30)
  copyFileSync(server.certFile, certFile)
  copyFileSync(server.keyFile, keyFile)
  chmodSync(keyFile, 0o600)
  const fixture = await openIntakeFixture({ tls: openedTls({ certFile, keyFile }) })
  const trust = { ca: authority.ca }
  const subject = async () => {
    nowMs += 1000
    return (await get(fixture, trust)).subject
  }
  try {
    assert.equal(await subject(), 'relay')
    troubles.length = 0
    writeFileSync(certFile, next.cert)
    assert.equal(await subject(), 'relay')
    assert.equal(await subject(), 'relay')
    assert.equal(troubles.length, 1)
    assert.match(troubles[0] ?? '', /is not the key of the certificate in .*; the former certificate stays in force$/)
    writeFileSync(keyFile, next.key)
    assert.equal(await subject(), 'relay-next')
    assert.ok(fixture.logged.join('').includes('the certificate was read again'))
  } finally {
    await fixture.end()
  }
})

test('a handshake that never comes is cut off', async () => {
  const fixture = await openIntakeFixture({ tls: openedTls(server), times: { handshakeMs: 50 } })
  try {
    const silent = connectPlain(fixture.port, '127.0.0.1')
      .on('error', () => {})
      .resume()
    await once(silent, 'close')
  } finally {
    await fixture.end()
  }
})

test('every problem of the files at once', () => {
  writeFileSync(join(folder, 'text.pem'), 'hello', { mode: 0o600 })
  copyFileSync(server.keyFile, join(folder, 'open.key.pem'))
  chmodSync(join(folder, 'open.key.pem'), 0o644)
  assert.deepEqual(problemsOf({ certFile: 'text.pem', keyFile: 'open.key.pem', clientCaFile: 'none.pem' }), [
    'listen.certFile: FOLDER/text.pem holds no certificate; expected PEM ("-----BEGIN CERTIFICATE-----")',
    'listen.keyFile: FOLDER/open.key.pem can be read by every user of this machine; run: chmod o-rwx FOLDER/open.key.pem',
    'listen.clientCaFile: cannot read FOLDER/none.pem: no such file',
  ])
  assert.match(problemsOf({ certFile: server.certFile, keyFile: 'text.pem' }).join(), /holds no private key/)
  const other = authority.issue('other')
  assert.match(
    problemsOf({ certFile: server.certFile, keyFile: other.keyFile }).join(),
    /is not the key of the certificate/,
  )
})

test('a certificate that ends soon is told', () => {
  troubles.length = 0
  openedTls(authority.issue('short', 2))
  assert.match(troubles.join(), /^listen\.certFile: the certificate ends on /)
})

test('the whole relay with `listen: { address, certFile, keyFile }`', async () => {
  const target = { baseUrl: 'http://127.0.0.1:9', token: 't' }
  const relay = await startRelayProcess({
    folder,
    ghe: { apiBaseUrl: 'http://127.0.0.1:9/api/v3', token: 't' },
    backstage: target,
    config: {
      listen: { address: '127.0.0.1:0', certFile: 'relay.cert.pem', keyFile: 'relay.key.pem' },
      secrets: { hook: [HOOK_SECRET] },
    },
  })
  try {
    assert.match(relay.listen, /^https:\/\/127\.0\.0\.1:\d+$/)
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(relay.listen).port), ca: authority.ca })
    await once(socket, 'secureConnect')
    socket.destroy()
    // Not trusted without our authority: it is really that certificate.
    await assert.rejects(notify(relay.listen, numberedPush(1, 1)))
  } finally {
    await relay.stop()
  }
})
