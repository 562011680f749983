// Where pushes are kept: all ports of it, for whoever puts the relay together. The promises stand beside the methods, in ports/.
import type { Circuits, Leads, Notes, Tokens, Words } from './ports/coordination.ts'
import type { Holders } from './ports/holders.ts'
import type { Inbox, Redrives, Repositories } from './ports/inbox.ts'
import type { Jobs, Leases } from './ports/jobs.ts'
import type { KnownFiles } from './ports/known-files.ts'
import type { Landings } from './ports/landings.ts'
import type { Locations } from './ports/locations.ts'
import type { Records } from './ports/records.ts'
import type { Statuses } from './ports/statuses.ts'
import type { Verdicts } from './ports/verdicts.ts'

export interface Upkeep {
  /** Forgets pushes that were settled before this time. Bounded per call; returns how many. */
  prune(settledBeforeMs: number): Promise<number>
  /** Writes something and waits for the disk. */
  probe(): Promise<void>
  close(): Promise<void>
}

/** Every method that writes rejects with StoreUnavailable when the store cannot write now; nothing of that call is kept then. */
export type Store = Inbox &
  Redrives &
  Repositories &
  Landings &
  Jobs &
  Leases &
  Records &
  KnownFiles &
  Holders &
  Verdicts &
  Statuses &
  Locations &
  Tokens &
  Circuits &
  Leads &
  Words &
  Notes &
  Upkeep

/** The store cannot write at the moment (disk full, read-only, broken). Trying again later may work. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable'
}

/** The store cannot be opened, and trying again will not help: the message says what to do. */
export class StoreRefused extends Error {
  override name = 'StoreRefused'
}
