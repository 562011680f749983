// Nothing that a relay does, or does not do, changes a verdict or holds a push without end: a relay that is not well, TLS, the secret.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { after, before, beforeEach, suite, test } from 'node:test'
import { NotifyFixture, SECRET } from './notify-fixture.ts'

let fixture: NotifyFixture
before(async () => {
  fixture = await NotifyFixture.open()
})
beforeEach(() => fixture.reset())
after(() => fixture.close())

/** A busy machine can be too slow for the connection itself. */
const UNANSWERED = /the relay did not answer in time|no connection within 100 ms/

suite('a relay that is not well', () => {
  test('refused', () => fixture.assertHarmless('refused', /the relay cannot be reached \(ECONNREFUSED\)/))
  test('accepts and never answers', () => fixture.assertHarmless('raw', UNANSWERED))
  test('accepts and never answers the TLS handshake', () =>
    fixture.assertHarmless('rawTls', /no connection within 100 ms/))
  test('black-holed', () => fixture.assertHarmless('blackHole', /no connection within 100 ms/))
  test('black-holed, TLS', () => fixture.assertHarmless('blackHoleTls', /no connection within 100 ms/))
  test('answers a byte at a time', () => {
    fixture.rawAnswer = socket => {
      const text = 'HTTP/1.1 20'
      let at = 0
      socket.once('data', () => {
        const timer = setInterval(() => (at < text.length ? socket.write(text[at++] ?? '') : clearInterval(timer)), 30)
        socket.on('close', () => clearInterval(timer))
      })
    }
    return fixture.assertHarmless('raw', UNANSWERED)
  })
  test('speaks something else', () => {
    fixture.rawAnswer = socket => socket.end('SSH-2.0-OpenSSH_9.2\r\n')
    return fixture.assertHarmless('rawPatient', /cannot be reached \((it closed the connection|ECONNRESET|EPIPE)\)/)
  })
  test('floods', () => {
    fixture.rawAnswer = socket => {
      const flood = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 'x')));
      }
      socket.on('drain', flood)
      flood()
    }
    return fixture.assertHarmless('raw', /did not answer in time|cannot be reached/)
  })
  test('hangs up at once', () => {
    fixture.rawAnswer = socket => socket.destroy()
    return fixture.assertHarmless('rawPatient', /cannot be reached \((it closed the connection|ECONNRESET|EPIPE)\)/)
  })
  test('answers in time, split within the status line', async () => {
    // The question behind it finds nobody any more: else the hook would wait for its answer, too.
    fixture.rawAnswer = socket => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 2')
        setImmediate(() => socket.end('02 Accepted\r\ncontent-length: 0\r\n\r\n'))
      })
    }
    assert.equal((await fixture.run('rawPatient')).stdout, '')
  })

  for (const status of [400, 401, 404, 413, 429, 500, 503, 301, 200, 204]) {
    test(`answers ${status}`, async () => {
      fixture.answer = (_request, response) => response.writeHead(status, { 'retry-after': '5' }).end()
      await fixture.assertHarmless('http', new RegExp(`the relay refused the message \\(${status}\\)`), {
        onlyGood: status !== 500,
      })
    })
  }
  test('refuses one of two messages', async () => {
    fixture.answer = (request, response) => response.writeHead(fixture.received.length > 1 ? 500 : 202).end(request.url)
    const both = await fixture.run('http', {
      input: fixture.direct.good + fixture.direct.good.replace('main', 'topic'),
    })
    assert.match(both.stdout, /refused the message \(500\)/)
    assert.equal(both.exitCode, 0)
  })
})

test('an environment that asks Node for other authorities changes nothing', async () => {
  const env = { NODE_USE_SYSTEM_CA: '1', NODE_OPTIONS: '--use-bundled-ca' }
  const good = await fixture.run('https', { env })
  assert.deepEqual([good.exitCode, good.stdout, fixture.received.length], [0, '', 1])
  const wrong = await fixture.run('https', { env, input: fixture.direct.bad })
  assert.equal(wrong.exitCode, 1)
})

suite('TLS that is not right', () => {
  test('another authority', () => fixture.assertHarmless('otherCa', /cannot be reached \((UNABLE|SELF|CERT)[A-Z_]*\)/))
  test('an authority that is not among the usual ones', () =>
    fixture.assertHarmless('noCa', /cannot be reached \((UNABLE|SELF|CERT)[A-Z_]*\)/))
  test('a certificate for another name', () =>
    fixture.assertHarmless('wrongName', /cannot be reached \(ERR_TLS_CERT_ALTNAME_INVALID\)/))
  test('TLS to a port that has none', () => fixture.assertHarmless('tlsToPlain', /cannot be reached/))
  test('no TLS to a port that wants it', async () => {
    const good = await fixture.run('plainToTls')
    assert.match(good.stdout, /^warning: catalog-gate: the relay (cannot be reached|refused)[^\n]*\n$/)
  })
  test('the file of the authority is missing', () =>
    fixture.assertHarmless('missingCa', /a file of the relay's set-up cannot be read \(no such file\)/))
})

suite('the secret', () => {
  const file = () => fixture.file('relay.secret')
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
      await fixture.assertHarmless('http', expected)
      assert.equal(fixture.received.length, 0)
    })
  }
  test('missing, a folder, and a line break at its end', async () => {
    rmSync(file())
    await fixture.assertHarmless('http', /cannot be read \(no such file\)/)
    mkdirSync(file())
    await fixture.assertHarmless('http', /cannot be read \(it is a folder\)/)
    rmSync(file(), { recursive: true })
    writeFileSync(file(), `${SECRET}\r\n`)
    assert.equal((await fixture.run('http')).stdout, '')
  })
  test('unreadable', async () => {
    // Root reads every file: a link to itself is unreadable for everyone.
    renameSync(file(), `${file()}.kept`)
    execFileSync('ln', ['-s', 'relay.secret', file()])
    await fixture.assertHarmless('http', /cannot be read \(its symbolic links lead in a circle\)/)
    rmSync(file())
    renameSync(`${file()}.kept`, file())
    chmodSync(file(), 0o400)
    assert.equal((await fixture.run('http')).stdout, '')
  })
})
