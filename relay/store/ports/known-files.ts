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

/** What moves to a file, and from which. `repository` and `ref`: of the old files, where they are others. */
export type Moving = { path: string; entities: string[]; from: string[]; repository?: string; ref?: string }

/** A file of another repository, as it was last told of. */
export type Follower = { repository: string; ref: string; path: string; entities: string[]; blob?: string }

export interface KnownFiles {
  /** Files of the repository as they were last forwarded; a removed one is forgotten. */
  knownFiles(repository: string): Promise<KnownFile[]>
  /** Paths of known files of this branch that have one of these paths among their references, itself or by a pattern, as their latest forwarded push has announced it. */
  filesReferencing(repository: string, ref: string, paths: readonly string[]): Promise<string[]>
  /** Files of this branch that wait for what was in others; some of them, where there are many. */
  moving(repository: string, ref: string): Promise<Moving[]>
  /** Files of other repositories that held already what has left this one, and do not wait for it; some of them, where there are many. */
  followers(file: { repository: string; ref: string; path: string }): Promise<Follower[]>
}
