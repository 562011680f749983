// Catalog files as the catalog was last told of them.

/** A catalog file as it was last forwarded. */
export type KnownFile = {
  ref: string
  path: string
  /** Object id of that content, where the sender has told. */
  blob?: string
  entities: string[]
  /** The entity by which the catalog was last asked for it; left out when it knew none. */
  via?: string
}

export interface KnownFiles {
  /** Files of the repository as they were last forwarded; a removed one is forgotten. */
  knownFiles(repository: string): Promise<KnownFile[]>
  /** Paths of known files of this branch that have one of these paths among their references, itself or by a pattern, as their latest forwarded push has announced it. */
  filesReferencing(repository: string, ref: string, paths: readonly string[]): Promise<string[]>
}
