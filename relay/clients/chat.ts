// The door to a chat: one address that takes JSON.
import type { Say } from '../runtime/chat-message.ts'
import { CallFailed, openTarget } from './http.ts'

const LIMITS = { timeoutMs: 10_000, answerBytes: 64 * 1024 }

/** The address is a secret: whoever has it can write there. It is in no reason. */
export function openChat(url: () => string): Say {
  return async message => {
    const address = url()
    const target = openTarget({ baseUrl: new URL(address).origin, alsoAt: [address], ...LIMITS })
    try {
      const headers = { 'content-type': 'application/json' }
      const { status } = await target.call({ method: 'POST', url: address, headers, body: JSON.stringify(message) })
      return status >= 200 && status < 300 ? { result: 'said' } : { result: 'failed', reason: `it answered ${status}` }
    } catch (error) {
      if (error instanceof CallFailed) return { result: 'failed', reason: error.message }
      throw error
    } finally {
      await target.close()
    }
  }
}
