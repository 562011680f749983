// As a GitHub App: a token of an hour for each installation, fetched when the first request needs it and again before it ends. Nothing of it is kept anywhere else.
import { type AppIdentity, appIdentityCredential } from './app-token.ts'
import { type GhesClient, type GhesClientOptions, openGhesClient } from './client.ts'
import type { Credential } from './credential.ts'
import { complete, field, type Read } from './read.ts'
import { type Refusal, refusalOf } from './refusal.ts'
import { appRemedies } from './remedies.ts'

type Installation = { id: number; owner: string; suspended: boolean }
type Token = { text: string; renewAtMs: number }

/** As much of a token's life is left when the next one is fetched, if it has lived for half of it. */
const RENEW_BEFORE_MS = 10 * 60_000
/** An owner who is not among the installations may have become one. */
const LIST_AGAIN_MS = 60_000

export type AppOptions = AppIdentity &
  Pick<GhesClientOptions, 'baseUrl' | 'ca' | 'now' | 'timeoutMs' | 'observe'> & {
    /** Milliseconds that no change of the clock moves. */
    elapsed?: () => number
  }

/** Asks as the App itself. `ghesNow`: the time by GHES's own clock. */
export function openAppClient({ id, privateKey, ...connection }: Omit<AppOptions, 'elapsed'>): {
  client: GhesClient
  ghesNow: () => number
} {
  const identity = appIdentityCredential({ id, privateKey }, connection.now)
  const client = openGhesClient({
    ...connection,
    credential: identity,
    remedies: appRemedies,
    onHeaders: identity.onHeaders,
  })
  return { client, ghesNow: identity.ghesNow }
}

/** Whom no installation is of is asked for with the token of another: GHES then says 404, as of anything that may not be seen. */
export function appCredential({
  id,
  privateKey,
  elapsed = () => performance.now(),
  ...connection
}: AppOptions): Credential {
  const { client, ghesNow } = openAppClient({ id, privateKey, ...connection })
  const tokens = new Map<number, Token>()
  const fetching = new Map<number, Promise<Token | Refusal>>()
  let listed: { installations: Installation[]; atMs: number } | undefined
  let listing: Promise<Installation[] | Refusal> | undefined

  const list = async (): Promise<Installation[] | Refusal> => {
    const answer = await client.list('GET /app/installations', {}, installationIn)
    if (answer.result === 'refused') return answer
    const installations = answer.value.filter(({ suspended }) => !suspended)
    listed = { installations, atMs: elapsed() }
    return installations
  }
  const relist = () => {
    listing ??= list().finally(() => {
      listing = undefined
    })
    return listing
  }
  const installationOf = async (owner: string | undefined): Promise<Installation | Refusal> => {
    const among = (all: readonly Installation[]) =>
      all.find(one => one.owner.toLowerCase() === owner?.toLowerCase()) ?? (owner === undefined ? all[0] : undefined)
    const known = listed && among(listed.installations)
    if (known) return known
    const isFresh = listed !== undefined && elapsed() - listed.atMs < LIST_AGAIN_MS
    const all = isFresh && listed ? listed.installations : await relist()
    if ('result' in all) return all
    return among(all) ?? all[0] ?? notInstalled(id, connection.baseUrl)
  }
  const fetchToken = async (installation: number): Promise<Token | Refusal> => {
    const route = 'POST /app/installations/{installation}/access_tokens'
    const askedAtMs = elapsed()
    const answer = await client.ask(route, { installation }, tokenIn)
    if (answer.result === 'refused') {
      // It was taken away, or suspended: the list says so the next time.
      if (answer.status === 404 || answer.status === 403) listed = undefined
      return answer
    }
    const livesMs = Math.max(0, answer.value.endsAtMs - ghesNow())
    const token = { text: answer.value.text, renewAtMs: askedAtMs + Math.max(livesMs / 2, livesMs - RENEW_BEFORE_MS) }
    tokens.set(installation, token)
    return token
  }
  const tokenOf = async (installation: number): Promise<Token | Refusal> => {
    const token = tokens.get(installation)
    if (token && elapsed() < token.renewAtMs) return token
    const fetched = fetching.get(installation) ?? fetchToken(installation).finally(() => fetching.delete(installation))
    fetching.set(installation, fetched)
    return fetched
  }

  return {
    authorize: async owner => {
      const installation = await installationOf(owner)
      if ('result' in installation) return installation
      const token = await tokenOf(installation.id)
      return 'result' in token ? token : `Bearer ${token.text}`
    },
    refused: owner => {
      const installation = listed?.installations.find(one => one.owner.toLowerCase() === owner?.toLowerCase())
      const dropped = installation ? tokens.delete(installation.id) : tokens.size > 0
      if (!installation) tokens.clear()
      return dropped
    },
    close: client.close,
  }
}

const notInstalled = (id: string, apiBaseUrl: string): Refusal =>
  refusalOf(
    {
      found: 'hidden',
      request: 'GET /app/installations',
      apiBaseUrl,
      headers: {},
      said: '',
      failure: {
        what: `the GitHub App ${id} is installed nowhere`,
        detail: 'it has no installation that is not suspended',
      },
    },
    appRemedies,
  )

const installationIn: Read<Installation> = data =>
  complete<Installation>({
    id: field(data, 'id', 'number'),
    owner: field(field(data, 'account', 'map'), 'login', 'text'),
    suspended: field(data, 'suspended_at', 'text') !== undefined,
  })

const tokenIn: Read<{ text: string; endsAtMs: number }> = data => {
  const endsAtMs = Date.parse(field(data, 'expires_at', 'text') ?? '')
  const text = field(data, 'token', 'text')
  return text === undefined || Number.isNaN(endsAtMs) ? undefined : { text, endsAtMs }
}

/** By a token, or as an App. */
export type GhesAccess = { token: () => string } | { app: AppIdentity }
