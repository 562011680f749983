// What a reconcile needs of the store.
import type { Leads, Notes } from '../store/ports/coordination.ts'
import type { Inbox } from '../store/ports/inbox.ts'
import type { KnownFiles } from '../store/ports/known-files.ts'
import type { Records } from '../store/ports/records.ts'

export type ReconcileStore = Pick<Inbox & Records & KnownFiles, 'acceptLanded' | 'list' | 'knownFiles'> & Leads & Notes
