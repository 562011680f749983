// What the inside shows and may do, as its routes are given it.
import type { Secret } from '../config/secrets.ts'
import type { Worker } from '../deliver/worker.ts'
import type { TestSent } from '../intake/test-push.ts'
import type { Reconciler } from '../reconcile/reconcile.ts'
import type { Clock } from '../runtime/clock.ts'
import type { TargetName } from '../runtime/events.ts'
import type { Logger } from '../runtime/log.ts'
import type { Redrives } from '../store/ports/inbox.ts'
import type { Records } from '../store/ports/records.ts'
import type { Upkeep } from '../store/store.ts'
import type { Metrics } from './metrics.ts'
import type { Links } from './page/links.ts'
import type { Rate } from './rate.ts'
import type { AskSurvey } from './survey-file.ts'
import type { TurnedAway } from './turned-away.ts'

export type AdminOptions = {
  store: Records & Redrives & Pick<Upkeep, 'probe'>
  clock: Clock
  log: Logger
  adminSecret?: Secret
  /** Names by which people reach it, besides localhost and any IP address. */
  hosts: readonly string[]
  links: Links
  askSurvey: AskSurvey
  targetHealth: Worker['targetHealth']
  /** When their tokens end, as far as it is known. */
  tokenEnds: () => Record<TargetName, number | undefined>
  reconciler: Pick<Reconciler, 'begin' | 'last' | 'running' | 'organizations' | 'dueAtMs'>
  metrics: Metrics
  rate: Rate['read']
  turnedAway: () => TurnedAway[]
  /** Sends a push that refreshes nothing the whole way. */
  sendTest: (repository: string | undefined) => Promise<TestSent>
  /** Told when dead pushes wait again. */
  onRedriven: () => void
  draining: () => boolean
}
