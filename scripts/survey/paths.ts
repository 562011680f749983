// Which paths can be asked for by name: of a pattern such as **/catalog-info.yaml only the top of a repository.
import { HAS_GLOB, withoutBraces } from '../config/base-names.ts'

export type AskedPaths = {
  paths: string[]
  /** Patterns that only a look at whole trees can answer: `paths` are a part of what they mean, or none of it. */
  partly: string[]
}

/** Of the globs in catalog.files. `isCatalogPath` knows what catalog.ignore takes away again. */
export function askedPaths(globs: readonly string[], isCatalogPath: (path: string) => boolean): AskedPaths {
  const all = globs.map(glob => ({ glob, top: withoutBraces(glob.replace(/^(\*\*\/)+/, '')) }))
  const paths = all.flatMap(({ top }) => top.filter(path => !HAS_GLOB.test(path) && isCatalogPath(path)))
  return {
    paths: [...new Set(paths)],
    partly: all
      .filter(({ glob, top }) => glob.startsWith('**/') || top.some(path => HAS_GLOB.test(path)))
      .map(({ glob }) => glob),
  }
}
