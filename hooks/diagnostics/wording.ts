// Small pieces of every message: quoting what was found, and lists. Nothing that a pusher wrote reaches a terminal raw.

/** At most `max` characters, with "..." for what was left out. ASCII, since hooks run without a locale. */
export function clip(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, Math.max(1, max - 3))}...`
}

/** Control characters, terminal escapes, bidirectional marks and lone surrogates written out; the rest stays. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, c => (c === '\n' ? '\\n' : c === '\t' ? '\\t' : escaped(c)))
}

/** Controls, formats (bidirectional marks, tags, joiners), lone surrogates, private use, line and paragraph separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu

function escaped(c: string): string {
  return [...c].map(one => `\\u${(one.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`).join('')
}

/** In double quotes, printable, and short enough to be read. */
export function quoted(text: string, max = 63): string {
  return `"${printable(clip(text, max))}"`
}

/** `a, b or c` */
export function listed(words: readonly string[], conjunction: 'or' | 'and'): string {
  if (words.length <= 1) return words.join('')
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`
}
