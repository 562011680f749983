// Which paths are catalog files: the same globs as in the hooks' configuration, with the same defaults.
import type { CatalogGlobs } from '../../schemas/catalog-globs.ts'
import { globTest } from '../runtime/globs.ts'

/** Whether a path is a catalog file by its name. A leading dot is no secret in a repository: `.backstage/catalog-info.yaml` is a common place. */
export function catalogPathTest({ files, ignore }: CatalogGlobs): (path: string) => boolean {
  const [isFile, isIgnored] = [files, ignore].map(globs => anyOf(globs.map(glob => globTest(glob, { dot: true }))))
  return path => isFile?.(path) === true && isIgnored?.(path) !== true
}

const anyOf = (tests: ((path: string) => boolean)[]) => (path: string) => tests.some(test => test(path))
