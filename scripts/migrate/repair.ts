// --fix: existing catalog files with the certain fixes of `check --fix`, which keep everything else as it is written.
import { checkFiles } from '../../hooks/catalog/check-files.ts'
import { withContents } from '../../hooks/catalog/tree.ts'
import { fixAll } from '../check/fix-files.ts'
import { edgesFor } from '../check/fixes.ts'
import type { CatalogFiles } from './look.ts'
import type { Files } from './plan.ts'

/** Files of that repository as they would be; empty where nothing is certain. */
export async function repair({ checks, checked }: CatalogFiles): Promise<Files> {
  const { request, rules, names } = checks
  const check = (contents: ReadonlyMap<string, Uint8Array>) =>
    checkFiles({ ...request, tree: withContents(request.tree, contents) }, rules, names)
  const own = new Set(request.paths)
  const { fixed } = await fixAll(checked, { check, edgesFor: edgesFor(checks) }, path => own.has(path))
  return new Map(fixed.map(({ path, after }) => [path, after]))
}
