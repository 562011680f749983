// Which files of the repository a wiki may write: those that it wrote before and nobody has changed since. What people wrote by hand stays.
import { allOf, complete, field } from '../../relay/clients/ghes/read.ts'
import { jsonIn } from '../../schemas/unknown.ts'

/** Lies in docs/ under a name that MkDocs leaves out. */
export const MANIFEST_FILE = 'docs/.catalog-gate-wiki.json'

/** `wiki`: the commit of the wiki; `files`: path → blob, as it was written. */
export type Manifest = { wiki: string; files: Map<string, string> }

export type Changes = {
  /** Path → blob. */
  set: Map<string, string>
  remove: string[]
  /** Written or changed by hand: left alone. */
  conflicts: string[]
  /** What is the wiki's from now on. */
  owned: Map<string, string>
}

/** `there`: path → blob of the branch that the docs go to. */
export function changesOf(
  wanted: ReadonlyMap<string, string>,
  there: ReadonlyMap<string, string>,
  before: Manifest | undefined,
): Changes {
  const changes: Changes = { set: new Map(), remove: [], conflicts: [], owned: new Map() }
  const folders = new Set([...there.keys()].flatMap(foldersOf))
  const isOurs = (path: string) => before?.files.get(path) === there.get(path)
  for (const [path, id] of wanted) {
    const now = there.get(path)
    const isBlocked = folders.has(path) || foldersOf(path).some(folder => there.has(folder) && !isOurs(folder))
    if (isBlocked || (now !== undefined && now !== id && !isOurs(path))) changes.conflicts.push(path)
    else {
      changes.owned.set(path, id)
      if (now !== id) changes.set.set(path, id)
    }
  }
  for (const path of before?.files.keys() ?? []) {
    if (wanted.has(path) || !there.has(path)) continue
    if (isOurs(path)) changes.remove.push(path)
    else changes.conflicts.push(path)
  }
  return changes
}

export function manifestText({ wiki, files }: Manifest): string {
  const sorted = [...files].sort(([one], [other]) => (one < other ? -1 : 1)).map(([path, id]) => ({ path, id }))
  return `${JSON.stringify({ note: 'Written by catalog-gate wiki: which files it made.', wiki, files: sorted }, null, 1)}\n`
}

/** `undefined`: it is none of ours, and then nothing of what is there is. */
export function readManifest(text: string): Manifest | undefined {
  const data = jsonIn(text)
  const wiki = field(data, 'wiki', 'text')
  const files = allOf(field(data, 'files', 'list'), one =>
    complete<{ path: string; id: string }>({ path: field(one, 'path', 'text'), id: field(one, 'id', 'text') }),
  )
  if (wiki === undefined || files === undefined) return undefined
  // A manifest that somebody has led elsewhere removes nothing outside of what a wiki writes.
  const own = files.filter(({ path }) => path.startsWith('docs/') || path === 'mkdocs.yml')
  return { wiki, files: new Map(own.map(({ path, id }) => [path, id])) }
}

function foldersOf(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'))
}
