// The secret that hook and relay share, in the form of Standard Webhooks: whsec_<base64>.

const PREFIX = 'whsec_'
/** Below 24 bytes the specification calls a secret too short; 64 is its upper bound. */
const BYTES = { min: 24, max: 64 }

/** The key in `whsec_<base64>`, or why it is none. The text is never quoted: it is a secret. */
export function parseSecret(text: string): { result: 'key'; key: Buffer } | { result: 'unusable'; reason: string } {
  const trimmed = text.trim()
  if (!trimmed.startsWith(PREFIX)) return { result: 'unusable', reason: `does not begin with "${PREFIX}"` }
  const base64 = trimmed.slice(PREFIX.length)
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return { result: 'unusable', reason: `is not base64 after "${PREFIX}"` }
  const key = Buffer.from(base64, 'base64')
  if (key.length < BYTES.min || key.length > BYTES.max) {
    return { result: 'unusable', reason: `has ${key.length} bytes; expected ${BYTES.min} to ${BYTES.max}` }
  }
  return { result: 'key', key }
}
