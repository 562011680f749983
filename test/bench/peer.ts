// The other end of a hook's connection, as a process of its own: `node peer.ts KIND [CERTIFICATE KEY]` prints its port.
//
// http, https: answers 202 to everything but lookups. silent: takes the connection and says nothing. full: a queue of one, which the bench fills
// after stopping the process, so that the kernel drops every further SYN: a black hole on loopback. dns: takes questions, answers none.
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'

/** Where the name server that answers nothing listens. A resolv.conf cannot name a port, so it is port 53. */
export const DEAD_NAME_SERVER = '127.77.0.1'

const answer: RequestListener = (request, response) => {
  request.resume()
  // As a relay that is not configured for lookups.
  const status = request.url === '/v1/lookups' ? 404 : 202
  request.once('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end('{"id":"-"}'))
}

function start(kind: string | undefined, certificate = '', key = ''): void {
  if (kind === 'dns') {
    const socket = createSocket('udp4').bind(53, DEAD_NAME_SERVER, () => console.log('53'))
    socket.on('message', () => undefined)
    return
  }
  const server =
    kind === 'https'
      ? createHttps({ cert: readFileSync(certificate), key: readFileSync(key) }, answer)
      : kind === 'http'
        ? createHttp(answer)
        : createServer(socket => void socket.on('error', () => undefined).resume())
  server.listen({ host: '127.0.0.1', port: 0, ...(kind === 'full' ? { backlog: 1 } : {}) }, () => {
    console.log((server.address() as AddressInfo).port)
  })
}

if (import.meta.main) start(process.argv[2], process.argv[3], process.argv[4])
