// Which paths are catalog files: the same globs as in the hooks' configuration, with the same defaults.
import picomatch from 'picomatch'
import type { CatalogGlobs } from '../../schemas/catalog-globs.ts'

/** Whether a path is a catalog file by its name. A leading dot is no secret in a repository: `.backstage/catalog-info.yaml` is a common place. */
export function catalogPathTest({ files, ignore }: CatalogGlobs): (path: string) => boolean {
  const [isFile, isIgnored] = [files, ignore].map(globs => anyOf(globs.map(globTest)))
  return path => isFile?.(path) === true && isIgnored?.(path) !== true
}

/** A folder's name can have a line break: hence the flag. */
function globTest(glob: string): (path: string) => boolean {
  const pattern = new RegExp(picomatch.makeRe(glob, { dot: true }).source, 's')
  return path => pattern.test(path)
}

const anyOf = (tests: ((path: string) => boolean)[]) => (path: string) => tests.some(test => test(path))
