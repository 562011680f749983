// What Locations name, by path or by a pattern, of which git lists what fits.
import { printable } from '../../schemas/printable.ts'
import type { Note } from '../diagnostics/note.ts'
import { type Changes, NO_CHANGES } from './changes.ts'
import type { Pattern } from './destination.ts'
import type { CheckedFile } from './file.ts'
import type { Search, Tree } from './tree.ts'

const MAX_SEARCHES = 20

/** A Location's file. `isNews`: what it names is this push's responsibility, as far as that is changed. */
export type Source = { file: CheckedFile; isNews: boolean }

type Look = { tree: Tree; push?: Changes }
type Looked = { notes: Note[]; searches: Map<Pattern, Search> }

export const locatedIn = ({ entities }: CheckedFile) =>
  entities.flatMap(({ references }) => references.flatMap(one => (one.what === 'target' ? [one] : [])))

type Leads = ReturnType<typeof locatedIn>[number]['leads']

export const mayLeadTo = (leads: Leads, path: string) =>
  (leads.to === 'file' && leads.path === path) || (leads.to === 'pattern' && leads.fits(path) !== 'differs')

/** What the Locations name, and whether it is this push's responsibility. */
export async function targetsOf(wave: readonly Source[], look: Look, looked: Looked): Promise<Map<string, boolean>> {
  const targets = new Map<string, boolean>()
  for (const { file, isNews } of wave) {
    for (const { leads, target } of locatedIn(file)) {
      const paths = await pathsOf(leads, look, looked.searches)
      if (paths === 'unread') {
        const text = `names files by a pattern that is not read here, and they were not checked: ${printable(target)}`
        if (isNews || mayFit(leads, look)) looked.notes.push({ path: file.path, text })
      } else for (const path of paths) targets.set(path, isNews || (targets.get(path) ?? false))
    }
  }
  return targets
}

/** Whether an entity that the push changes may be meant by a pattern that is not read here. */
const mayFit = (leads: Leads, { push = NO_CHANGES }: Look) =>
  leads.to === 'pattern' &&
  [...push.others].some(([path, bytes]) => path.startsWith(leads.folder) && readsLikeEntity(bytes))

async function pathsOf(leads: Leads, { tree, push }: Look, searches: Looked['searches']): Promise<string[] | 'unread'> {
  if (leads.to === 'file') return [leads.path]
  if (leads.to !== 'pattern') return []
  const changed = [...(push?.others.keys() ?? []), ...(push?.unread ?? [])].filter(
    path => leads.fits(path) === 'matches',
  )
  if (!leads.isRead) return 'unread'
  const isLimit = tree.search === undefined || (searches.size >= MAX_SEARCHES && !searches.has(leads))
  if (isLimit) return changed
  const search =
    searches.get(leads) ?? (await tree.search?.(leads.folder, leads.isDeep, path => leads.fits(path) === 'matches'))
  if (search !== undefined) searches.set(leads, search)
  return [...new Set([...changed, ...(search?.paths ?? [])])]
}

export const targetsIn = (file: CheckedFile) => JSON.stringify(locatedIn(file).map(({ target }) => target))

export const readsLikeEntity = (bytes: Uint8Array) =>
  /^apiVersion:.*backstage\.io\//m.test(Buffer.from(bytes).toString('latin1'))
