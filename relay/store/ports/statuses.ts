// Landed pushes of which GHES is to be told as a commit status.
import type { GateVerdict } from '../../../schemas/notification.ts'
import type { PushState } from './records.ts'
import type { NotKnown, PushVerdict } from './verdicts.ts'

export type StatusDue = {
  id: string
  repository: string
  ref: string
  after: string
  isDefaultBranch: boolean
  state: PushState
  landedAtMs: number
  /** The gate's own. */
  said?: GateVerdict
  verdict?: PushVerdict
  notKnown?: NotKnown
  /** There is something in it that the catalog can take or refuse. */
  hasContent: boolean
  /** Of its files, as announced. */
  entities: string[]
  /** What was told last. */
  told?: string
  /** A later push of its files has taken its place. */
  isSuperseded: boolean
  /** The same commit has landed elsewhere, too: of a push to the default branch on another one, and the other way round. */
  isElsewhere: boolean
  /** Changes whenever there is something new. */
  version: number
}

export interface Statuses {
  /** The oldest first. */
  dueStatuses(limit: number): Promise<StatusDue[]>
  /** Unless there is something new meanwhile, it is due no more. */
  statusTold(status: Pick<StatusDue, 'id' | 'version'>, told: string | undefined): Promise<void>
}
