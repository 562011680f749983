// When a token ends, as far as it can be known: GHES says so with its answers, a JSON Web Token itself.

/** Of a token of GHES; undefined when it has no end, or none is told. */
export function endInAnswer(headers: Readonly<Record<string, string>>): number | undefined {
  // "2027-01-31 08:00:00 UTC", or with "+0000" at its end.
  const text = headers['github-authentication-token-expiration'] ?? ''
  const atMs = Date.parse(
    text
      .replace(' ', 'T')
      .replace(/ UTC$/, 'Z')
      .replace(/ ([+-]\d{4})$/, '$1'),
  )
  return Number.isNaN(atMs) ? undefined : atMs
}

/** Of one that is a JSON Web Token with an end; Backstage's static tokens have none. */
export function endInToken(token: string): number | undefined {
  const [, claims, ...rest] = token.split('.')
  if (claims === undefined || rest.length !== 1) return undefined
  try {
    const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as { exp?: unknown }
    return typeof exp === 'number' ? exp * 1000 : undefined
  } catch {
    return undefined
  }
}
