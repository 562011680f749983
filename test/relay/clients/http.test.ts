// The door out: whose certificates it trusts, and the proxies of the environment.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { CallFailed, openTarget } from '../../../relay/clients/http.ts'
import { StandIn } from '../../support/stand-in.ts'

const ok = { kind: () => 'any', answer: () => ({ status: 200, body: 'hello' }) }
const limits = { timeoutMs: 60_000, answerBytes: 1000 }

function certificate(t: { after: (undo: () => void) => void }): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-ca-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  execFileSync('openssl', ['req', '-x509', '-nodes', ...curve, '-keyout', key, '-out', cert, ...name], {
    stdio: 'pipe',
  })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

test('a private certificate authority is trusted when it is configured, and only then', async t => {
  const tls = certificate(t)
  const server = await new StandIn(ok, { tls }).start()
  t.after(() => server.stop())
  const call = { method: 'GET', url: `${server.url}/x`, headers: {} } as const
  const stranger = openTarget({ baseUrl: server.url, ...limits })
  await assert.rejects(stranger.call(call), /CallFailed: .*(self-signed|certificate)/)
  await stranger.close()
  const friend = openTarget({ baseUrl: server.url, ca: tls.cert, ...limits })
  assert.equal((await friend.call(call)).body, 'hello')
  await friend.close()
})

test('HTTPS_PROXY is used, NO_PROXY is not', async t => {
  const tls = certificate(t)
  const server = await new StandIn(ok, { tls }).start()
  t.after(() => server.stop())
  const asked: string[] = []
  const proxy = createServer()
  proxy.on('connect', (request, client) => {
    asked.push(request.url ?? '')
    const onward = connect(server.port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      onward.pipe(client).pipe(onward)
    })
    onward.on('error', () => client.destroy())
    client.on('error', () => onward.destroy())
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    proxy.closeAllConnections()
    proxy.close()
    delete process.env['HTTPS_PROXY']
    delete process.env['NO_PROXY']
  })
  process.env['HTTPS_PROXY'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const call = { method: 'GET', url: `${server.url}/x`, headers: {} } as const
  const through = openTarget({ baseUrl: server.url, ca: tls.cert, ...limits })
  assert.equal((await through.call(call)).body, 'hello')
  assert.deepEqual(asked, [`127.0.0.1:${server.port}`])
  await through.close()
  process.env['NO_PROXY'] = '127.0.0.1'
  const straight = openTarget({ baseUrl: server.url, ca: tls.cert, ...limits })
  assert.equal((await straight.call(call)).body, 'hello')
  assert.equal(asked.length, 1)
  await straight.close()
})

/** A proxy for plain HTTP: takes the whole address in the request line and asks on. */
async function forwardProxy(t: TestContext, status?: number): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (status !== undefined) return void response.writeHead(status).end()
    const { method, headers } = request
    const onward = httpRequest(request.url ?? '', { method, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  proxy.on('connect', (_request, client) => client.end(`HTTP/1.1 ${status ?? 502} No\r\n\r\n`))
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    proxy.closeAllConnections()
    proxy.close()
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']) delete process.env[name]
  })
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked }
}

test('HTTP_PROXY is used for a plain target, with its body and its answer', async t => {
  const server = await new StandIn({
    kind: () => 'any',
    answer: ({ method, body }) => ({ status: 201, body: `${method} ${body}` }),
  }).start()
  t.after(() => server.stop())
  const proxy = await forwardProxy(t)
  process.env['HTTP_PROXY'] = proxy.url
  const target = openTarget({ baseUrl: server.url, ...limits })
  const call = { method: 'POST', url: `${server.url}/x`, headers: {}, body: 'hello' } as const
  assert.deepEqual(await target.call(call).then(({ status, body }) => ({ status, body })), {
    status: 201,
    body: 'POST hello',
  })
  assert.deepEqual(proxy.asked, [`${server.url}/x`])
  await target.close()
})

test('a proxy that refuses is a failed call, and the target is not asked past it', async t => {
  const tls = certificate(t)
  const server = await new StandIn(ok, { tls }).start()
  t.after(() => server.stop())
  const proxy = await forwardProxy(t, 407)
  process.env['HTTPS_PROXY'] = proxy.url
  const target = openTarget({ baseUrl: server.url, ca: tls.cert, ...limits })
  await assert.rejects(target.call({ method: 'GET', url: `${server.url}/x`, headers: {} }), CallFailed)
  assert.equal(server.count(), 0)
  await target.close()
})

test('the CA of one target is not trusted for another', async t => {
  const [mine, theirs] = [certificate(t), certificate(t)]
  const server = await new StandIn(ok, { tls: mine }).start()
  t.after(() => server.stop())
  const other = openTarget({ baseUrl: server.url, ca: theirs.cert, ...limits })
  await assert.rejects(other.call({ method: 'GET', url: `${server.url}/x`, headers: {} }), /certificate/)
  await other.close()
})
