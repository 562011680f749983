// A GitHub App signs a note that says who it is (a JSON Web Token, RS256); GHES takes it for ten minutes, by its own clock.
import { sign } from 'node:crypto'
import type { Credential } from './credential.ts'

export type AppIdentity = {
  /** The App's id, or its client id. */
  id: string
  /** PEM. Read before every use: a new key counts at once. */
  privateKey: () => string
}

/** Before our time: clocks that differ by so much need nothing learnt. After it: GHES refuses more than ten minutes. */
const BACKDATED_S = 60
const VALID_S = 480
/** A difference that may be the reason of a refusal. */
const SKEW_MS = 20_000

function appToken({ id, privateKey }: AppIdentity, atMs: number): string {
  const nowS = Math.floor(atMs / 1000)
  const part = (data: object) => Buffer.from(JSON.stringify(data)).toString('base64url')
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: nowS - BACKDATED_S, exp: nowS + VALID_S, iss: id })}`
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey()).toString('base64url')}`
}

/** What clocks differ by is learnt from the date of every answer; refused before it was known, it is worth another try. */
export function appIdentityCredential(
  identity: AppIdentity,
  now: () => number,
): Credential & { onHeaders: (headers: Record<string, string>) => void; ghesNow: () => number } {
  let aheadMs = 0
  let signedAheadMs = 0
  return {
    ghesNow: () => now() + aheadMs,
    onHeaders: headers => {
      const date = Date.parse(headers['date'] ?? '')
      if (!Number.isNaN(date)) aheadMs = date - now()
    },
    authorize: async () => {
      signedAheadMs = aheadMs
      return `Bearer ${appToken(identity, now() + aheadMs)}`
    },
    refused: () => Math.abs(aheadMs - signedAheadMs) > SKEW_MS,
  }
}
