// Text of others made safe to look at: on a terminal, in a page. What is not seen, or turns the reading direction, is written out.

/** Control characters, terminal escapes, bidirectional marks and lone surrogates written out; the rest stays. */
export function printable(text: string): string {
  return text.replace(unprintable(), c => (c === '\n' ? '\\n' : c === '\t' ? '\\t' : escaped(c)))
}

/** Controls, formats (bidirectional marks, tags, joiners), lone surrogates, private use, line and paragraph separators. */
const unprintable = () => {
  pattern ??= /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu
  return pattern
}
/** Made when there is something to print: it costs 0.4 ms, and most hooks print nothing. */
let pattern: RegExp | undefined

function escaped(c: string): string {
  return [...c].map(one => escapedPoint(one.codePointAt(0) ?? 0)).join('')
}

/** Of a path, a byte that is no UTF-8 is a lone surrogate (hooks/push/path-text.ts): shown as the byte it is. */
function escapedPoint(point: number): string {
  if (point > 0xdc7f && point < 0xdd00) return `\\x${(point - 0xdc00).toString(16)}`
  return `\\u${point.toString(16).padStart(4, '0')}`
}
