// Reading a request's body, and getting rid of one that is not wanted.
import type { IncomingMessage } from 'node:http'
import { LIMITS } from '../runtime/limits.ts'
import { type Refusal, refuse, tooLarge } from './refusal.ts'

export type Body = { result: 'body'; bytes: Buffer } | Refusal

/** The whole body, unless it grows beyond the limit; content-length is not believed. */
export function readBody(request: IncomingMessage, mostBytes: number): Promise<Body> {
  return new Promise(resolve => {
    const chunks: Buffer[] = []
    let bytes = 0
    const onData = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > mostBytes) finish(tooLarge(mostBytes))
      else chunks.push(chunk)
    }
    const onEnd = () => finish({ result: 'body', bytes: Buffer.concat(chunks) })
    const onBroken = () => finish(refuse(400, 'the body broke off'))
    const finish = (body: Body) => {
      request.off('data', onData)
      request.off('end', onEnd)
      request.off('close', onBroken)
      resolve(body)
    }
    request.on('data', onData)
    request.on('end', onEnd)
    request.on('close', onBroken)
    request.on('error', () => {}) // followed by close
  })
}

/**
 * Reads on for a little and throws it away: closing at once would reset the connection before the sender has read our answer.
 * A sender that does not stop then is cut off.
 */
export function discardBody(request: IncomingMessage): void {
  if (request.readableEnded) return
  let bytes = 0
  const cut = () => request.socket?.destroy()
  const timer = setTimeout(cut, LIMITS.refusedBodyMs)
  timer.unref()
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > LIMITS.refusedBodyBytes) cut()
  })
  request.on('error', () => {})
  request.once('close', () => clearTimeout(timer))
  request.resume()
}
