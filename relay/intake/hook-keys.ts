// The hooks' secrets as keys, parsed anew only when a file gave another text.
import { createSecretKey, type KeyObject } from 'node:crypto'
import { parseSecret } from '../../schemas/signature.ts'
import type { Secret } from '../config/secrets.ts'

/** Two are active while they are rotated, each with its successor for a moment. */
const KEPT = 8

/** The keys that are active now. */
export function openHookKeys(secrets: readonly Secret[]): () => KeyObject[] {
  const parsed = new Map<string, KeyObject>()
  const keyOf = (text: string): KeyObject => {
    const known = parsed.get(text)
    if (known) return known
    const read = parseSecret(text)
    if (read.result === 'unusable') throw new Error('a hook secret became unusable unnoticed')
    if (parsed.size > KEPT) parsed.clear()
    const key = createSecretKey(read.key)
    parsed.set(text, key)
    return key
  }
  return () => secrets.map(secret => keyOf(secret()))
}
