// A placeholder that YAML reads as a text: the catalog publishes the words, and not the file.
import { LIKE_A_FILE } from '../../diagnostics/hints.ts'
import { type Found, isMapValue, mapAt, type Subject } from '../check.ts'
import type { Path } from '../position.ts'

/** `$text:./x`, `$text ./x`: the blank behind the colon is missing, or the colon. */
const PLACEHOLDER = /^\$(\w+)(?:\s*:\s*|\s+)(\S+)\s*$/

/** `names`: the placeholders that the catalog resolves, without "$". */
export function checkPlaceholdersAsText({ written }: Subject, names: readonly string[], found: Found): void {
  // What a template's steps do with their texts is theirs.
  if (written.kind === 'Template') return
  const definition = mapAt(written, 'spec').definition
  if (typeof definition === 'string' && isPath(definition))
    tell('$text', definition.trim().replace(/^file:/i, ''), definition, ['spec', 'definition'])
  const path: (string | number)[] = []
  walk(written)

  function walk(value: unknown): void {
    if (typeof value === 'string') {
      const [, name = '', target = ''] = (value.startsWith('$') && PLACEHOLDER.exec(value)) || []
      if (names.includes(name)) tell(`$${name}`, target, value, [...path])
    } else if (Array.isArray(value)) for (const [i, item] of value.entries()) walkInto(i, item)
    else if (isMapValue(value)) for (const [key, item] of Object.entries(value)) walkInto(key, item)
  }

  function walkInto(part: string | number, item: unknown): void {
    path.push(part)
    walk(item)
    path.pop()
  }

  function tell(placeholder: string, target: string, text: string, path: Path): void {
    const isOfApi = path.length === 2 && path[1] === 'definition'
    found({
      code: 'placeholder-as-text',
      facts: { field: String(path.at(-1)), placeholder, target, found: text, isOfApi },
      path,
      part: 'value',
    })
  }
}

/** One word that begins like a path or ends like a file. */
const isPath = (text: string) => /^\s*[^\s$]\S*\s*$/.test(text) && LIKE_A_FILE.test(text.trim().replace(/^file:/i, ''))
