// catalog-gate check --fix: applies every certain fix, in rounds, until nothing changes; and writes whole files or none.
import { lstatSync, readFileSync } from 'node:fs'
import type { Checked } from '../../hooks/catalog/check-files.ts'
import type { CheckedFile } from '../../hooks/catalog/file.ts'
import { type FixEdges, findFixes, isBetter } from '../../hooks/catalog/fixes/find.ts'
import type { Edit } from '../../hooks/diagnostics/diagnostic.ts'
import { applyEdits, inOrder, overlap } from '../../hooks/diagnostics/fix.ts'
import { fileTrouble } from '../../schemas/error-code.ts'
import { writeWhole } from '../cli/whole-file.ts'

const MAX_ROUNDS = 10

/** A file before and after. `mended`: how many of its errors are gone. */
export type FixedFile = { path: string; before: string; after: string; mended: number }

type FixSteps = {
  /** The whole check, with other contents at some paths. */
  check: (contents: ReadonlyMap<string, Uint8Array>) => Promise<Checked>
  edgesFor: (file: CheckedFile, all: readonly CheckedFile[], contents: ReadonlyMap<string, Uint8Array>) => FixEdges
}

/** What there is after the fixes, by the check; nothing is written. `isFixable`: whether a file may be changed at all. */
export async function fixAll(
  first: Checked,
  { check, edgesFor }: FixSteps,
  isFixable: (path: string) => boolean,
): Promise<{ checked: Checked; fixed: FixedFile[] }> {
  const contents = new Map<string, Uint8Array>()
  let checked = first
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let isChanged = false
    // What is mended already counts for those that follow: two must not come to one name.
    const files = [...checked.files]
    for (const [i, file] of checked.files.entries()) {
      if (!isFixable(file.path)) continue
      const edges = edgesFor(file, files, contents)
      const text = await fixOnce(file, edges)
      if (text === file.text) continue
      contents.set(file.path, Buffer.from(text))
      files[i] = (await edges.again(Buffer.from(text))) ?? file
      isChanged = true
    }
    if (!isChanged) break
    checked = await check(contents)
  }
  const before = new Map(first.files.map(file => [file.path, file]))
  const fixed = checked.files.flatMap((file): FixedFile[] => {
    const old = before.get(file.path)
    if (old === undefined || old.text === file.text) return []
    return [{ path: file.path, before: old.text, after: file.text, mended: errorsOf(old) - errorsOf(file) }]
  })
  return { checked, fixed }
}

const errorsOf = ({ diagnostics }: CheckedFile) => diagnostics.filter(({ severity }) => severity === 'error').length

/** One round: fixes in order of place, as far as they go together. */
async function fixOnce(file: CheckedFile, edges: FixEdges): Promise<string> {
  const fixes = [...(await findFixes(file, edges)).values()].map(({ edits }) => inOrder(edits)).sort(byPlace)
  const together: Edit[][] = []
  for (const edits of fixes) if (!overlap(together.flat(), edits)) together.push(edits)
  const all = applyEdits(file.text, together.flat())
  if (together.length <= 1 || (await isMended(file, all, together.length, edges))) return all
  // Each is right, and not all of them at once: one after the other, as far as it goes.
  const taken: Edit[] = []
  let done = 0
  for (const edits of together) {
    const text = applyEdits(file.text, [...taken, ...edits])
    if (!(await isMended(file, text, done + 1, edges))) continue
    taken.push(...edits)
    done++
  }
  return applyEdits(file.text, taken)
}

const byPlace = ([a]: Edit[], [b]: Edit[]) => (a && b ? a.line - b.line || a.column - b.column : 0)

async function isMended(file: CheckedFile, text: string, fixes: number, { again }: FixEdges): Promise<boolean> {
  const after = await again(Buffer.from(text))
  return after !== undefined && isBetter(file, after) && errorsOf(after) <= errorsOf(file) - fixes
}

/** Why a file cannot be changed in its place; undefined where it can. */
export function whyNotChanged(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat?.isSymbolicLink()) return 'is a symbolic link'
  return stat?.isFile() ? undefined : 'is no file'
}

/** Whole, with the mode that it has. Gives the reason why not. */
export function replaceFile({ path, before, after }: FixedFile): string | undefined {
  try {
    if (readFileSync(path, 'utf8') !== before) return 'has changed meanwhile'
    writeWhole(path, after)
    return undefined
  } catch (error) {
    return `cannot be written (${fileTrouble(error)})`
  }
}
