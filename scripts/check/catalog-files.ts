// Which files `check` looks at: those that are named, and in folders those whose names the configuration calls catalog files.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { catalogPathTest, type HookConfig } from '../../hooks/config/hook-config.ts'

export type FoundFiles = { result: 'files'; paths: string[] } | { result: 'unreadable'; problems: string[] }

/** In the order they were asked for, those of a folder sorted; each once. */
export function findCatalogFiles(asked: readonly string[], config: HookConfig): FoundFiles {
  const problems: string[] = []
  const paths = asked.flatMap(path => {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) problems.push(`${path}: no such file or folder`)
    return stat?.isDirectory() ? filesBelow(path, catalogPathTest(config)) : stat ? [path] : []
  })
  return problems.length > 0 ? { result: 'unreadable', problems } : { result: 'files', paths: [...new Set(paths)] }
}

function filesBelow(folder: string, isCatalogPath: (path: string) => boolean, below = ''): string[] {
  const found: string[] = []
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules')
      found.push(...filesBelow(folder, isCatalogPath, path))
    else if (entry.isFile() && isCatalogPath(path)) found.push(folder === '.' ? path : join(folder, path))
  }
  return found
}
