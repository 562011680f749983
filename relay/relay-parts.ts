// What the relay is made of and does not make itself: opened by the run, or by a test.
import type { BackstageApi } from './clients/backstage.ts'
import type { GhesApi } from './clients/ghes/ghes.ts'
import type { RelayConfig } from './config/relay-config.ts'
import type { Clock } from './runtime/clock.ts'
import type { Events } from './runtime/events.ts'
import type { Logger } from './runtime/log.ts'
import type { Store } from './store/store.ts'

export type RelayParts = {
  config: RelayConfig
  store: Store
  ghes: GhesApi
  backstage: BackstageApi
  clock: Clock
  wallMs: () => number
  log: Logger
  /** What the clients tell of goes through it already. */
  events: Events
  backlogLimit?: number
}
