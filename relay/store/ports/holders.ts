// Which file holds which entity, as pushes tell of it: sooner than the catalog.

export interface Holders {
  /**
   * Those of these entities (refs in lower case) that a push has brought just now, so that the catalog need not know them yet: it has landed, or GHES has not
   * shown it yet.
   */
  broughtLately(entities: readonly string[]): Promise<ReadonlySet<string>>
  /** Whether pushes say that the file does not hold the entity (its ref in lower case): the latest that has landed, or one that GHES has not shown yet. False: nobody has told. */
  hasLeft(file: { repository: string; ref: string; path: string }, entity: string): Promise<boolean>
  /** Whether a push or a file of this repository's owner is remembered, of whichever repository. */
  knowsOwnerOf(repository: string): Promise<boolean>
}
