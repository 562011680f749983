// What the way in works with, as its routes are given it.
import type { RepositoryFacts } from '../../schemas/repository-facts.ts'
import type { Secret } from '../config/secrets.ts'
import type { Tls } from '../config/tls.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Tell } from '../runtime/events.ts'
import type { Logger } from '../runtime/log.ts'
import type { Inbox } from '../store/ports/inbox.ts'
import type { KnownFiles } from '../store/ports/known-files.ts'
import type { Locations } from '../store/ports/locations.ts'
import type { Records } from '../store/ports/records.ts'
import type { Reading, Verdicts } from '../store/ports/verdicts.ts'
import type { Upkeep } from '../store/store.ts'
import type { BodyBudget } from './body-budget.ts'
import type { ServerTimes } from './bounded-server.ts'
import type { UnsignedBudget, UnsignedConnections } from './unsigned.ts'

export type IntakeOptions = {
  store: Inbox & KnownFiles & Verdicts & Locations & Pick<Records & Upkeep, 'push' | 'probe'>
  clock: Clock
  /** Time of day, for signatures. */
  wallMs: () => number
  log: Logger
  hookSecrets: Secret[]
  /** None: no webhooks are taken. */
  webhookSecrets: Secret[]
  /** Left out: our module in Backstage is not listened to. */
  backstage?: BackstageEnd
  /** Which of the paths that a webhook names are catalog files. */
  isCatalogFile: (path: string) => boolean
  firstCheckMs: number
  /** Left out: hooks are told that the catalog is not asked. */
  lookups?: Lookups
  /** Called after the catalog's verdicts are on disk. */
  onJudged?: (readings: readonly Reading[], busy?: number) => void
  /** Called after a hook's push is on disk. */
  onSigned?: (repository: string) => void
  /** Called after the push is on disk. */
  onAccepted: (firstCheckAtMs: number) => void
  /** Called after GHES has reported pushes by webhook. */
  onLanded: () => void
  draining: () => boolean
  tell?: Tell
  backlogLimit?: number
  tls?: Tls
  /** Smaller ones, for tests. */
  budgets?: { unsigned?: UnsignedBudget; bodyBytes?: number }
  /** Shorter times for tests. */
  times?: Partial<ServerTimes>
}

/** What our module in Backstage needs. */
export type BackstageEnd = {
  /** It signs with one of them. */
  secrets: Secret[]
  /** GHES's, as it stands in the catalog's Locations. */
  host: string
  /** Whether the list of catalog files is known to be whole. */
  listIsWhole: () => Promise<boolean>
  /** The module has asked for the Locations: it is the provider. */
  onProvider: () => void
  /** What is known of repositories that has changed since; everything, where the cursor is none that is known. */
  repositoriesAfter: (cursor: string | undefined) => RepositoryChanges
}

type RepositoryChanges = { isNew: boolean; cursor: string; version?: string; repositories: RepositoryFacts[] }

/** What senders share until they have signed. */
export type Senders = { bodies: BodyBudget; unsigned: UnsignedConnections }
