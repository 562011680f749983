// The catalog files of the default branches, for a provider that holds a Location for each.

export type LocatedFile = { repository: string; ref: string; path: string }

/**
 * `cursor` is where the next question goes on. `isAll`: the cursor that was asked with is not ours (none, another store's, one from before a start or after a restored backup): these are all files that are there, and
 * all that are known to be gone.
 */
export type LocationChanges = { isAll: boolean; cursor: string; there: LocatedFile[]; gone: LocatedFile[] }

export interface Locations {
  locationsAfter(cursor: string | undefined): Promise<LocationChanges>
  /** Cursors from before count no more: what they had seen may not be what this store has (a restored backup). */
  forgetCursors(): Promise<void>
}
