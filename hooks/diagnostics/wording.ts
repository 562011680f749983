// Small pieces of every message: quoting what was found, and lists. Nothing that a pusher wrote reaches a terminal raw.

import { printable } from '../../schemas/printable.ts'

/** At most `max` characters, with "..." for what was left out. ASCII, since hooks run without a locale. */
export function clip(text: string, max: number): string {
  return text.length <= max ? text : `${cut(text, Math.max(1, max - 3))}...`
}

/** At most so many characters of its beginning: no half of an emoji, and no joiner without what it joins. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text
  let end = length
  while (/^(?:[\ud800-\udbff][\udc00-\udfff]|\u200d)/.test(text.slice(end - 1, end + 1))) end--
  return text.slice(0, end)
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

/** `metadata.links[0].url`; of a label or an annotation, whose key may hold dots, that key in quotes. */
export function fieldName(path: readonly (string | number)[]): string {
  const [root, field, key] = path
  if (root === 'metadata' && (field === 'annotations' || field === 'labels') && path.length === 3)
    return `${field.slice(0, -1)} ${quoted(String(key), 100)}`
  return (
    path
      .map(part => (/^\d+$/.test(String(part)) ? `[${part}]` : `.${part}`))
      .join('')
      .replace(/^\./, '') || 'the entity'
  )
}

export const WITHOUT_MARK = 'save the file as UTF-8 without a byte order mark'
