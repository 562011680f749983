// What was wrong before this push, too: whoever touches such a file is told that it is not of their making. It changes no verdict.
import type { CheckedFile } from '../catalog/file.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { PlannedRef } from './plan.ts'

type WithFiles = { plan: PlannedRef; files: readonly CheckedFile[] }

/** Files of a ref as they were before it was moved; those are left out in which nothing of what is wrong now was so. */
export type Before = (plan: PlannedRef, wrong: readonly CheckedFile[]) => Promise<CheckedFile[]>

/** Of so many files it is asked. */
const FILES = 20

/** Costs a start of git, and only where something is found in a file that was there. */
export async function findBefore(refs: readonly WithFiles[], before: Before): Promise<(one: Diagnostic) => boolean> {
  const known = new Set<Diagnostic>()
  for (const { plan, files } of refs) {
    const wrong = files.filter(({ diagnostics }) => diagnostics.length > 0).slice(0, FILES)
    if (plan.mode === 'off' || plan.pushed.kind !== 'updated' || wrong.length === 0) continue
    const old = new Map((await before(plan, wrong)).map(file => [file.path, file]))
    for (const { path, diagnostics } of wrong) {
      const told = old.get(path)?.diagnostics.map(wordsOf) ?? []
      for (const one of diagnostics) if (told.includes(wordsOf(one))) known.add(one)
    }
  }
  return one => known.has(one)
}

/** Whether something that is wrong stood in the old text, too: what did not was not wrong there, and that saves a look at it. */
export function mayHaveBeenWrong({ text, diagnostics }: CheckedFile, old: Uint8Array): boolean {
  const bytes = Buffer.from(old.buffer, old.byteOffset, old.length)
  return diagnostics.some(({ finding }) => {
    const isElsewhere = finding === undefined || finding.quoted !== undefined
    return isElsewhere || bytes.includes(text.slice(finding.range.start, finding.range.end))
  })
}

/** Its place may have moved. */
const wordsOf = ({ code, message }: Diagnostic) => `${code} ${message}`
