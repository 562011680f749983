// Follows Locations: catalog files under other names count when a Location in the tree names them, by path or by a pattern.
//
// No tree is walked for it. Looked at are the Locations that were checked, and for what the push changes under other names the catalog files in its own folder, those
// above, and those in which git finds its name: whether they quote it, and whether a Location leads to it. What such a Location names besides is looked at where a
// changed file reads like an entity, or one is gone. A Location elsewhere under a name of its own is not found here; the catalog itself still refuses what is wrong.
import { posix } from 'node:path'
import { count } from '../../schemas/count.ts'
import { printable } from '../../schemas/printable.ts'
import type { CatalogNames } from '../config/catalog-names.ts'
import type { Note } from '../diagnostics/note.ts'
import { type Changes, NO_CHANGES } from './changes.ts'
import type { Pattern } from './destination.ts'
import type { CheckedFile } from './file.ts'
import type { FileOfTree, JudgedFiles } from './judging.ts'
import { locatedIn, mayLeadTo, readsLikeEntity, type Source, targetsIn, targetsOf } from './location-targets.ts'
import { findRequoted, type RequoteEdges, type Unchanged } from './requoted.ts'
import { sourcesAbove } from './sources-above.ts'
import { type Content, isLinkLike, type Presence, type Search, type Tree } from './tree.ts'

/** As many files are read beyond what was pushed, and where there is no push; a Location with more targets is followed this far. */
const MAX_READ = { unchanged: 200, all: 5000, bytes: 32 << 20 }
/** Files of 1 MiB each at the most (`limits.fileBytes`) are held together. */
const READ_AT_ONCE = 32
const MAX_DEPTH = 4

export type Follow = {
  tree: Tree
  names: CatalogNames
  /** Catalog files by name that were checked already. */
  checked: readonly CheckedFile[]
  /** Left out: everything is news. */
  push?: Changes
  /** `isAlone`: without what the files quote. */
  judge: (files: readonly FileOfTree[], isAlone: boolean) => Promise<JudgedFiles>
  /** With what they quote in that tree. */
  judgeIn: RequoteEdges['judge']
}

export type Followed = {
  files: CheckedFile[]
  notes: Note[]
  /** There was time for all of it. */
  isWhole: boolean
  /** Of the paths that were looked at. */
  presence: Map<string, Presence>
  searches: Map<Pattern, Search>
  /** So many were not looked at, since it was enough. */
  unread: number
  /** Of `files`, those that this push did not touch. */
  untouched: Set<string>
  /** Unchanged files that name or quote others: with what this push does to them by what they quote, and what they were then. What it removes is told later. */
  sources: { file: CheckedFile; before?: CheckedFile }[]
}

export const nobody = (): Followed => ({
  files: [],
  notes: [],
  isWhole: true,
  presence: new Map(),
  searches: new Map(),
  unread: 0,
  untouched: new Set(),
  sources: [],
})

/** The files that became catalog files by a Location, judged. */
export async function followLocations(follow: Follow): Promise<Followed> {
  const { checked, names, push } = follow
  const { others, removed } = push ?? NO_CHANGES
  const followed = nobody()
  const seen = new Set(checked.map(file => file.path))
  const suspects = new Set([...others].flatMap(([path, bytes]) => (readsLikeEntity(bytes) ? [path] : [])))
  for (const path of push?.unread ?? []) suspects.add(path)
  const gone = [...removed].filter(path => !names.isIgnored(path))
  let wave: Source[] = checked.map(file => ({ file, isNews: true }))
  const above = await sources(follow, [...suspects, ...gone, ...(push?.quotable ?? [])], seen, followed)
  wave.push(...(await requoted(above, follow, followed)))
  const left = { files: push === undefined ? MAX_READ.all : MAX_READ.unchanged, bytes: MAX_READ.bytes }
  for (let depth = 0; depth < MAX_DEPTH && wave.length > 0; depth++) {
    const targets = await targetsOf(wave, follow, followed)
    const wanted = [...targets].filter(([path]) => !seen.has(path) && !names.isIgnored(path))
    // What is no YAML by its name may be an entity, and what is unchanged may quote what was changed.
    const doubtful = wanted.flatMap(([path, isNews]) =>
      !isNews && others.has(path) && !suspects.has(path) ? [path] : [],
    )
    const entities = await beenEntities(doubtful, follow)
    const asked = wanted.filter(([path]) => !doubtful.includes(path) || entities.has(path))
    // What the push touches comes first: there may not be room for all.
    const isTouched = (path: string) => Number((push ?? NO_CHANGES).isTouched(path))
    asked.sort(([a], [b]) => isTouched(b) - isTouched(a))
    wave = []
    for (const lot of lotsOf(asked)) {
      const found = await readTargets(lot, others, left, follow, followed)
      for (const { path } of found) seen.add(path)
      wave.push(...(await judgeTargets(found, targets, follow, followed)))
    }
  }
  if (followed.unread > 0)
    followed.notes.push({
      text: `${count(followed.unread, 'file')} that Locations name ${followed.unread === 1 ? 'was' : 'were'} not checked: too much`,
    })
  return followed
}

const lotsOf = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / READ_AT_ONCE) }, (_, i) =>
    all.slice(i * READ_AT_ONCE, (i + 1) * READ_AT_ONCE),
  )

/** Unchanged catalog files, in the folders of the paths and above them, that may name or quote others. */
async function sources(
  { tree, names, push, judge }: Follow,
  paths: readonly string[],
  seen: ReadonlySet<string>,
  followed: Followed,
): Promise<Unchanged[]> {
  const others = push?.others ?? NO_CHANGES.others
  const found = await sourcesAbove(paths, tree, names, path => !seen.has(path) && !others.has(path))
  followed.isWhole &&= found.isWhole
  followed.notes.push(...found.unread)
  if (found.beyond > 0) followed.notes.push({ text: BEYOND })
  if (found.isUnasked) followed.notes.push({ text: UNASKED })
  for (const { path, bytes } of found.files) {
    if (!isLinkLike(bytes)) continue
    const target = posix.join(posix.dirname(path), Buffer.from(bytes).toString('utf8'))
    if (paths.includes(target))
      followed.notes.push({
        path,
        text: `is a symbolic link to ${printable(target)}, which was changed; it was not checked`,
      })
  }
  const naming = found.files.filter(({ bytes }) => mayNameOthers(bytes))
  const { files } = await judgeAll(naming, true, judge, followed)
  const sources = withBytes(files, naming)
  for (const source of sources) {
    const why = whyUnchecked(source)
    if (why !== undefined && isNamedIn(source, paths))
      followed.notes.push({
        path: source.path,
        text: `was not checked: ${why}, and it may name or quote what was changed`,
      })
  }
  return sources
}

function withBytes(files: readonly CheckedFile[], read: readonly FileOfTree[]): Unchanged[] {
  const bytesAt = new Map(read.map(({ path, bytes }) => [path, bytes]))
  return files.flatMap(file => {
    const bytes = bytesAt.get(file.path)
    return bytes === undefined ? [] : [{ path: file.path, bytes, file }]
  })
}

/** Of an unchanged file nobody knows what it names where nobody has taken it apart, or no URL leads to it. */
function whyUnchecked({ file, path }: Unchanged): string | undefined {
  if (!path.isWellFormed()) return 'its path is no UTF-8'
  return file.diagnostics.some(({ code }) => code === 'not-checked') ? 'it is too large' : undefined
}

function isNamedIn({ bytes }: Unchanged, paths: readonly string[]): boolean {
  const text = Buffer.from(bytes).toString('utf8')
  return paths.some(path => text.includes(posix.basename(path)))
}

const UNASKED =
  'git could not tell in time which catalog files of other folders name or quote what was changed: they were not checked'

const BEYOND =
  'too many folders: not in all of them was it looked for catalog files that name or quote what was changed'

/** A Location, a placeholder, or an escape that may stand for a letter of either. */
const mayNameOthers = (bytes: Uint8Array) => /Location|\$|\\/.test(Buffer.from(bytes).toString('latin1'))

/** With what the push does to them. */
async function requoted(
  above: readonly Unchanged[],
  { tree, push, judgeIn }: Follow,
  followed: Followed,
): Promise<Source[]> {
  const found = push === undefined ? undefined : await findRequoted(above, { tree, push, judge: judgeIn })
  followed.notes.push(...(found?.notes ?? []))
  return above.map(({ path, file }) => {
    const anew = found?.requoted.get(path)
    followed.sources.push(anew ?? { file: { ...file, diagnostics: [] } })
    const isNews = anew !== undefined && targetsIn(anew.file) !== targetsIn(anew.before)
    return { file: anew?.file ?? file, isNews }
  })
}

/** Of changed files, those that were entities. */
async function beenEntities(changed: readonly string[], { push = NO_CHANGES }: Follow): Promise<ReadonlySet<string>> {
  const before = changed.length === 0 ? [] : [...(await push.previous(changed))]
  return new Set(before.flatMap(([path, was]) => (was.result === 'bytes' && readsLikeEntity(was.bytes) ? [path] : [])))
}

/** Which of the files a Location names, as far as Locations are looked for: all of them where there was no time to look. */
export async function namedByLocations(paths: readonly string[], follow: Follow): Promise<ReadonlySet<string>> {
  const looked = nobody()
  const named = new Set<string>()
  const seen = new Set(follow.checked.map(file => file.path))
  const above = await sources(follow, paths, seen, looked)
  let wave: Source[] = [...follow.checked, ...above.map(({ file }) => file)].map(file => ({ file, isNews: false }))
  const left = { files: MAX_READ.unchanged, bytes: MAX_READ.bytes }
  for (let depth = 0; depth < MAX_DEPTH && wave.length > 0; depth++) {
    for (const { leads } of wave.flatMap(({ file }) => locatedIn(file)))
      for (const path of paths) if (mayLeadTo(leads, path)) named.add(path)
    const targets = await targetsOf(wave, follow, looked)
    const unread = [...targets].filter(([path]) => !seen.has(path))
    wave = []
    for (const lot of lotsOf(unread)) {
      const found = await readTargets(lot, new Map(), left, follow, looked)
      for (const { path } of found) seen.add(path)
      const { files } = await judgeAll(found, true, follow.judge, looked)
      wave.push(...files.map(file => ({ file, isNews: false })))
    }
  }
  return looked.isWhole && looked.notes.length === 0 ? named : new Set(paths)
}

/** What is not there is told where it is named; what cannot be had is noted where it is this push's responsibility. */
async function readTargets(
  asked: readonly (readonly [path: string, isNews: boolean])[],
  others: ReadonlyMap<string, Uint8Array>,
  left: { files: number; bytes: number },
  { tree, push = NO_CHANGES }: Follow,
  followed: Followed,
): Promise<FileOfTree[]> {
  const unread = asked.filter(([path]) => !others.has(path))
  const paths = unread.slice(0, left.bytes > 0 ? Math.max(0, left.files) : 0).map(([path]) => path)
  left.files -= paths.length
  followed.unread += unread.slice(paths.length).filter(([, isNews]) => isNews).length
  const contents: ReadonlyMap<string, Content> = paths.length === 0 ? new Map() : await tree.read(paths)
  followed.isWhole &&= paths.every(path => contents.has(path))
  return asked.flatMap(([path, isNews]) => {
    const bytes = others.get(path)
    if (bytes !== undefined) return [{ path, bytes }]
    const content = contents.get(path)
    if (content === undefined) return []
    followed.presence.set(path, content.result === 'bytes' ? 'there' : content.result)
    if (content.result === 'bytes') left.bytes -= content.bytes.length
    if (content.result === 'unknown' && (isNews || push.isTouched(path)))
      followed.notes.push({ path, text: content.reason })
    return content.result === 'bytes' ? [{ path, bytes: content.bytes }] : []
  })
}

async function judgeTargets(
  found: readonly FileOfTree[],
  targets: ReadonlyMap<string, boolean>,
  follow: Follow,
  followed: Followed,
): Promise<Source[]> {
  const { judge, push = NO_CHANGES } = follow
  const isTouched = (path: string) => push.others.has(path) || push.isTouched(path)
  const isNews = (path: string) => isTouched(path) || targets.get(path) === true
  const whole = await judgeAll(
    found.filter(({ path }) => isNews(path)),
    false,
    judge,
    followed,
  )
  const others = found.filter(({ path }) => !isNews(path))
  const alone = await judgeAll(others, true, judge, followed)
  for (const { path } of whole.files) if (!isTouched(path)) followed.untouched.add(path)
  followed.files.push(...whole.files)
  return [
    ...whole.files.map(file => ({ file, isNews: true })),
    ...(await requoted(withBytes(alone.files, others), follow, followed)),
  ]
}

async function judgeAll(
  found: readonly FileOfTree[],
  isAlone: boolean,
  judge: Follow['judge'],
  followed: Followed,
): Promise<JudgedFiles> {
  if (found.length === 0) return { files: [], notes: [], late: [] }
  const judged = await judge(found, isAlone)
  if (!isAlone) followed.notes.push(...judged.notes)
  followed.isWhole &&= judged.late.length === 0
  return judged
}
