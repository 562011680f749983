// Reading a request's body, and leaving one unread that is not wanted.
import type { IncomingMessage } from 'node:http'
import { LIMITS } from '../runtime/limits.ts'
import type { BodyBudget } from './body-budget.ts'
import { type Refusal, refuse, tooLarge, tooMany } from './refusal.ts'

export type Body = { result: 'body'; bytes: () => Buffer } | Refusal

export type BodyEdges = {
  /** Shared with all other unfinished bodies. */
  budget: BodyBudget
  /** Told of each chunk as it comes. */
  onChunk: (chunk: Buffer) => void
}

/** The whole body, unless it grows beyond the limit, or the bodies of all beyond the budget; content-length is not believed. */
export function readBody(request: IncomingMessage, mostBytes: number, { budget, onChunk }: BodyEdges): Promise<Body> {
  return new Promise(resolve => {
    let chunks: Buffer[] = []
    let bytes = 0
    const unfinished = budget.open(() => finish(tooMany()))
    const onData = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > mostBytes) return finish(tooLarge(mostBytes))
      chunks.push(chunk)
      onChunk(chunk)
      unfinished.took(chunk.length)
    }
    const onEnd = () => finish({ result: 'body', bytes: () => Buffer.concat(chunks) })
    const onBroken = () => finish(refuse(400, 'the body broke off'))
    const finish = (body: Body) => {
      if (body.result === 'refused') chunks = []
      unfinished.end()
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
 * The connection ends with the answer that is about to be sent. What is left of the body stays unread; but closing at once would reset the connection before the sender has
 * read our answer, so it is only ended on our side, and cut off a little later.
 */
export function endWithAnswer(request: IncomingMessage): void {
  const { socket } = request
  if (request.complete || !socket) return
  request.pause()
  request.read(0) // tells Node's server that somebody looks after the body: else it would read it to its end
  request.on('error', () => {})
  socket.destroySoon = () => {
    socket.end()
    const timer = setTimeout(() => socket.destroy(), LIMITS.refusedBodyMs)
    timer.unref()
    socket.once('close', () => clearTimeout(timer))
  }
}
