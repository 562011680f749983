// Standard Webhooks v1: how a notification is signed and its signature checked. https://www.standardwebhooks.com
import { createHmac, timingSafeEqual } from 'node:crypto'

const PREFIX = 'whsec_'
/** Below 24 bytes the specification calls a secret too short; 64 is its upper bound. */
const SECRET_BYTES = { min: 24, max: 64 }

/** The key in `whsec_<base64>`, or why it is none. The text is never quoted: it is a secret. */
export function parseSecret(text: string): { result: 'key'; key: Buffer } | { result: 'unusable'; reason: string } {
  const trimmed = text.trim()
  if (!trimmed.startsWith(PREFIX)) return { result: 'unusable', reason: `does not begin with "${PREFIX}"` }
  const base64 = trimmed.slice(PREFIX.length)
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return { result: 'unusable', reason: `is not base64 after "${PREFIX}"` }
  const key = Buffer.from(base64, 'base64')
  if (key.length < SECRET_BYTES.min || key.length > SECRET_BYTES.max) {
    return {
      result: 'unusable',
      reason: `has ${key.length} bytes; expected ${SECRET_BYTES.min} to ${SECRET_BYTES.max}`,
    }
  }
  return { result: 'key', key }
}

/** `webhook-signature` for these bytes. `timestamp` is in seconds, as in the header. */
export function sign(key: Buffer, id: string, timestamp: number, body: Uint8Array): string {
  return `v1,${mac(key, id, String(timestamp), body).toString('base64')}`
}

/** Whether one of the space-separated signatures was made with one of the keys. Compares in constant time. */
export function isSignedBy(keys: Buffer[], id: string, timestamp: string, body: Uint8Array, header: string): boolean {
  const given = header
    .split(' ')
    .filter(part => part.startsWith('v1,'))
    .slice(0, 8) // a rotation needs two; a hostile list must not cost us hundreds of MACs
    .map(part => Buffer.from(part.slice(3), 'base64'))
  return keys.some(key => {
    const expected = mac(key, id, timestamp, body)
    return given.some(signature => signature.length === expected.length && timingSafeEqual(signature, expected))
  })
}

function mac(key: Buffer, id: string, timestamp: string, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
}
