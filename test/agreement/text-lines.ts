// What ways to break a text do with its lines.
import type { Random } from './random.ts'

export type TextOperator = (r: Random, text: string) => string

/** Changes the lines of a text; the index is of one that `which` accepts, and nothing happens when there is none. */
export function atLine(
  r: Random,
  text: string,
  which: (line: string) => boolean,
  change: (lines: string[], i: number) => void,
): string {
  const lines = text.split('\n')
  const candidates = lines.flatMap((line, i) => (which(line) ? [i] : []))
  if (candidates.length > 0) change(lines, r.pick(candidates))
  return lines.join('\n')
}

export const any = () => true
export const isKeyed = (line: string) => /^\s*(?:- )?[\w.$/-]+:/.test(line)
export const hasValue = (line: string) => /^\s*(?:- )?[\w.$/-]+: \S/.test(line)
export const edit = (lines: string[], i: number, change: (line: string) => string) => {
  lines[i] = change(lines[i] ?? '')
}
export const setValue = (r: Random, text: string, value: string) =>
  atLine(r, text, hasValue, (lines, i) => edit(lines, i, line => line.replace(/: .*$/, () => `: ${value}`)))
export const insertAt = (r: Random, text: string, piece: string) => {
  const i = r.int(text.length + 1)
  return text.slice(0, i) + piece + text.slice(i)
}
