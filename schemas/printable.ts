// Text of others made safe to look at: on a terminal, in a page. What is not seen, or turns the reading direction, is written out.

/** Control characters, terminal escapes, bidirectional marks and lone surrogates written out; the rest stays. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, c => (c === '\n' ? '\\n' : c === '\t' ? '\\t' : escaped(c)))
}

/** Controls, formats (bidirectional marks, tags, joiners), lone surrogates, private use, line and paragraph separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu

function escaped(c: string): string {
  return [...c].map(one => `\\u${(one.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`).join('')
}
