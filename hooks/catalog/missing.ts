// Files that are named and are not there for certain: then the catalog refuses the entity, and takes none of a Location's targets.
import { posix } from 'node:path'
import { nearest } from '../../schemas/nearest.ts'
import type { Finding } from '../diagnostics/diagnostic.ts'
import type { MissingTarget } from '../diagnostics/facts.ts'
import type { Note } from '../diagnostics/note.ts'
import type { Changes } from './changes.ts'
import type { Destination, Pattern } from './destination.ts'
import { type CheckedFile, checkFile, type Rules, withFindings } from './file.ts'
import { faultOfOurs } from './judging.ts'
import type { Followed } from './locations.ts'
import { quotedBy } from './requoted.ts'
import type { Presence, Search, Tree } from './tree.ts'
import type { Reference } from './validate.ts'

export type FindMissing = {
  tree: Pick<Tree, 'read' | 'list' | 'search' | 'isKnown'>
  rules: Rules
  /** What is known already of the paths and patterns that Locations name. */
  presence: ReadonlyMap<string, Presence>
  searches: ReadonlyMap<Pattern, Search>
  push: Changes | undefined
}

/** More are not looked for. */
const MAX_PATHS = 1000
const READ_AT_ONCE = 100
const MAX_SEARCHES = 50

type Why = MissingTarget['why']
type Missing = {
  document: number
  reference: Exclude<Reference, { what: 'techdocs' }>
  path: string
  why: Why
  isRemoved: boolean
}

/**
 * The files with what they name in vain. One with nothing new stays the same object; a fault of ours costs one file. Of unchanged `sources` those are added
 * in which something is news: what they are given with, and that they name what this push removes.
 */
export async function findMissing(
  { files, sources }: { files: readonly CheckedFile[]; sources: Followed['sources'] },
  given: FindMissing,
): Promise<{ files: CheckedFile[]; notes: Note[] }> {
  const { push } = given
  const isBereft = (file: CheckedFile) => push !== undefined && push.removed.size > 0 && namesRemoved(file, push)
  const others = sources.filter(({ file, before }) => before !== undefined || isBereft(file))
  const all = [...files, ...others.map(({ file }) => file)]
  const presence = await presenceOf(all, given)
  const searched = await searchesOf(all, given)
  const found: CheckedFile[] = []
  const notes: Note[] = []
  for (const [i, file] of all.entries()) {
    const isOwn = i < files.length
    const before = others[i - files.length]?.before
    const old = before === undefined ? [] : namedIn(before).map(({ reference }) => keyOf(reference))
    const isNews = ({ isRemoved, reference }: Missing) =>
      isOwn || isRemoved || (before !== undefined && !old.includes(keyOf(reference)))
    const missing = missingIn(file, presence, searched, push).filter(isNews)
    try {
      const told = missing.length === 0 ? file : await tell(file, missing, given, before)
      if (isOwn) found.push(told)
      // Nothing else about it is this push's doing.
      else if (told.diagnostics.length > 0) found.push({ ...told, entities: [], causes: causesOf(file, push) })
    } catch (error) {
      found.push(file)
      notes.push(faultOfOurs(file.path, error))
    }
  }
  return { files: found, notes }
}

const namedIn = ({ entities }: CheckedFile) =>
  entities.flatMap(({ references, document }) =>
    references.flatMap(reference => (reference.what === 'techdocs' ? [] : [{ reference, document }])),
  )

function causesOf(file: CheckedFile, push: Changes | undefined): string[] {
  if (push === undefined) return []
  const gone = [...push.removed].filter(path => namedIn(file).some(({ reference }) => mayName(reference, path)))
  return [...new Set([...gone, ...quotedBy(file).filter(push.isTouched)])]
}

const namesRemoved = (file: CheckedFile, push: Changes) =>
  namedIn(file).some(({ reference }) => isRemovedBy(reference, push))

function missingIn(
  file: CheckedFile,
  presence: ReadonlyMap<string, Presence>,
  searched: ReadonlyMap<Pattern, Search>,
  push: Changes | undefined,
): Missing[] {
  return namedIn(file).flatMap(({ reference, document }) => {
    const isRemoved = push !== undefined && isRemovedBy(reference, push)
    const at = missingOf(reference, isRemoved, presence, searched)
    return at === undefined ? [] : [{ document, reference, isRemoved, ...at }]
  })
}

function missingOf(
  reference: Missing['reference'],
  isRemoved: boolean,
  presence: ReadonlyMap<string, Presence>,
  searched: ReadonlyMap<Pattern, Search>,
): { path: string; why: Why } | undefined {
  if (reference.what === 'placeholder') {
    const { state, file = '' } = reference
    const now = presence.get(file)
    // Of a folder GHES gives a list, which may be what a placeholder takes.
    if (isRemoved && now !== 'unknown' && now !== 'folder') return { path: file, why: 'absent' }
    return state === 'absent' ? { path: file, why: file === '' ? 'nowhere' : 'absent' } : undefined
  }
  const { leads, presence: wanted } = reference
  if (wanted === 'moot') return undefined
  if (leads.to === 'nowhere') return { path: '', why: 'nowhere' }
  if (leads.to === 'pattern') {
    const search = searched.get(leads)
    const isEmpty = search?.isWhole === true && search.paths.length === 0
    return isEmpty && wanted === 'required' ? { path: '', why: 'no match' } : undefined
  }
  if (leads.to !== 'file') return undefined
  const found = presence.get(leads.path)
  // Where a link or a submodule stands in its folder's place now, nobody knows.
  const there = isRemoved && found !== 'unknown' ? 'absent' : found
  // A folder is read, as a list that is no entity: that is not forgiven.
  if (there === 'folder') return { path: leads.path, why: 'folder' }
  return there === 'absent' && wanted === 'required' ? { path: leads.path, why: 'absent' } : undefined
}

const targetsOf = (files: readonly CheckedFile[]) =>
  files.flatMap(({ entities }) =>
    entities.flatMap(({ references }) => references.flatMap(one => (one.what === 'target' ? [one] : []))),
  )

async function presenceOf(
  files: readonly CheckedFile[],
  { tree, presence, push }: FindMissing,
): Promise<Map<string, Presence>> {
  const named = files.flatMap(namedIn).flatMap(({ reference }) => {
    if (reference.what === 'target') return pathOf(reference.leads) ?? []
    return push && isRemovedBy(reference, push) ? (reference.file ?? []) : []
  })
  const isThere = new Set(files.map(({ path }) => path))
  const unasked = [...new Set(named)].filter(path => !presence.has(path) && !isThere.has(path) && !tree.isKnown(path))
  const asked = unasked.slice(0, MAX_PATHS)
  // Read, and not only asked for: nobody else says for certain that something is not there.
  const found = new Map(presence)
  for (let from = 0; from < asked.length; from += READ_AT_ONCE) {
    const contents = await tree.read(asked.slice(from, from + READ_AT_ONCE))
    for (const [path, { result }] of contents) found.set(path, result === 'bytes' ? 'there' : result)
  }
  return found
}

/** Patterns of Locations that do not forgive a missing file; one match is enough. */
async function searchesOf(files: readonly CheckedFile[], given: FindMissing): Promise<Map<Pattern, Search>> {
  const searches = new Map(given.searches)
  for (const { leads, presence } of targetsOf(files)) {
    if (leads.to !== 'pattern' || !leads.isRead || presence !== 'required') continue
    if (searches.has(leads) || searches.size >= MAX_SEARCHES) continue
    const search = await given.tree.search?.(leads.folder, leads.isDeep, path => leads.fits(path) === 'matches')
    if (search !== undefined) searches.set(leads, search)
  }
  return searches
}

async function tell(
  file: CheckedFile,
  missing: readonly Missing[],
  given: FindMissing,
  was?: CheckedFile,
): Promise<CheckedFile> {
  const { tree, rules, push } = given
  const folders = missing.flatMap(({ path, why }) => (why === 'absent' ? [folderOf(path)] : []))
  const there = folders.length === 0 ? [] : ((await tree.list?.([...new Set(folders)])) ?? [])
  const before = push === undefined ? [] : await namedBefore(file, rules, push, was)
  const findings = missing.map(({ document, reference, path, why, isRemoved }) => {
    const wasMissing = !isRemoved && before.includes(keyOf(reference))
    const near =
      why === 'absent' && !isRemoved
        ? nearOf(
            reference.target,
            path,
            there.filter(one => one !== file.path),
          )
        : undefined
    const { what, target, range } = reference
    const facts = {
      what,
      target,
      path,
      why,
      ...(isRemoved ? { isRemoved } : {}),
      ...(near === undefined ? {} : { near }),
    }
    const code = isDoubtful(reference, why) ? 'doubtful-target' : wasMissing ? 'long-missing-target' : 'missing-target'
    const finding: Finding = { code, facts, range }
    return { document, finding }
  })
  // The same in two trees is one: it is told once.
  const told = toldOf.get(file) ?? new Map<string, CheckedFile>()
  const key = JSON.stringify(findings)
  const found = told.get(key) ?? withFindings(file, findings, rules)
  toldOf.set(file, told.set(key, found))
  return found
}

const toldOf = new WeakMap<CheckedFile, Map<string, CheckedFile>>()

/** A folder is a text, too. */
const isDoubtful = (reference: Missing['reference'], why: Why): boolean =>
  reference.what === 'placeholder' && (why === 'folder' || reference.mayBeData === true)

/** What a file has named already before the push. */
async function namedBefore(
  file: CheckedFile,
  rules: Rules,
  { isTouched, previous }: Changes,
  before: CheckedFile = file,
): Promise<string[]> {
  const { path } = file
  if (!isTouched(path)) return namedIn(before).map(({ reference }) => keyOf(reference))
  const was = (await previous([path])).get(path)
  if (was?.result !== 'bytes') return []
  return checkFile(path, was.bytes, rules).entities.flatMap(({ references }) => references.map(keyOf))
}

/** Where it leads: as it is written, since the folder is the same. */
const keyOf = ({ what, target }: Reference) => `${what} ${target}`

function isRemovedBy(reference: Missing['reference'], { removed }: Changes): boolean {
  const path = reference.what === 'placeholder' ? reference.file : pathOf(reference.leads)
  return path === undefined ? [...removed].some(one => mayName(reference, one)) : removed.has(path)
}

const pathOf = (leads: Destination) => (leads.to === 'file' ? leads.path : undefined)

function mayName(reference: Missing['reference'], path: string): boolean {
  if (reference.what === 'placeholder') return reference.file === path
  const { leads } = reference
  return leads.to === 'pattern' ? leads.fits(path) === 'matches' : pathOf(leads) === path
}

const folderOf = (path: string) => (posix.dirname(path) === '.' ? '' : posix.dirname(path))

/** The target with the name of a file that lies there and is nearly called so. */
function nearOf(target: string, path: string, there: readonly string[]): string | undefined {
  const folder = folderOf(path)
  const names = there.flatMap(one => (folderOf(one) === folder ? [posix.basename(one)] : []))
  const name = posix.basename(path)
  const withoutEnd = (one: string) => one.toLowerCase().replace(/\.[a-z]+$/, '')
  const near = nearest(name, names)[0] ?? names.find(one => withoutEnd(one) === withoutEnd(name))
  return near === undefined || !target.endsWith(name) ? undefined : target.slice(0, -name.length) + near
}
