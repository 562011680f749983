// What a push changes, as the checks see it: what is unchanged is looked at only where this has to do with it.
import type { Tree } from './tree.ts'

/** Of a push: what it changes besides the files that are checked anyway. */
export type Changes = {
  /** Changed YAML files under other names. */
  others: ReadonlyMap<string, Uint8Array>
  /** More of them, too many to be looked into: each may be what a Location names, and is read then. */
  unread?: ReadonlySet<string>
  /** Files, or links, under other names that it adds or modifies, those among them: unchanged catalog files may quote them. */
  quotable?: readonly string[]
  /** Whether it adds, modifies or removes the file. */
  isTouched: (path: string) => boolean
  removed: ReadonlySet<string>
  /** What files that it touches held before; one that is new was absent. */
  previous: Tree['read']
}

export const NO_CHANGES: Changes = {
  others: new Map(),
  isTouched: () => true,
  removed: new Set(),
  previous: async () => new Map(),
}

/** The tree with what the push found there. */
export const asBefore = (tree: Tree, push: Changes): Tree => ({
  ...tree,
  async read(paths, wants) {
    const touched = paths.filter(push.isTouched)
    const others = paths.filter(path => !push.isTouched(path))
    return new Map([...(await tree.read(others, wants)), ...(await push.previous(touched))])
  },
})
