// What tells two texts apart, line by line: for a fix that took several steps, and for a patch.
import type { Change } from './candidate.ts'

/** Lines `from` to `to` (from 0, half-open) of the one text stand for lines `otherFrom` to `otherTo` of the other. */
export type Block = { from: number; to: number; otherFrom: number; otherTo: number }

/** Beyond this many pairs of lines all of the middle is one block. */
const MAX_PAIRS = 1_000_000

/** With their line breaks. */
export const linesIn = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

export function blocksBetween(a: readonly string[], b: readonly string[]): Block[] {
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const left = a.slice(head, a.length - tail)
  const right = b.slice(head, b.length - tail)
  if (left.length === 0 && right.length === 0) return []
  const blocks: Block[] = []
  let i = 0
  let j = 0
  for (const [nextI, nextJ] of [...common(left, right), [left.length, right.length] as const]) {
    if (nextI > i || nextJ > j)
      blocks.push({ from: head + i, to: head + nextI, otherFrom: head + j, otherTo: head + nextJ })
    i = nextI + 1
    j = nextJ + 1
  }
  return blocks
}

/** Places of the lines that both have, in a longest series. */
function common(a: readonly string[], b: readonly string[]): (readonly [number, number])[] {
  if (a.length * b.length > MAX_PAIRS) return []
  const width = b.length + 1
  const longest = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number) => longest[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const pairs: (readonly [number, number])[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++])
    else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return pairs
}

/** The changes that make the one text of the other; in a block of as many lines on both sides, line by line, and no wider than what differs. */
export function changesBetween(before: string, after: string): Change[] {
  const a = linesIn(before)
  const b = linesIn(after)
  const starts = [0]
  for (const line of a) starts.push((starts.at(-1) ?? 0) + line.length)
  return blocksBetween(a, b).flatMap(({ from, to, otherFrom, otherTo }) => {
    const step = to - from === otherTo - otherFrom ? 1 : Math.max(to - from, 1)
    const changes: Change[] = []
    for (let i = 0; i === 0 || i < to - from; i += step) {
      const old = a.slice(from + i, Math.min(to, from + i + step)).join('')
      const now = step === 1 && to > from + 1 ? (b[otherFrom + i] ?? '') : b.slice(otherFrom, otherTo).join('')
      if (old !== now) changes.push(narrowed(old, now, starts[from + i] ?? before.length))
    }
    return changes
  })
}

function narrowed(old: string, now: string, start: number): Change {
  const most = Math.min(old.length, now.length)
  let head = 0
  while (head < most && old[head] === now[head]) head++
  let tail = 0
  while (tail < most - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++
  return { start: start + head, end: start + old.length - tail, text: now.slice(head, now.length - tail) }
}
