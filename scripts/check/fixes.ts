// catalog-gate check --fix, and the fixes beside each problem in JSON and SARIF. Loaded only where something is wrong.
import { dirname, relative, resolve, sep } from 'node:path'
import { type Checked, type CheckRequest, checkFiles, openChecker, unbounded } from '../../hooks/catalog/check-files.ts'
import type { CheckedFile, Rules } from '../../hooks/catalog/file.ts'
import { type FixEdges, withFixes } from '../../hooks/catalog/fixes/find.ts'
import { trialOf } from '../../hooks/catalog/fixes/trial.ts'
import { withContents } from '../../hooks/catalog/tree.ts'
import type { CatalogNames } from '../../hooks/config/catalog-names.ts'
import { count } from '../../schemas/count.ts'
import { printable } from '../../schemas/printable.ts'
import { uninterrupted } from '../cli/interruption.ts'
import type { ProcessEdges } from '../cli/process-edges.ts'
import { removeLeftovers } from '../cli/whole-file.ts'
import { fixAll, replaceFile, whyNotChanged } from './fix-files.ts'
import type { CheckOptions } from './options.ts'
import { patchOf } from './patch.ts'

export type FixScope = { request: CheckRequest; rules: Rules; names: CatalogNames }
type Contents = ReadonlyMap<string, Uint8Array>

/** The files with a fix at each problem that has one. */
export async function withFixesBeside(checked: Checked, scope: FixScope): Promise<Checked> {
  const files: CheckedFile[] = []
  for (const file of checked.files) files.push(await withFixes(file, edgesFor(scope)(file, checked.files, new Map())))
  return { ...checked, files }
}

/** What remains. The files are changed, or with `--dry-run` a patch that would do it is printed; each is named. */
export async function fixInPlace(
  checked: Checked,
  scope: FixScope,
  { dryRun, format }: CheckOptions,
  edges: ProcessEdges,
): Promise<Checked> {
  const { request, rules, names } = scope
  const check = (contents: Contents) =>
    checkFiles({ ...request, tree: withContents(request.tree, contents) }, rules, names)
  if (!dryRun) for (const folder of new Set(checked.files.map(({ path }) => dirname(path)))) removeLeftovers(folder)
  const why = new Map(checked.files.map(({ path }) => [path, whyNotChanged(path)]))
  const steps = { check, edgesFor: edgesFor(scope) }
  const { checked: remaining, fixed } = await fixAll(checked, steps, path => why.get(path) === undefined)
  const tell = dryRun || format !== 'text' ? edges.writeError : edges.write
  const written = new Map<string, Uint8Array>()
  for (const file of fixed) {
    if (dryRun) edges.write(patchOf(pathFromRoot(file.path, rules, edges.cwd), file))
    await uninterrupted(() => {
      const problem = dryRun ? undefined : replaceFile(file)
      if (problem === undefined) {
        written.set(file.path, Buffer.from(file.after))
        tell(`${dryRun ? 'would fix' : 'fixed'} ${printable(file.path)}: ${count(file.mended, 'problem')}\n`)
      } else edges.writeError(`error: ${printable(file.path)} ${problem}; it was not changed\n`)
    })
  }
  for (const [path, reason] of why) {
    const has = checked.files.some(file => file.path === path && file.diagnostics.length > 0)
    if (reason !== undefined && has) edges.writeError(`warning: ${printable(path)} ${reason}; it was not changed\n`)
  }
  return written.size === fixed.length ? remaining : check(written)
}

/** How a fix is tried out before it is believed. */
export function edgesFor({ request, rules, names }: FixScope) {
  const checker = openChecker(rules, names)
  return (file: CheckedFile, files: readonly CheckedFile[], contents: Contents): FixEdges =>
    trialOf(file, {
      checker,
      tree: withContents(request.tree, contents),
      files,
      followLocations: request.followLocations,
      profile: rules.profile,
      budget: unbounded,
    })
}

/** As git names it, wherever in the repository the patch is applied. */
function pathFromRoot(path: string, { repository }: Rules, cwd: string): string {
  return relative(repository.root ?? cwd, resolve(cwd, path))
    .split(sep)
    .join('/')
}
