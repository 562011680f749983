// A relay with a name: found in /etc/hosts or asked for, and a name server that is silent holds no push.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { inNamespace } from '../namespace.ts'
import { NAME, NotifyFixture } from './notify-fixture.ts'

let fixture: NotifyFixture
before(async () => {
  fixture = await NotifyFixture.open()
})
beforeEach(() => fixture.reset())
after(() => fixture.close())

/** Of this process alone: several of it can run beside each other. */
const NAME_SERVER = `127.53.${(process.pid >> 8) & 255}.${process.pid & 255}`

const mount = (files: Record<string, string>): string[] => {
  const mounts = Object.entries(files).map(([target, text], i) => {
    const source = join(fixture.host.directory, `mount-${mountCount++}-${i}`)
    writeFileSync(source, text)
    return `mount --bind '${source}' '${target}'`
  })
  return [...inNamespace(), 'sh', '-c', `${mounts.join(' && ')} && exec "$@"`, '-']
}
let mountCount = 0
const resolver = { '/etc/hosts': '127.0.0.1 localhost\n', '/etc/resolv.conf': `nameserver ${NAME_SERVER}\n` }

test('in /etc/hosts, with a comment, blanks and other letters', async () => {
  const hosts = `# x\n127.0.0.1\tlocalhost\n  127.0.0.1   Relay.TEST other # ${NAME}\n`
  assert.equal((await fixture.run('namedPatient', { command: mount({ '/etc/hosts': hosts }) })).stdout, '')
  assert.equal((await fixture.run('namedTls', { command: mount({ '/etc/hosts': hosts }) })).stdout, '')
  assert.equal(fixture.received.length, 2)
})

test('the name server is not there', () =>
  fixture.assertHarmless('named', /the relay cannot be reached/, { command: mount(resolver) }))

test('the name server is silent', async t => {
  const server = createSocket('udp4')
  t.after(() => server.close())
  server.bind(53, NAME_SERVER)
  await once(server, 'listening')
  await fixture.assertHarmless('named', /the relay cannot be reached/, { command: mount(resolver) })
})

test('three silent name servers', async t => {
  const server = createSocket('udp4')
  t.after(() => server.close())
  server.bind(53, NAME_SERVER)
  await once(server, 'listening')
  const three = { ...resolver, '/etc/resolv.conf': `nameserver ${NAME_SERVER}\n`.repeat(3) }
  await fixture.assertHarmless('named', /the relay cannot be reached/, { command: mount(three) })
})

test('the name server knows it, or does not', async t => {
  const server = createSocket('udp4')
  t.after(() => server.close())
  let known = true
  server.on('message', (question, from) => server.send(dnsAnswer(question, known), from.port, from.address))
  server.bind(53, NAME_SERVER)
  await once(server, 'listening')
  assert.equal((await fixture.run('namedPatient', { command: mount(resolver) })).stdout, '')
  assert.equal((await fixture.run('namedTls', { command: mount(resolver) })).stdout, '')
  assert.equal(fixture.received.length, 2)
  known = false
  await fixture.assertHarmless('named', /the relay cannot be reached/, { command: mount(resolver) })
})

test('no /etc/hosts and no /etc/resolv.conf', async () => {
  const command = [...inNamespace(), 'sh', '-c', 'mount -t tmpfs none /etc && exec "$@"', '-']
  await fixture.assertHarmless('named', /the relay cannot be reached/, { command })
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
