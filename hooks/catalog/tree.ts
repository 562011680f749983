// A tree of files as the checks see it: a pushed commit by git, a folder on the disk, a branch by GHES's API.

/** What stands at a path. `unknown`: something may stand there and cannot be had; `reason` is the rest of a sentence that begins with the path. */
export type Content =
  | { result: 'bytes'; bytes: Uint8Array }
  | { result: 'absent' }
  | { result: 'unknown'; reason: string }

/** Whether a file stands at a path. Only what is `absent` for certain may be called missing. */
export type Presence = 'there' | 'absent' | 'unknown'

export type Tree = {
  /** A path that is left out was not read for want of time. */
  read: (paths: readonly string[]) => Promise<ReadonlyMap<string, Content>>
  exists: (paths: readonly string[]) => Promise<ReadonlyMap<string, Presence>>
  /** Whether a file is known to be there without a question to the tree. */
  isKnown: (path: string) => boolean
  /** Paths of the files in these folders ('' is the root), not of those below. Left out where no changed file can make it needed. */
  list?: (folders: readonly string[]) => Promise<string[]>
  /** The part of a path that says something about its file: what a folder above the tree is called does not. Left out: all of it. */
  ownPath?: (path: string) => string
}

/** The paths as a map of what is known of each. */
export const mapOf = <T>(paths: readonly string[], of: (path: string) => T): Map<string, T> =>
  new Map(paths.map(path => [path, of(path)]))
