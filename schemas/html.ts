// Markup as values: whatever is put into a template is escaped, unless it is markup itself.

import { printable } from './printable.ts'

export type Html = { readonly markup: string }

/** What a template takes; `false` and `undefined` are nothing, lists are joined. */
export type Part = Html | string | number | false | undefined | readonly Part[]

export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { markup: texts.map((text, i) => (i === 0 ? text : markupOf(parts[i - 1]) + text)).join('') }
}

function markupOf(part: Part): string {
  if (part === undefined || part === false) return ''
  if (typeof part === 'string') return escaped(part)
  if (typeof part === 'number') return String(part)
  if ('markup' in part) return part.markup
  return part.map(markupOf).join('')
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Printable as well: a name must not pass itself off as another. */
const escaped = (text: string) => printable(text).replaceAll(/[&<>"']/g, character => ENTITIES[character] ?? '')
