// What the store's work runs on. Everything that is really different between the two databases is behind this.
import type { Leads, Tokens, Words } from './ports/coordination.ts'
import type { Inbox } from './ports/inbox.ts'
import type { Work } from './work/sql.ts'

/**
 * `now`: somebody else waits for it. `soon`: a step of our own, which can wait some milliseconds for others to share its commit. `long`: such a step that takes milliseconds itself; what
 * is short goes before it.
 */
export type Haste = 'now' | 'soon' | 'long'

/** Work is handed in as a function: where replicas get into each other's way it is run again from its beginning. */
export interface Engine extends Tokens, Leads, Words, Pick<Inbox, 'accept' | 'backlog'> {
  /** For work that only reads. */
  read<T>(work: () => Work<T>): Promise<T>
  /**
   * Does the work in one transaction, and resolves when it is on disk. Work on the same repository goes one after the other, on
   * all replicas. Rejects with StoreUnavailable when the database cannot now; nothing of the work is kept then.
   */
  write<T>(work: () => Work<T>, repositories?: readonly string[], haste?: Haste): Promise<T>
  /** A number for a push that arrives: higher than any before. */
  nextArrival(): Work<number>
  /** A name for a claim that no other has, of any replica. */
  newLease(): string
  /** Others may work on the same store. */
  isShared: boolean
  /** Leases of those that are gone, where that can be seen; else they run out. */
  orphans(): Promise<string[]>
  close(): Promise<void>
}
