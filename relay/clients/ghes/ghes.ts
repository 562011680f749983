// All that the relay asks of GHES, put together: by its token, which may read.
import type { ObserveCall } from '../observe.ts'
import { endInAnswer } from '../token-end.ts'
import { appCredential, type GhesAccess, openAppClient } from './app.ts'
import { type GhesBranches, ghesBranches } from './branches.ts'
import { openGhesClient } from './client.ts'
import { type GhesComparisons, ghesComparisons } from './comparisons.ts'
import { type GhesContents, ghesContents } from './contents.ts'
import { type Credential, tokenCredential } from './credential.ts'
import { type GhesInventory, ghesInventory } from './inventory.ts'
import { relayRemedies } from './remedies.ts'
import { type GhesStatuses, ghesStatuses } from './statuses.ts'
import { type GhesTree, ghesTree } from './trees.ts'
import { type GhesHooks, ghesHooks, withAppHook } from './webhooks.ts'

export type GhesOptions = GhesAccess & {
  baseUrl: string
  ca?: string
  now: () => number
  timeoutMs?: number
  /** Told about every request. */
  observe?: ObserveCall
}

/** What a landing check needs. */
export type Ghes = Pick<GhesBranches, 'branch' | 'repository'> & Pick<GhesComparisons, 'compare'>

/** For those who put the relay together. */
export type GhesApi = GhesBranches &
  GhesComparisons & {
    contents: GhesContents
    tree: GhesTree
    inventory: GhesInventory
    hooks: GhesHooks
    statuses: GhesStatuses
    tokenEndMs: () => number | undefined
    /** GHES's own, as its answers bear it: 3.19.2. Undefined before the first. */
    version: () => string | undefined
    close(): Promise<void>
  }

/** A comparison comes with up to 300 patches on its first page, some megabytes in the worst case. */
const ANSWER_BYTES = 16 * 1024 * 1024
const TIMEOUT_MS = 10_000

export function openGhes({ timeoutMs = TIMEOUT_MS, ...options }: GhesOptions): GhesApi {
  // Of which token it is: the next one may have no end.
  let end: { token: string; atMs: number } | undefined
  let version: string | undefined
  const onHeaders = (headers: Record<string, string>) => {
    version = /^enterprise-server@(\d[\w.-]{0,40})$/.exec(headers['x-github-enterprise-version'] ?? '')?.[1] ?? version
    // A foreign answer, or one to a token that has ended already, says nothing of its end.
    // An App's tokens end every hour, which is nobody's business.
    const atMs = endInAnswer(headers)
    if ('token' in options && atMs !== undefined) end = { token: options.token(), atMs }
  }
  const client = openGhesClient({
    ...options,
    onHeaders,
    credential: credentialOf(options, timeoutMs),
    remedies: relayRemedies,
    timeoutMs,
    answerBytes: ANSWER_BYTES,
  })
  const asApp = 'app' in options ? appClientOf(options, timeoutMs) : undefined
  return {
    ...ghesBranches(client),
    ...ghesComparisons(client),
    contents: ghesContents(client),
    tree: ghesTree(client),
    inventory: ghesInventory(client),
    hooks: asApp === undefined ? ghesHooks(client) : withAppHook(ghesHooks(client), asApp),
    statuses: ghesStatuses(client),
    tokenEndMs: () => ('token' in options && end?.token === options.token() ? end.atMs : undefined),
    version: () => version,
    close: async () => {
      await Promise.all([client.close(), asApp?.close()])
    },
  }
}

const appClientOf = ({ app, baseUrl, ca, now, observe }: Extract<GhesOptions, { app: unknown }>, timeoutMs: number) =>
  openAppClient({
    ...app,
    baseUrl,
    now,
    timeoutMs,
    ...(ca === undefined ? {} : { ca }),
    ...(observe === undefined ? {} : { observe }),
  }).client

/** By whichever of the two is given. */
export const credentialOf = (
  access: GhesAccess & Pick<GhesOptions, 'baseUrl' | 'ca' | 'now'>,
  timeoutMs: number,
): Credential => {
  if ('token' in access) return tokenCredential(access.token)
  const { app, baseUrl, ca, now } = access
  return appCredential({ ...app, baseUrl, now, timeoutMs, ...(ca === undefined ? {} : { ca }) })
}
