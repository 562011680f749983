// Runs our own synchronous code under a time limit: no timer fires while a document is being parsed, but V8 can be stopped from outside.
import { Script } from 'node:vm'
import { errorCode } from '../../schemas/error-code.ts'

const KEY = '__catalogGateWork'

let script: Script | undefined

/** Whether the work ended in time. What it had put into its caller's hands before it was stopped is there. */
export function runGuarded(work: () => void, timeoutMs: number): 'done' | 'out of time' {
  Object.assign(globalThis, { [KEY]: work })
  try {
    script ??= new Script(`globalThis.${KEY}()`)
    script.runInThisContext({ timeout: Math.max(1, Math.ceil(timeoutMs)) })
    return 'done'
  } catch (error) {
    if (errorCode(error) === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'out of time'
    throw error
  }
}
