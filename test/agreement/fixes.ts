// Every fix of a file, each by itself and all in rounds, and what is not right about them: by our check, by Backstage's own code, and by what is parsed.
import { parseAllDocuments, visit } from 'yaml'
import { unbounded } from '../../hooks/catalog/check-files.ts'
import type { CheckedFile } from '../../hooks/catalog/file.ts'
import { findFixes } from '../../hooks/catalog/fixes/find.ts'
import type { Diagnostic } from '../../hooks/diagnostics/diagnostic.ts'
import { applyEdits } from '../../hooks/diagnostics/fix.ts'
import { fixAll } from '../../scripts/check/fix-files.ts'
import type { CatalogVerdict, ProfileName } from './catalog.ts'
import { isUnread, ours, rulesFor, theirs } from './compare.ts'

export type Mended = {
  /** Refused as it was, and accepted in the end. */
  isRefused: boolean
  isMended: boolean
  /** Errors as they were, by code, and how many of them have a fix. */
  codes: { code: string; isFixed: boolean }[]
  faults: string[]
  text: string
}

const errorsIn = ({ diagnostics }: CheckedFile) => diagnostics.filter(({ severity }) => severity === 'error')

export async function mendedOf(bytes: Uint8Array, profile: ProfileName): Promise<Mended> {
  const checked = ours(bytes, profile)
  const errors = errorsIn(checked)
  const nothing = { isRefused: errors.length > 0, isMended: false, codes: [], faults: [], text: checked.text }
  if (errors.length === 0) return nothing
  const edges = {
    again: async (other: Uint8Array) => ours(other, profile),
    taken: new Set<string>(),
    budget: unbounded,
    profile: rulesFor(profile).profile,
  }
  const fixes = await findFixes(checked, edges)
  const faults: string[] = []
  const before = await theirs(bytes, profile)
  for (const [diagnostic, { edits }] of fixes)
    faults.push(...(await faultsOf(checked, applyEdits(checked.text, edits), diagnostic, before, profile)))
  const check = async (contents: ReadonlyMap<string, Uint8Array>) => ({
    files: [ours(contents.get(checked.path) ?? bytes, profile)],
    notes: [],
  })
  const rounds = { check, edgesFor: () => edges }
  const { checked: last } = await fixAll({ files: [checked], notes: [] }, rounds, () => true)
  const [end] = last.files
  if (end === undefined) throw new Error('the file is gone')
  const again = await fixAll(last, { check: async () => last, edgesFor: () => edges }, () => true)
  if (again.fixed.length > 0) faults.push('fixed a second time, it changes again')
  const isMended = errorsIn(end).length === 0
  const after = await theirs(Buffer.from(end.text), profile)
  if (isMended && after.some(({ status }, i) => status === 'rejected' && !isUnread(end, i)))
    faults.push(`the catalog refuses the end: ${told(after)}`)
  return {
    ...{ isRefused: true, isMended, faults, text: end.text },
    codes: errors.map(one => ({ code: one.code, isFixed: fixes.has(one) })),
  }
}

async function faultsOf(
  checked: CheckedFile,
  text: string,
  { code, line }: Diagnostic,
  before: readonly CatalogVerdict[],
  profile: ProfileName,
): Promise<string[]> {
  const faults: string[] = []
  const fault = (what: string) => faults.push(`${code} in line ${line}: ${what}\n${text.replace(/^/gm, '  > ')}`)
  const after = ours(Buffer.from(text), profile)
  if (errorsIn(after).length >= errorsIn(checked).length) fault('no fewer errors')
  const known = checked.diagnostics.map(one => one.code)
  const lines = new Set(checked.text.split('\n'))
  // Warnings are looked for where nothing is refused: of lines that are as they were, they are told late, not new.
  const isLate = ({ severity, line }: Diagnostic) =>
    severity === 'warning' && lines.has(text.split('\n')[line - 1] ?? '')
  const news = after.diagnostics.filter(one => !known.includes(one.code) && !isLate(one))
  if (news.length > 0) fault(`new: ${news.map(one => one.code).join()}`)
  const verdicts = await theirs(Buffer.from(text), profile)
  const rejected = (all: readonly CatalogVerdict[], checkedAs: CheckedFile) =>
    all.filter(({ status }, i) => status === 'rejected' && !isUnread(checkedAs, i)).length
  if (rejected(verdicts, after) > rejected(before, checked)) fault(`the catalog refuses more: ${told(verdicts)}`)
  const { lost, gained } = difference(valuesOf(checked.text), valuesOf(text))
  // A word is corrected, or the same letters stand elsewhere. Of what was no YAML before only what is lost can be told.
  const isOneWord = lost.length <= 1 && gained.length <= 1
  const isSame = lettersOf(lost) === lettersOf(gained)
  if (!isOneWord && !isSame && !/^yaml-/.test(code)) fault(`lost ${lost.join(' | ')}, gained ${gained.join(' | ')}`)
  return faults
}

const told = (all: readonly CatalogVerdict[]) => all.map(one => ('reason' in one ? one.reason : one.status)).join('; ')
const lettersOf = (values: readonly string[]) =>
  [
    ...values
      .join('')
      .replace(/[^\p{L}\p{N}]/gu, '')
      .toLowerCase(),
  ]
    .sort()
    .join('')

/** All scalar values of a file; nothing of what cannot be read. */
function valuesOf(text: string): string[] {
  const values: string[] = []
  const documents = parseAllDocuments(text, { merge: false, logLevel: 'silent' })
  for (const document of Array.isArray(documents) ? documents : [])
    if (document.errors.length === 0)
      visit(document, {
        Scalar: (key, { value }) => {
          if (key !== 'key' && value !== null) values.push(String(value))
        },
      })
  return values
}

function difference(before: readonly string[], after: readonly string[]): { lost: string[]; gained: string[] } {
  const lost = [...before]
  const gained = after.filter(value => {
    const i = lost.indexOf(value)
    if (i !== -1) lost.splice(i, 1)
    return i === -1
  })
  return { lost, gained }
}
