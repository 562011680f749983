// Which files `check` looks at: those that are named, and in folders those whose names the configuration calls catalog files.
import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Note } from '../../hooks/diagnostics/note.ts'
import { errorCode } from '../../schemas/error-code.ts'
import { lookAt } from './disk-tree.ts'

/** `notes`: folders that could not be looked into. */
type FoundFiles = { result: 'files'; paths: string[]; notes: Note[] } | { result: 'unreadable'; problems: string[] }

/** In the order they were asked for, those of a folder sorted; each once. */
export function findCatalogFiles(asked: readonly string[], isCatalogPath: (path: string) => boolean): FoundFiles {
  const problems: string[] = []
  const notes: Note[] = []
  const paths = asked.flatMap(path => {
    const found = lookAt(path)
    if (found.result === 'absent') problems.push(`${path}: no such file or folder`)
    if (found.result === 'unreadable') problems.push(`${path}: cannot be read (${found.code})`)
    if (found.result === 'absent' || found.result === 'unreadable') return []
    return found.result === 'folder' ? filesBelow(path, isCatalogPath, notes) : [path]
  })
  return problems.length > 0
    ? { result: 'unreadable', problems }
    : { result: 'files', paths: [...new Set(paths)], notes }
}

function filesBelow(folder: string, isCatalogPath: (path: string) => boolean, notes: Note[], below = ''): string[] {
  const found: string[] = []
  for (const entry of entriesOf(join(folder, below), notes)) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules')
      found.push(...filesBelow(folder, isCatalogPath, notes, path))
    else if (entry.isFile() && isCatalogPath(path)) found.push(folder === '.' ? path : join(folder, path))
  }
  return found
}

function entriesOf(folder: string, notes: Note[]): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    notes.push({ path: folder, text: `cannot be read (${errorCode(error) ?? error}); it was not looked into` })
    return []
  }
}
