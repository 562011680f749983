// Offers one file over HTTP or HTTPS under a name that nobody guesses, for as long as the command runs.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { Failed } from './failed.ts'

export type ServeOptions = {
  /** As the appliance reaches this machine; port 0 takes any. */
  host: string
  port: number
  tls?: { cert: string; key: string }
  say: (line: string) => void
}

export type Offer = {
  /** The address of the file. */
  offer: (file: string) => Promise<string>
  close: () => Promise<void>
}

/** `HOST:PORT` or `HOST`. */
export function parseServeAddress(text: string): { host: string; port: number } | { problem: string } {
  const match = /^(?:\[([0-9a-f:.]+)\]|([A-Za-z0-9][A-Za-z0-9.-]*))(?::(\d{1,5}))?$/i.exec(text)
  const port = Number(match?.[3] ?? 0)
  const host = match?.[1] ?? match?.[2]
  if (host === undefined || port > 65_535)
    return {
      problem: `--serve: "${text}" is no address; expected HOST:PORT as the appliance reaches this machine, for example 10.0.0.5:8080`,
    }
  if (['0.0.0.0', '::'].includes(host))
    return {
      problem: `--serve: ${host} is every address of this machine; expected the one by which the appliance reaches it`,
    }
  return { host, port }
}

/** Listens when something is offered, not before. */
export function openOffer(options: ServeOptions): Offer {
  const path = `/${randomBytes(24).toString('hex')}/env.tar.gz`
  let file: string | undefined
  let address: string | undefined
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (file === undefined || request.url !== path) return void response.writeHead(404).end()
    void send(request, response, file, options.say)
  }
  const server = options.tls ? createTlsServer(options.tls, answer) : createServer(answer)
  const listen = async () => {
    server.listen(options.port, options.host)
    await once(server, 'listening').catch((error: Error) => {
      throw new Failed(
        `--serve ${options.host}:${options.port}: ${error.message}`,
        'name an address of this machine and a free port',
      )
    })
    const { port } = server.address() as AddressInfo
    const host = options.host.includes(':') ? `[${options.host}]` : options.host
    return `${options.tls ? 'https' : 'http'}://${host}:${port}${path}`
  }
  return {
    async offer(offered) {
      file = offered
      if (address !== undefined) return address
      address = await listen()
      // Not the whole address: who knows it can fetch the relay's secret that is in the tarball.
      options.say(`      offered at ${new URL(address).origin} until the appliance has it`)
      return address
    },
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
  say: (line: string) => void,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end()
  const bytes = statSync(file).size
  response.writeHead(200, { 'content-type': 'application/gzip', 'content-length': bytes })
  if (request.method === 'HEAD') return void response.end()
  try {
    await pipeline(createReadStream(file), response)
    say(`      ${(bytes / 1e6).toFixed(1)} MB fetched by ${request.socket.remoteAddress ?? 'somebody'}`)
  } catch (error) {
    // GHES tells what became of its download; here it only helps to find out why.
    say(
      `      sending to ${request.socket.remoteAddress ?? 'somebody'} broke off: ${error instanceof Error ? error.message : error}`,
    )
  }
}
