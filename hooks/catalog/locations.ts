// Follows Locations: catalog files under other names count when a Location in the pushed tree names them.
//
// No tree is walked for it. Looked at are the Locations that were pushed, and for a changed YAML file that reads like an entity the catalog
// files in its own folder and those above. A Location elsewhere in the tree is not found here; the catalog itself still refuses what is wrong.
import { posix } from 'node:path'
import type { CheckedFile } from './file.ts'
import { pathInRepository } from './repository-path.ts'

type Tree = {
  /** Contents at paths of the pushed tree, of those that exist and are small enough. */
  read: (paths: readonly string[]) => Promise<Map<string, Uint8Array>>
}

/** As many files are read beyond what was pushed; a Location with more targets is followed this far. */
const MAX_READ = 200
const MAX_DEPTH = 4

export type Follow = {
  tree: Tree
  check: (path: string, bytes: Uint8Array) => CheckedFile
  /** Catalog files of this push that were checked already. */
  pushed: readonly CheckedFile[]
  /** Changed YAML files outside the configured patterns, with their contents. */
  others: ReadonlyMap<string, Uint8Array>
  /** Base names of catalog files, `catalog-info.yaml`. */
  baseNames: readonly string[]
  isIgnored: (path: string) => boolean
}

/** The files that became catalog files by a Location, checked. */
export async function followLocations(follow: Follow): Promise<CheckedFile[]> {
  const { pushed, others, tree, check, isIgnored } = follow
  const seen = new Set(pushed.map(file => file.path))
  const followed: CheckedFile[] = []
  const suspects = [...others].filter(([, bytes]) => readsLikeEntity(bytes)).map(([path]) => path)
  const above = catalogFilesAbove(suspects, follow.baseNames).filter(path => !seen.has(path) && !others.has(path))
  let read = 0
  // `isNews`: what these Locations name is this push's responsibility, whether or not it was changed
  let wave: { file: CheckedFile; isNews: boolean }[] = [
    ...pushed.map(file => ({ file, isNews: true })),
    ...(suspects.length > 0 ? [...(await tree.read(above.slice(0, MAX_READ)))] : []).map(([path, bytes]) => ({
      file: check(path, bytes),
      isNews: false,
    })),
  ]
  for (let depth = 0; depth < MAX_DEPTH && wave.length > 0; depth++) {
    const news = new Map<string, boolean>()
    for (const { file, isNews } of wave) {
      for (const path of targetsOf(file)) {
        if (!seen.has(path) && !isIgnored(path)) news.set(path, isNews || (news.get(path) ?? false))
      }
    }
    const unread = [...news.keys()]
      .filter(path => !others.has(path) && (news.get(path) || suspects.length > 0))
      .slice(0, MAX_READ - read)
    read += unread.length
    const contents = await tree.read(unread)
    wave = [...news].flatMap(([path, isNews]) => {
      const bytes = others.get(path) ?? contents.get(path)
      if (bytes === undefined) return []
      seen.add(path)
      const file = check(path, bytes)
      const counts = isNews || others.has(path)
      if (counts) followed.push(file)
      return [{ file, isNews: counts }]
    })
  }
  return followed
}

function targetsOf(file: CheckedFile): string[] {
  return file.entities
    .filter(({ kind }) => kind === 'Location')
    .flatMap(({ value }) => {
      const spec = typeof value.spec === 'object' && value.spec !== null ? value.spec : {}
      const { target, targets } = spec as { target?: unknown; targets?: unknown }
      return [target, ...(Array.isArray(targets) ? targets : [])].flatMap(t =>
        typeof t === 'string' ? (pathInRepository(file.path, t) ?? []) : [],
      )
    })
}

const readsLikeEntity = (bytes: Uint8Array) =>
  /^apiVersion:.*backstage\.io\//m.test(Buffer.from(bytes).toString('latin1'))

function catalogFilesAbove(paths: readonly string[], baseNames: readonly string[]): string[] {
  const found = new Set<string>()
  for (const path of paths) {
    for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
      for (const name of baseNames) found.add(folder === '.' ? name : `${folder}/${name}`)
      if (folder === '.') break
    }
  }
  return [...found]
}
