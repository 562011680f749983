// Requests on an open connection, one behind the other without waiting (pipelined), and their answers, which come in the same order.
import type { Socket } from 'node:net'
import { errorCode } from '../../schemas/error-code.ts'
import { type Answer, answersIn } from './answers.ts'

/** So much of answers is read. */
const ANSWER_BYTES = 262_144

export type Line = {
  /** Writes them; gives their answers once `isEnough`, or as many as came before the connection ended. */
  send: (requests: readonly Buffer[], isEnough: (answers: readonly Answer[]) => boolean) => Promise<Answer[]>
  isOpen: () => boolean
  /** Why it ended. */
  trouble: () => string
}

export function lineOn(socket: Socket): Line {
  let text = ''
  let written = 0
  let trouble = 'it closed the connection'
  let isOver = false
  const waiting = new Set<() => void>()
  const look = () => waiting.forEach(one => void one())
  socket.on('data', (chunk: Uint8Array) => {
    if (text.length < ANSWER_BYTES) text += Buffer.from(chunk).toString('latin1')
    else isOver = true
    look()
  })
  socket.on('error', error => {
    trouble = errorCode(error) ?? error.message
  })
  socket.on('close', () => {
    isOver = true
    look()
  })
  return {
    isOpen: () => !socket.destroyed,
    trouble: () => trouble,
    send(requests, isEnough) {
      const from = written
      written += requests.length
      return new Promise(resolve => {
        const settle = () => {
          const answers = answersIn(text).slice(from, from + requests.length)
          if (!isOver && !isEnough(answers)) return
          waiting.delete(settle)
          resolve(answers)
        }
        waiting.add(settle)
        if (socket.destroyed) isOver = true
        else for (const one of requests) socket.write(one)
        settle()
      })
    },
  }
}
