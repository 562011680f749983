// What came of a file that was to be forwarded, and what that needs.
import type { GhesBranches } from '../clients/ghes/branches.ts'
import type { Trouble } from '../clients/trouble.ts'
import type { KnownFiles } from '../store/ports/known-files.ts'

export type Forwarded =
  | ({ result: 'done'; outcome: string } & Did)
  /** The catalog will never take this: a dead letter at once. */
  | { result: 'refused'; reason: string }
  /** `of`: whose it is, where it is not Backstage's. */
  | (Trouble & { of?: 'ghe' })

/**
 * `via`: the entity by which the catalog knows the file. `nothing`: there was nothing that the catalog should have known. `unexpected`: unknown, and nobody expects the catalog to know
 * every topic branch, so it counts as nothing.
 */
type Did =
  | { did: 'refreshed' | 'registered'; via: string }
  | { did: 'unregistered' | 'unknown' | 'unexpected' | 'nothing'; via?: never }

export type ForwardOptions = {
  host: string
  register: boolean
  /** Our module in Backstage holds a Location for every catalog file. */
  hasProvider?: boolean
  /** What a removed file means: its Location shows the error after a refresh, or goes. */
  removed: 'refresh' | 'unregister'
  /** Patterns of Locations, as a provider has them. */
  locations: readonly string[]
  known: Pick<KnownFiles, 'knownFiles' | 'filesReferencing' | 'moving'>
  /** Waited for before every call. */
  beforeCall: () => Promise<void>
  /** What GHES has now: a report that came late must neither take a Location away nor make one. */
  fileAtGhes: GhesBranches['file']
}
