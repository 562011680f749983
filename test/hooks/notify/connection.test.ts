// How long a relay that says nothing is waited for, question and message together: by a clock that the test moves.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { after, afterEach, before, mock, test } from 'node:test'
import { type Connection, openConnection } from '../../../hooks/notify/connection.ts'

let server: Server
let url: URL
let heard = ''
let answer = (_socket: Socket): unknown => undefined
let onHeard = (): void => undefined
const connections: Socket[] = []
before(async () => {
  server = createServer(socket => {
    connections.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', chunk => {
      heard += chunk.toString('latin1')
      answer(socket)
      onHeard()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
afterEach(() => {
  mock.timers.reset()
  for (const socket of connections.splice(0)) socket.destroy()
  heard = ''
  answer = () => undefined
})
after(() => void server.close())

const open = (): Connection => {
  mock.timers.enable({ apis: ['setTimeout'] })
  return openConnection({ url, key: Buffer.alloc(32), ca: undefined }, 60, Date.now)
}
const message = { id: 'msg_1', body: Buffer.from('{}') }

async function untilHeard(requests: number): Promise<void> {
  while (heard.split('POST ').length - 1 < requests) {
    await new Promise<void>(resolve => {
      onHeard = resolve
    })
  }
}

const STORED = 'HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n{}'

test('the question goes behind the message, and a relay that answers neither is waited for once', async () => {
  const connection = open()
  const delivery = connection.deliver([message], { connectMs: 50, answersMs: 50 })
  const answers = connection.ask([message], { connectMs: 50, answersMs: 100 })
  await untilHeard(2)
  assert.match(heard, /^POST \/v1\/pushes [\s\S]*POST \/v1\/lookups /)
  mock.timers.tick(50)
  assert.deepEqual([await delivery, await answers], [{ result: 'unconfirmed' }, []])
  assert.equal(connections.length, 1)
})

test('a relay that has the message is waited for with the question, which costs the message nothing', async () => {
  answer = socket => {
    answer = () => undefined
    socket.write(STORED)
  }
  const connection = open()
  const delivery = connection.deliver([message], { connectMs: 50, answersMs: 50 })
  const answers = connection.ask([message], { connectMs: 50, answersMs: 100 })
  assert.deepEqual(await delivery, { result: 'stored' })
  await untilHeard(2)
  mock.timers.tick(99)
  connections[0]?.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1')
  assert.deepEqual(await answers, ['1'])
})

test('a question ahead of the message, in vain: the message has a quarter of its wait left, on a new connection', async () => {
  const connection = open()
  const answers = connection.ask([message], { connectMs: 50, answersMs: 100 })
  await untilHeard(1)
  mock.timers.tick(100)
  assert.deepEqual(await answers, [])
  const delivery = connection.deliver([message], { connectMs: 50, answersMs: 40 })
  await untilHeard(2)
  assert.equal(connections.length, 2)
  mock.timers.tick(10)
  assert.deepEqual(await delivery, { result: 'unconfirmed' })
})
