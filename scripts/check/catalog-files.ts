// Which files `check` looks at: those that are named, and in folders those whose names the configuration calls catalog files.
import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CatalogNames } from '../../hooks/config/catalog-names.ts'
import type { Note } from '../../hooks/diagnostics/note.ts'
import { fileTrouble } from '../../schemas/error-code.ts'
import { lookAt } from './disk-tree.ts'

/** `others`: YAML files of the folders that have other names; `notes`: folders that could not be looked into. */
type FoundFiles =
  | { result: 'files'; paths: string[]; others: string[]; notes: Note[] }
  | { result: 'unreadable'; problems: string[] }

type Names = Pick<CatalogNames, 'isCatalogPath' | 'isIgnored'>

/** In the order they were asked for, those of a folder sorted; each once. */
export function findCatalogFiles(asked: readonly string[], names: Names): FoundFiles {
  const problems: string[] = []
  const seen: Seen = { others: [], notes: [] }
  const paths = asked.flatMap(path => {
    const found = lookAt(path)
    if (found.result === 'absent') problems.push(`${path}: no such file or folder`)
    if (found.result === 'unreadable') problems.push(`${path}: cannot be read (${found.why})`)
    if (found.result === 'absent' || found.result === 'unreadable') return []
    return found.result === 'folder' ? filesBelow(path, names, seen) : [path]
  })
  return problems.length > 0
    ? { result: 'unreadable', problems }
    : { result: 'files', paths: [...new Set(paths)], ...seen }
}

type Seen = { others: string[]; notes: Note[] }

function filesBelow(folder: string, names: Names, seen: Seen, below = ''): string[] {
  const found: string[] = []
  for (const entry of entriesOf(join(folder, below), seen.notes)) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules')
      found.push(...filesBelow(folder, names, seen, path))
    if (!entry.isFile()) continue
    const asked = folder === '.' ? path : join(folder, path)
    if (names.isCatalogPath(path)) found.push(asked)
    else if (/\.ya?ml$/.test(path) && !names.isIgnored(path)) seen.others.push(asked)
  }
  return found
}

function entriesOf(folder: string, notes: Note[]): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    notes.push({ path: folder, text: `cannot be read (${fileTrouble(error)}); it was not looked into` })
    return []
  }
}
