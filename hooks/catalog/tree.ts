// A tree of files as the checks see it: a pushed commit by git, a folder on the disk, a branch by GHES's API.

/** What stands at a path. `unknown`: something may stand there and cannot be had; `reason` is the rest of a sentence that begins with the path. `absent`: for certain. */
export type Content =
  | { result: 'bytes'; bytes: Uint8Array }
  | { result: 'absent' }
  | { result: 'folder' }
  | { result: 'unknown'; reason: string }

/** What stands at a path: a file, or none. */
export type Presence = 'there' | 'absent' | 'folder' | 'unknown'

/** Paths that fit; `isWhole`: all of them, so that others are not there for certain. */
export type Search = { paths: string[]; isWhole: boolean }

export type Tree = {
  /**
   * A path that is left out was not read for want of time. `files`: nobody asks why there is none, and that may cost less; then nothing is called absent for
   * certain.
   */
  read: (paths: readonly string[], wants?: 'files') => Promise<ReadonlyMap<string, Content>>
  /** As far as it is seen at once: what is behind a link or in a submodule may be called absent here. */
  exists: (paths: readonly string[]) => Promise<ReadonlyMap<string, Presence>>
  /** Whether a file is known to be there without a question to the tree. */
  isKnown: (path: string) => boolean
  /** Paths of the files in these folders ('' is the root), not of those below. Left out where no changed file can make it needed. */
  list?: (folders: readonly string[]) => Promise<string[]>
  /** Catalog files anywhere that may name one of these; undefined where that could not be told. Left out: where nothing changes. */
  naming?: (paths: readonly string[]) => Promise<string[] | undefined>
  /** Files below a folder ('' is the root), of all its folders when `isDeep`. Left out: that cannot be told. */
  search?: (folder: string, isDeep: boolean, isWanted: (path: string) => boolean) => Promise<Search>
}

/** The paths as a map of what is known of each. */
export const mapOf = <T>(paths: readonly string[], of: (path: string) => T): Map<string, T> =>
  new Map(paths.map(path => [path, of(path)]))

/** A symbolic link is a blob of one path, without the end of a line. Only its folder tells it from a file. */
export const isLinkLike = (blob: unknown): boolean =>
  blob instanceof Uint8Array && blob.length > 0 && blob.length < 4096 && !blob.includes(10)

/** The tree with other contents at some paths. */
export function withContents(tree: Tree, contents: ReadonlyMap<string, Uint8Array>): Tree {
  if (contents.size === 0) return tree
  return {
    ...tree,
    async read(paths, wants) {
      const others = paths.filter(path => !contents.has(path))
      const read = new Map(others.length === 0 ? [] : await tree.read(others, wants))
      for (const path of paths) {
        const bytes = contents.get(path)
        if (bytes !== undefined) read.set(path, { result: 'bytes', bytes })
      }
      return read
    },
  }
}
