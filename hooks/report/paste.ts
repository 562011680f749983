// Fixes → one line for a shell that makes them: plain sh, sed and git, as Linux, macOS and Git for Windows have them.
//
// Whatever a stranger wrote could be in it. So it holds letters, digits and harmless signs alone, in single quotes; of anything else there is no line.

import type { Edit } from '../diagnostics/diagnostic.ts'
import { applyEdits } from '../diagnostics/fix.ts'

const MAX_LENGTH = 300

/** `text`: as it was pushed. */
export type ToPaste = { path: string; text: string; edits: Edit[] }

/**
 * It begins at the root of the repository, and changes a line only where it stands as it was pushed. Undefined where it cannot be said in one
 * line, or not for certain.
 */
export function pasteLine(files: readonly ToPaste[]): string | undefined {
  const calls: { script: string; path: string }[] = []
  for (const file of files) {
    const script = scriptFor(file)
    if (script === undefined || !/^(?!\d+$)[A-Za-z0-9_.][A-Za-z0-9_./-]*$/.test(file.path)) return undefined
    calls.push({ script, path: file.path })
  }
  const [first, ...more] = calls
  if (first === undefined) return undefined
  // `>|` and `-f`: for shells that keep existing files (noclobber), and where rm is an alias that asks.
  // Where a file has other letters, sed is not to ask which of them its locale knows.
  const sed = files.every(({ text }) => /^[\0-\x7f]*$/.test(text)) ? 'sed' : 'LC_ALL=C sed'
  const edit = (script: string, path: string) => `${sed} ${script} ${path}>|"$t"&&cat "$t">|${path};`
  const work =
    more.length === 0
      ? edit(first.script, first.path)
      : `f(){ ${edit('"$1"', '"$2"')}};${calls.map(({ script, path }) => `f ${script} ${path};`).join('')}`
  const line = `(cd "$(git rev-parse --show-toplevel)"/&&t=$(mktemp)&&{ ${work}rm -f "$t";})`
  return line.length <= MAX_LENGTH && /^[ -~]*$/.test(line) ? line : undefined
}

/** Printable ASCII without what a shell or sed could take for more than itself. */
const HARMLESS = /^[A-Za-z0-9 _.,:;/@+=#"()[\]{}<>~?*^&%-]*$/

/** A script for sed in single quotes: each line by its number and by all that stands in it, whichever line end it has. */
function scriptFor({ text, edits }: ToPaste): string | undefined {
  // Some seds end the last line where it has no end.
  if (!text.endsWith('\n') || text.startsWith('\ufeff')) return undefined
  if (edits.some(({ line, endLine, text: inserted }) => line !== endLine || /[\r\n]/.test(inserted))) return undefined
  const before = text.split('\n')
  const after = applyEdits(text, edits).split('\n')
  const lines = [...new Set(edits.map(({ line }) => line))].sort((a, b) => a - b)
  const commands = lines.map(line => commandFor(line, withoutEnd(before[line - 1]), withoutEnd(after[line - 1])))
  return commands.every(command => command !== undefined) ? `'${commands.join(';')}'` : undefined
}

const withoutEnd = (line = '') => line.replace(/\r$/, '')

function commandFor(line: number, old: string, now: string): string | undefined {
  if (!HARMLESS.test(old) || !HARMLESS.test(now) || old === now) return undefined
  const most = Math.min(old.length, now.length)
  let head = 0
  while (head < most && old[head] === now[head]) head++
  let tail = 0
  while (tail < most - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++
  const [before, gone, after] = [old.slice(0, head), old.slice(head, old.length - tail), old.slice(old.length - tail)]
  const put = now.slice(head, now.length - tail).replaceAll('&', '\\&')
  return `${line}s|^\\(${pattern(before)}\\)${pattern(gone)}\\(${pattern(after)}[[:cntrl:]]*\\)$|\\1${put}\\2|`
}

const pattern = (text: string) => text.replace(/[.[*^]/g, '\\$&')
