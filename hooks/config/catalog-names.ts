// Which files are catalog files by their names, and how those may be called.
import type { HookConfig } from './hook-config.ts'

export type CatalogNames = {
  /** Whether a path is a catalog file by its name. */
  isCatalogPath: (path: string) => boolean
  isIgnored: (path: string) => boolean
  /** Names that a catalog file may have: `catalog-info.yaml`. */
  baseNames: readonly string[]
  /** Whether it may have others as well, which only a look into a folder can find: a pattern ends with `*.catalog.yaml`, say. */
  hasWildNames: boolean
}

/** A folder's name can have a line break: hence the flag. */
export function catalogNames({ files, ignore, baseNames, hasWildNames }: HookConfig['catalog']): CatalogNames {
  const [isFile, isIgnored] = [files, ignore].map(sources => anyOf(sources.map(source => new RegExp(source, 's'))))
  return {
    isCatalogPath: path => isFile?.(path) === true && isIgnored?.(path) !== true,
    isIgnored: path => isIgnored?.(path) === true,
    baseNames,
    hasWildNames,
  }
}

const anyOf = (patterns: RegExp[]) => (path: string) => patterns.some(pattern => pattern.test(path))
