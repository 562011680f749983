// What the way in works with, as its routes are given it.
import type { Secret } from '../config/secrets.ts'
import type { Tls } from '../config/tls.ts'
import type { Lookups } from '../lookups/lookups.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Tell } from '../runtime/events.ts'
import type { Logger } from '../runtime/log.ts'
import type { Inbox } from '../store/ports/inbox.ts'
import type { KnownFiles } from '../store/ports/known-files.ts'
import type { Records } from '../store/ports/records.ts'
import type { Upkeep } from '../store/store.ts'
import type { BodyBudget } from './body-budget.ts'
import type { ServerTimes } from './bounded-server.ts'
import type { UnsignedBudget, UnsignedConnections } from './unsigned.ts'

export type IntakeOptions = {
  store: Inbox & KnownFiles & Pick<Records & Upkeep, 'push' | 'probe'>
  clock: Clock
  /** Time of day, for signatures. */
  wallMs: () => number
  log: Logger
  hookSecrets: Secret[]
  /** None: no webhooks are taken. */
  webhookSecrets: Secret[]
  /** Which of the paths that a webhook names are catalog files. */
  isCatalogFile: (path: string) => boolean
  firstCheckMs: number
  /** Left out: hooks are told that the catalog is not asked. */
  lookups?: Lookups
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

/** What senders share until they have signed. */
export type Senders = { bodies: BodyBudget; unsigned: UnsignedConnections }
