// Files that are named and are not there for certain: then the catalog refuses the entity, and takes none of a Location's targets.
import { posix } from 'node:path'
import { nearest } from '../../schemas/nearest.ts'
import type { Finding } from '../diagnostics/diagnostic.ts'
import type { MissingTarget } from '../diagnostics/facts.ts'
import type { Note } from '../diagnostics/note.ts'
import type { Pattern } from './destination.ts'
import { type CheckedFile, checkFile, type Rules, withFindings } from './file.ts'
import { faultOfOurs } from './judging.ts'
import type { Presence, Search, Tree } from './tree.ts'
import type { Reference } from './validate.ts'

/** Of a push: what it removes, and what a file held before it (undefined: it is new). */
export type Removal = {
  removed: ReadonlySet<string>
  previous: (path: string) => Promise<Uint8Array | undefined>
}

export type FindMissing = {
  tree: Pick<Tree, 'read' | 'list' | 'search' | 'isKnown'>
  rules: Rules
  /** What is known already of the paths that Locations name. */
  presence: ReadonlyMap<string, Presence>
  push: Removal | undefined
}

/** More are not looked for. */
const MAX_PATHS = 1000
const READ_AT_ONCE = 100
const MAX_SEARCHES = 50

type Why = MissingTarget['why']
type Missing = { document: number; reference: Exclude<Reference, { what: 'techdocs' }>; path: string; why: Why }

/** The files with what they name in vain. One with nothing new stays the same object; a fault of ours costs one file. */
export async function findMissing(
  files: readonly CheckedFile[],
  given: FindMissing,
): Promise<{ files: CheckedFile[]; notes: Note[] }> {
  const presence = await presenceOf(files, given)
  const searched = await searchesOf(files, given)
  const found: CheckedFile[] = []
  const notes: Note[] = []
  for (const file of files) {
    const missing = file.entities.flatMap(({ references, document }) =>
      references.flatMap(reference => {
        if (reference.what === 'techdocs') return []
        const at = missingOf(reference, presence, searched)
        return at === undefined ? [] : [{ document, reference, ...at }]
      }),
    )
    try {
      found.push(missing.length === 0 ? file : await tell(file, missing, given))
    } catch (error) {
      found.push(file)
      notes.push(faultOfOurs(file.path, error))
    }
  }
  return { files: found, notes }
}

function missingOf(
  reference: Missing['reference'],
  presence: ReadonlyMap<string, Presence>,
  searched: ReadonlyMap<Pattern, Search>,
): { path: string; why: Why } | undefined {
  if (reference.what === 'placeholder') {
    const { state, file = '' } = reference
    return state === 'absent' || state === 'folder' ? { path: file, why: state } : undefined
  }
  const { leads, isOptional } = reference
  if (leads.to === 'nowhere') return { path: '', why: 'nowhere' }
  if (leads.to === 'pattern') {
    const search = searched.get(leads)
    const isEmpty = search?.isWhole === true && search.paths.length === 0
    return isEmpty && !isOptional ? { path: '', why: 'no match' } : undefined
  }
  if (leads.to !== 'file') return undefined
  const there = presence.get(leads.path)
  // A folder is read, as a list that is no entity: that is not forgiven.
  if (there === 'folder') return { path: leads.path, why: 'folder' }
  return there === 'absent' && !isOptional ? { path: leads.path, why: 'absent' } : undefined
}

const targetsOf = (files: readonly CheckedFile[]) =>
  files.flatMap(({ entities }) =>
    entities.flatMap(({ references }) => references.flatMap(one => (one.what === 'target' ? [one] : []))),
  )

async function presenceOf(files: readonly CheckedFile[], { tree, presence }: FindMissing) {
  const named = targetsOf(files).flatMap(({ leads }) => (leads.to === 'file' ? [leads.path] : []))
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
async function searchesOf(files: readonly CheckedFile[], { tree }: FindMissing): Promise<Map<Pattern, Search>> {
  const searches = new Map<Pattern, Search>()
  for (const { leads, isOptional } of targetsOf(files)) {
    if (leads.to !== 'pattern' || isOptional || searches.size >= MAX_SEARCHES) continue
    const search = await tree.search?.(leads.folder, leads.isDeep, path => leads.fits(path) !== 'differs')
    if (search !== undefined) searches.set(leads, search)
  }
  return searches
}

async function tell(file: CheckedFile, missing: readonly Missing[], given: FindMissing): Promise<CheckedFile> {
  const { tree, rules, push } = given
  const folders = missing.flatMap(({ path, why }) => (why === 'absent' ? [folderOf(path)] : []))
  const there = folders.length === 0 ? [] : ((await tree.list?.([...new Set(folders)])) ?? [])
  const before = push === undefined ? [] : await namedBefore(file, rules, push)
  const findings = missing.map(({ document, reference, path, why }) => {
    const isRemoved = isRemovedBy(reference, path, push)
    const wasMissing = !isRemoved && before.includes(keyOf(reference))
    const near = why === 'absent' && !isRemoved ? nearOf(reference.target, path, there) : undefined
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
  return withFindings(file, findings, rules)
}

/** A folder is a text, too. A placeholder of the openapi module may not be one where that is not installed: then it stays data, unless a text is needed. */
function isDoubtful(reference: Missing['reference'], why: Why): boolean {
  if (reference.what === 'target') return false
  if (why === 'folder') return true
  const place = reference.path.join('.')
  return /\$(?:openapi|asyncapi)$/.test(place) && !/^spec\.definition\.\$\w+$/.test(place)
}

/** A file that a push changes named the same already before. */
async function namedBefore({ path }: CheckedFile, rules: Rules, { previous }: Removal): Promise<string[]> {
  const bytes = await previous(path)
  if (bytes === undefined) return []
  return checkFile(path, bytes, rules).entities.flatMap(({ references }) => references.map(keyOf))
}

/** Where it leads: as it is written, since the folder is the same. */
const keyOf = ({ what, target }: Reference) => `${what} ${target}`

function isRemovedBy(reference: Missing['reference'], path: string, push: Removal | undefined): boolean {
  if (push === undefined) return false
  if (reference.what === 'target' && reference.leads.to === 'pattern') {
    const { fits } = reference.leads
    return [...push.removed].some(removed => fits(removed) === 'matches')
  }
  return push.removed.has(path)
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
