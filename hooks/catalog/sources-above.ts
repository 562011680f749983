// Unchanged catalog files that may name or quote a file: those in its folder, in the folders above, and elsewhere where its name stands in them.
import { posix } from 'node:path'
import type { CatalogNames } from '../config/catalog-names.ts'
import type { Note } from '../diagnostics/note.ts'
import type { FileOfTree } from './judging.ts'
import type { Content, Tree } from './tree.ts'

/** So many names are asked for: a path costs git some 10 us, and what is not there nothing more. */
const MOST = 1000

/** `unread`: in which the name of a path stands, and that cannot be read; `isWhole`: there was time to read them; `isUnasked`: nobody could tell which there are elsewhere; `beyond`: so many more files may be there. */
export async function sourcesAbove(
  paths: readonly string[],
  tree: Pick<Tree, 'read' | 'list' | 'naming'>,
  names: CatalogNames,
  isWanted: (path: string) => boolean,
): Promise<{ files: FileOfTree[]; unread: Note[]; isWhole: boolean; isUnasked: boolean; beyond: number }> {
  const folders = foldersAbove(paths)
  const byName = folders.flatMap(folder => names.baseNames.map(name => posix.join(folder, name)))
  // A pattern such as *.catalog.yaml does not say how a file is called: the folder does.
  const listed = names.hasWildNames && tree.list ? await tree.list(folders) : []
  const aside = paths.length > 0 && tree.naming ? await tree.naming(paths) : []
  const wanted = [...new Set([...byName, ...listed, ...(aside ?? [])])].filter(
    path => names.isCatalogPath(path) && isWanted(path),
  )
  const asked = wanted.slice(0, MOST)
  const contents: ReadonlyMap<string, Content> = asked.length === 0 ? new Map() : await tree.read(asked, 'files')
  const files = asked.flatMap(path => {
    const content = contents.get(path)
    return content?.result === 'bytes' ? [{ path, bytes: content.bytes }] : []
  })
  const unread = asked.flatMap(path => {
    const content = aside?.includes(path) ? contents.get(path) : undefined
    return content?.result === 'unknown' ? [{ path, text: content.reason }] : []
  })
  const isWhole = asked.every(path => contents.has(path))
  return { files, unread, isWhole, isUnasked: aside === undefined, beyond: wanted.length - asked.length }
}

/** The folders of the paths and all above them; '' is the root. */
function foldersAbove(paths: readonly string[]): string[] {
  const found = new Set<string>()
  for (const path of paths) {
    let folder = posix.dirname(path)
    for (; folder !== '.'; folder = posix.dirname(folder)) found.add(folder)
    found.add('')
  }
  // Those above more than one file first: there may not be time for all.
  return found.size > MOST ? [...found].sort((a, b) => depthOf(a) - depthOf(b)) : [...found]
}

const depthOf = (folder: string) => (folder === '' ? 0 : folder.split('/').length)
