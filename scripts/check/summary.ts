// The line that says how much was checked: nothing is called right that was not looked at.
import type { CheckedFile } from '../../hooks/catalog/file.ts'
import { count, noun } from '../../schemas/count.ts'

/** Nothing where the report has it all. `hasNotes`: something was left unchecked, and is named. */
export function summaryOf(files: readonly CheckedFile[], hasNotes: boolean): string {
  const passed = files.filter(isPassedOver).length
  const over = `passed over as ${noun(passed, 'a template', 'templates')}`
  if (passed > 0 && passed === files.length) return `nothing checked: ${count(passed, 'file')} ${over}\n`
  const isWell = files.every(({ diagnostics }) => diagnostics.length === 0)
  if (passed > 0)
    return `${isWell ? `${count(files.length - passed, 'file')} checked, nothing wrong; ` : ''}${passed} ${over}\n`
  return isWell && !hasNotes ? `${count(files.length, 'file')} checked, nothing wrong\n` : ''
}

/** Where there is no file to check. `asked`: files and folders; `stdinFiles`: they are named on standard input. */
export function nothingOf(asked: readonly string[], stdinFiles: boolean): string {
  if (asked.length === 0 && stdinFiles) return 'nothing to check: no file is named on standard input\n'
  return `nothing to check: no catalog file in ${asked.length === 0 ? 'this folder' : asked.join(', ')}\n`
}

function isPassedOver({ documents }: CheckedFile): boolean {
  const held = documents.filter(({ status }) => status !== 'empty')
  return held.length > 0 && held.every(({ status }) => status === 'templated')
}
