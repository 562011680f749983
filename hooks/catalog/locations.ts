// Follows Locations: catalog files under other names count when a Location in the tree names them.
//
// No tree is walked for it. Looked at are the Locations that were checked, and for a changed YAML file that reads like an entity the catalog
// files in its own folder and those above. A Location elsewhere in the tree is not found here; the catalog itself still refuses what is wrong.
import { posix } from 'node:path'
import type { CatalogNames } from '../config/catalog-names.ts'
import type { Note } from '../diagnostics/note.ts'
import type { CheckedFile } from './file.ts'
import type { JudgedFiles } from './judging.ts'
import type { Content, Presence, Tree } from './tree.ts'

/** As many files are read beyond what was pushed; a Location with more targets is followed this far. */
const MAX_READ = 200
const MAX_DEPTH = 4

type Follow = {
  tree: Pick<Tree, 'read' | 'list'>
  names: CatalogNames
  /** Catalog files by name that were checked already. */
  checked: readonly CheckedFile[]
  /** Changed YAML files under other names. */
  others: ReadonlyMap<string, Uint8Array>
  judge: (files: readonly { path: string; bytes: Uint8Array }[]) => Promise<JudgedFiles>
}

/** `isWhole`: there was time for all of it. `presence`: of the paths that were looked at. */
export type Followed = { files: CheckedFile[]; notes: Note[]; isWhole: boolean; presence: Map<string, Presence> }

/** A Location's file. What it names is this push's responsibility, changed or not, where the file itself is (`isNews`). */
type Source = { file: CheckedFile; isNews: boolean }

/** The files that became catalog files by a Location, judged. */
export async function followLocations(follow: Follow): Promise<Followed> {
  const { checked, others, tree } = follow
  const followed: Followed = { files: [], notes: [], isWhole: true, presence: new Map() }
  const seen = new Set(checked.map(file => file.path))
  const suspects = [...others].filter(([, bytes]) => readsLikeEntity(bytes)).map(([path]) => path)
  let read = 0
  let wave: Source[] = checked.map(file => ({ file, isNews: true }))
  if (suspects.length > 0) wave.push(...(await sourcesAbove(suspects, seen, follow, followed)))
  for (let depth = 0; depth < MAX_DEPTH && wave.length > 0; depth++) {
    const targets = targetsOf(wave, path => !seen.has(path) && !follow.names.isIgnored(path))
    const unread = [...targets.keys()]
      .filter(path => !others.has(path) && (targets.get(path) || suspects.length > 0))
      .slice(0, MAX_READ - read)
    read += unread.length
    const contents: ReadonlyMap<string, Content> = unread.length === 0 ? new Map() : await tree.read(unread)
    followed.isWhole &&= unread.every(path => contents.has(path))
    for (const [path, { result }] of contents) followed.presence.set(path, result === 'bytes' ? 'there' : result)
    const found = [...targets].flatMap(([path, isNews]) => {
      const bytes = others.get(path) ?? bytesAt(path, contents, isNews, followed.notes)
      return bytes === undefined ? [] : [{ path, bytes }]
    })
    for (const { path } of found) seen.add(path)
    wave = (await judgeAll(found, follow, followed)).map(file => ({
      file,
      isNews: others.has(file.path) || targets.get(file.path) === true,
    }))
    followed.files.push(...wave.flatMap(({ file, isNews }) => (isNews ? [file] : [])))
  }
  return followed
}

/** Which of the files a Location names, as far as Locations are looked for: all of them where there was no time to look. */
export async function namedByLocations(paths: readonly string[], follow: Follow): Promise<ReadonlySet<string>> {
  const looked: Followed = { files: [], notes: [], isWhole: true, presence: new Map() }
  const named = new Set<string>()
  const seen = new Set(follow.checked.map(file => file.path))
  let wave: Source[] = follow.checked.map(file => ({ file, isNews: false }))
  wave.push(...(await sourcesAbove(paths, seen, follow, looked)))
  for (let depth = 0; depth < MAX_DEPTH && wave.length > 0; depth++) {
    const targets = [...targetsOf(wave, () => true).keys()]
    for (const path of targets) if (paths.includes(path)) named.add(path)
    const unread = targets.filter(path => !seen.has(path)).slice(0, MAX_READ)
    for (const path of unread) seen.add(path)
    const contents: ReadonlyMap<string, Content> = unread.length === 0 ? new Map() : await follow.tree.read(unread)
    looked.isWhole &&= unread.every(path => contents.has(path))
    const found = unread.flatMap(path => {
      const bytes = bytesAt(path, contents, false, [])
      return bytes === undefined ? [] : [{ path, bytes }]
    })
    wave = (await judgeAll(found, follow, looked)).map(file => ({ file, isNews: false }))
  }
  return looked.isWhole ? named : new Set(paths)
}

/** Unchanged catalog files in the suspects' folders and above, whose Locations may name them. */
async function sourcesAbove(
  suspects: readonly string[],
  seen: ReadonlySet<string>,
  follow: Follow,
  followed: Followed,
): Promise<Source[]> {
  const { names, others, tree } = follow
  const folders = foldersAbove(suspects)
  const byName = folders.flatMap(folder => names.baseNames.map(name => posix.join(folder, name)))
  // A pattern such as *.catalog.yaml does not say how a file is called: the folder does.
  const listed = names.hasWildNames && tree.list ? await tree.list(folders) : []
  const paths = [...new Set([...byName, ...listed])].filter(
    path => names.isCatalogPath(path) && !seen.has(path) && !others.has(path),
  )
  const asked = paths.slice(0, MAX_READ)
  const contents = asked.length === 0 ? new Map<string, Content>() : await tree.read(asked)
  followed.isWhole &&= asked.every(path => contents.has(path))
  const found = asked.flatMap(path => {
    const bytes = bytesAt(path, contents, false, [])
    return bytes === undefined ? [] : [{ path, bytes }]
  })
  return (await judgeAll(found, follow, followed)).map(file => ({ file, isNews: false }))
}

async function judgeAll(found: readonly { path: string; bytes: Uint8Array }[], { judge }: Follow, followed: Followed) {
  if (found.length === 0) return []
  const { files, notes, late } = await judge(found)
  followed.notes.push(...notes)
  followed.isWhole &&= late.length === 0
  return files
}

/** What is not there is told where it is named; what cannot be had is noted where it is this push's responsibility. */
function bytesAt(path: string, contents: ReadonlyMap<string, Content>, isNews: boolean, notes: Note[]) {
  const content = contents.get(path)
  if (content?.result === 'unknown' && isNews) notes.push({ path, text: content.reason })
  return content?.result === 'bytes' ? content.bytes : undefined
}

/** What the Locations name, and whether it is this push's responsibility. */
function targetsOf(wave: readonly Source[], isWanted: (path: string) => boolean): Map<string, boolean> {
  const targets = new Map<string, boolean>()
  for (const { file, isNews } of wave)
    for (const path of targetsIn(file)) if (isWanted(path)) targets.set(path, isNews || (targets.get(path) ?? false))
  return targets
}

const targetsIn = ({ entities }: CheckedFile): string[] =>
  entities.flatMap(({ references }) =>
    references.flatMap(one => (one.what === 'target' && one.leads.to === 'file' ? [one.leads.path] : [])),
  )

const readsLikeEntity = (bytes: Uint8Array) =>
  /^apiVersion:.*backstage\.io\//m.test(Buffer.from(bytes).toString('latin1'))

/** The folders of the paths and all above them; '' is the root. */
function foldersAbove(paths: readonly string[]): string[] {
  const found = new Set<string>()
  for (const path of paths) {
    let folder = posix.dirname(path)
    for (; folder !== '.'; folder = posix.dirname(folder)) found.add(folder)
    found.add('')
  }
  return [...found]
}
