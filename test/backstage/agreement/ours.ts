// What our checker makes of a case: the registered file in its tree, with all that its Locations name.
import { posix } from 'node:path'
import { checkFiles } from '../../../hooks/catalog/check-files.ts'
import type { CheckedFile } from '../../../hooks/catalog/file.ts'
import { type Content, mapOf, type Presence, type Tree } from '../../../hooks/catalog/tree.ts'
import type { CatalogNames } from '../../../hooks/config/catalog-names.ts'
import { rulesFor } from '../../agreement/compare.ts'
import { type Case, fullNameOf } from './case.ts'
import { HOST, type Installation } from './installations.ts'

/** What is registered is a catalog file, whatever it is called. */
const ANY_NAME: CatalogNames = { isCatalogPath: () => true, isIgnored: () => false, baseNames: [], hasWildNames: false }

/** The registered file first. A fault of ours is thrown. `host`: of GHES, which a hook does not know. */
export async function judgeByUs(
  one: Case,
  { profile, settings }: Pick<Installation, 'profile' | 'settings'>,
  host: { host?: string } = { host: HOST },
): Promise<CheckedFile[]> {
  const rules = {
    ...rulesFor(profile),
    installation: settings,
    repository: { ...host, fullName: fullNameOf(one), folder: '' },
  }
  const request = { tree: treeOf(one), paths: [one.path], followLocations: true }
  const { files, notes } = await checkFiles(request, rules, ANY_NAME)
  const fault = notes.find(({ text }) => text.includes('internal error'))
  if (fault) throw new Error(`${one.name}: ${fault.path ?? ''} ${fault.text}`)
  return files
}

function treeOf({ tree }: Case): Tree {
  const paths = [...tree.keys()]
  const contentAt = (path: string): Content => {
    const bytes = tree.get(path)
    if (bytes !== undefined) return { result: 'bytes', bytes }
    return paths.some(there => there.startsWith(`${path}/`)) ? { result: 'folder' } : { result: 'absent' }
  }
  const presenceOf = (path: string): Presence =>
    tree.has(path) || paths.some(there => there.startsWith(`${path}/`)) ? 'there' : 'absent'
  const folderOf = (path: string) => (posix.dirname(path) === '.' ? '' : posix.dirname(path))
  return {
    read: async asked => mapOf(asked, contentAt),
    exists: async asked => mapOf(asked, presenceOf),
    isKnown: () => false,
    list: async folders => paths.filter(path => folders.includes(folderOf(path))),
    search: async (folder, isDeep, isWanted) => {
      const isBelow = (path: string) => isDeep && path.startsWith(folder === '' ? '' : `${folder}/`)
      const found = paths.filter(path => (folderOf(path) === folder || isBelow(path)) && isWanted(path))
      return { paths: found, isWhole: true }
    },
  }
}
