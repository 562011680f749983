// Two texts of a file → a patch as `git apply` takes it.
import { blocksBetween, linesIn } from '../../hooks/catalog/fixes/difference.ts'
import type { FixedFile } from './fix-files.ts'

const CONTEXT = 3

/** `path`: from the root of the repository, with "/". */
export function patchOf(path: string, { before, after }: Pick<FixedFile, 'before' | 'after'>): string {
  const a = linesIn(before)
  const b = linesIn(after)
  const end = /\s/.test(path) ? '\t' : ''
  const head = `diff --git ${quoted(`a/${path}`)} ${quoted(`b/${path}`)}\n--- ${quoted(`a/${path}`)}${end}\n+++ ${quoted(`b/${path}`)}${end}\n`
  return head + hunksOf(a, b).join('')
}

function hunksOf(a: readonly string[], b: readonly string[]): string[] {
  const blocks = blocksBetween(a, b)
  const groups: (typeof blocks)[] = []
  for (const block of blocks) {
    const last = groups.at(-1)
    const before = last?.at(-1)
    if (last !== undefined && before !== undefined && block.from - before.to <= 2 * CONTEXT) last.push(block)
    else groups.push([block])
  }
  return groups.map(group => {
    const [first] = group
    const last = group.at(-1)
    if (first === undefined || last === undefined) return ''
    const from = Math.max(0, first.from - CONTEXT)
    const to = Math.min(a.length, last.to + CONTEXT)
    const otherFrom = first.otherFrom - (first.from - from)
    const otherTo = last.otherTo + (to - last.to)
    const lines: string[] = []
    let at = from
    for (const block of group) {
      lines.push(...a.slice(at, block.from).map(line => ` ${line}`))
      lines.push(...a.slice(block.from, block.to).map(line => `-${line}`))
      lines.push(...b.slice(block.otherFrom, block.otherTo).map(line => `+${line}`))
      at = block.to
    }
    lines.push(...a.slice(at, to).map(line => ` ${line}`))
    const text = lines.map(line => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`)).join('')
    return `@@ -${span(from, to)} +${span(otherFrom, otherTo)} @@\n${text}`
  })
}

const span = (from: number, to: number) => `${to > from ? from + 1 : from},${to - from}`

/** As git quotes names that hold more than plain signs. */
function quoted(path: string): string {
  if (/^[^"\\\x00-\x1f\x7f-\uffff]*$/.test(path)) return path
  const bytes = [...Buffer.from(path)].map(byte => {
    const sign = String.fromCharCode(byte)
    if (sign === '"' || sign === '\\') return `\\${sign}`
    return byte < 0x20 || byte > 0x7e ? `\\${byte.toString(8).padStart(3, '0')}` : sign
  })
  return `"${bytes.join('')}"`
}
