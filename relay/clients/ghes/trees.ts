// Which files two commits differ in, by their whole trees: for more changes than a comparison lists.
import type { Change } from '../../../schemas/notification.ts'
import type { Trouble } from '../trouble.ts'
import type { Repository } from './branches.ts'
import type { GhesClient } from './client.ts'
import { isUnknown, type Unknown } from './comparisons.ts'
import { field } from './read.ts'
import { troubleOf } from './refusal.ts'

type Entries = { files: Map<string, string>; folders: Map<string, string> }

export type TreeAnswer =
  /** Object ids by path. `isWhole` is false when GHES lists only the first of very many (100,000 entries, 7 MB). */
  (Entries & { result: 'tree'; isWhole: boolean }) | Unknown | Trouble

/** `id`: of a commit or a tree. With all that is in its folders, or without. */
export type GhesTree = (repository: Repository, id: string, isRecursive: boolean) => Promise<TreeAnswer>

export function ghesTree(client: GhesClient): GhesTree {
  const { ask } = client.for('compare')
  return async ({ owner, name }, id, isRecursive) => {
    const parameters = { owner, repo: name, tree_sha: id, ...(isRecursive ? { recursive: 1 } : {}) }
    const answer = await ask('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', parameters, data => {
      const tree = field(data, 'tree', 'list')
      return tree && { ...entriesOf(tree), isWhole: field(data, 'truncated', 'boolean') !== true }
    })
    if (answer.result === 'answered') return { result: 'tree', ...answer.value }
    return isUnknown(answer) ? { result: 'unknown' } : troubleOf(answer)
  }
}

/** A submodule is a commit of another repository, and none of our files. */
function entriesOf(tree: readonly unknown[]): Entries {
  const entries: Entries = { files: new Map(), folders: new Map() }
  for (const entry of tree) {
    const [path, sha, type] = [field(entry, 'path', 'text'), field(entry, 'sha', 'text'), field(entry, 'type', 'text')]
    if (path === undefined || sha === undefined) continue
    if (type === 'blob') entries.files.set(path, sha)
    if (type === 'tree') entries.folders.set(path, sha)
  }
  return entries
}

/** Two questions are the rule. Trees that are larger than an answer are asked for folder by folder, where they differ. */
const MOST_QUESTIONS = 60
const NOTHING = /^0+$/

export type TreeChanges = { result: 'files'; files: Map<string, Change>; isWhole: boolean } | Unknown | Trouble

export async function compareTrees(
  ask: (id: string, isRecursive: boolean) => Promise<TreeAnswer>,
  base: string,
  head: string,
): Promise<TreeChanges> {
  const files = new Map<string, Change>()
  const folders: { at: string; base: string; head: string }[] = [{ at: '', base, head }]
  let questions = 0
  let isWhole = true
  const both = async (ids: { base: string; head: string }, isRecursive: boolean) => {
    questions += 2
    const [was, is] = await Promise.all(
      [ids.base, ids.head].map(id => (NOTHING.test(id) ? EMPTY : ask(id, isRecursive))),
    )
    return [was ?? EMPTY, is ?? EMPTY] as const
  }
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (questions >= MOST_QUESTIONS) return { result: 'files', files, isWhole: false }
    let [was, is] = await both(folder, true)
    if (was.result === 'tree' && is.result === 'tree' && !(was.isWhole && is.isWhole)) {
      ;[was, is] = await both(folder, false)
      if (was.result === 'tree' && is.result === 'tree') {
        for (const [path, ids] of differing(was.folders, is.folders))
          folders.push({ at: `${folder.at}${path}/`, ...ids })
      }
    }
    if (was.result !== 'tree') return was
    if (is.result !== 'tree') return is
    isWhole = isWhole && was.isWhole && is.isWhole
    for (const [path, ids] of differing(was.files, is.files)) files.set(`${folder.at}${path}`, changeOf(ids))
  }
  return { result: 'files', files, isWhole }
}

const NO_ID = '0'
const EMPTY: TreeAnswer = { result: 'tree', files: new Map(), folders: new Map(), isWhole: true }

const changeOf = ({ base, head }: { base: string; head: string }): Change =>
  head === NO_ID ? 'removed' : base === NO_ID ? 'added' : 'modified'

function* differing(was: ReadonlyMap<string, string>, is: ReadonlyMap<string, string>) {
  for (const path of new Set([...was.keys(), ...is.keys()])) {
    const ids = { base: was.get(path) ?? NO_ID, head: is.get(path) ?? NO_ID }
    if (ids.base !== ids.head) yield [path, ids] as const
  }
}
