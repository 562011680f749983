// Characters that cannot be seen, in values that are compared letter by letter; and bytes that are no UTF-8.
import type { Document } from 'yaml'
import type { Finding } from '../../diagnostics/diagnostic.ts'
import { HIDDEN, hiddenName, NUL, withoutHidden } from '../../diagnostics/hidden.ts'
import { isMapValue, mapAt, type Subject } from '../check.ts'
import { type Path, valueRange } from '../position.ts'
import { isPossible } from './impossible-ref.ts'

const KNOWN_TEXTS = [
  ['spec', 'type'],
  ['spec', 'lifecycle'],
  ['spec', 'target'],
]

/** Texts for people, in which they are right. */
const PROSE = ['description', 'title', 'displayName', 'definition']

/** `text`: of the whole file. A character that is written as an escape is there on purpose, but for NUL. */
export function invisibleCharacters({ written, version }: Subject, document: Document, text: string): Finding[] {
  const [start, , end] = document.range ?? [0, text.length, text.length]
  const part = text.slice(start, end)
  const mayHoldNul = part.includes(NUL) || /\\(?:0|x00|u0000)/.test(part)
  if (!mayHoldNul && !HIDDEN.test(part)) return []
  const relations = (version?.relations ?? []).map(({ field }) => field)
  const findings: Finding[] = []
  const todo: { value: unknown; path: Path }[] = [
    { value: mapAt(written, 'metadata'), path: ['metadata'] },
    { value: mapAt(written, 'spec'), path: ['spec'] },
  ]
  for (let next = todo.pop(); next; next = todo.pop()) {
    const { value, path } = next
    if (typeof value === 'string') {
      const isRef = path[0] === 'spec' && relations.includes(String(path[1]))
      if (value.includes(NUL) || (HIDDEN.test(value) && !isProse(path) && isCompared(value, path, isRef)))
        findings.push(...found(value, path, isRef))
    } else if (Array.isArray(value))
      for (const [i, item] of value.entries()) todo.push({ value: item, path: [...path, i] })
    // A template's spec is mostly texts for people.
    else if (isMapValue(value) && !(written.kind === 'Template' && path.length > 1 && path[0] === 'spec'))
      for (const [key, item] of Object.entries(value))
        if (mayHoldNul || !PROSE.includes(key)) todo.push({ value: item, path: [...path, key] })
  }
  return findings

  function found(value: string, path: Path, isRef: boolean): Finding[] {
    const clean = withoutHidden(value)
    // What is no reference without it either is told as that.
    if (isRef && !isPossible(clean)) return []
    const range = valueRange(document, path)
    const at = text.slice(range.start, range.end).search(HIDDEN)
    const character = value.includes(NUL) ? NUL : (HIDDEN.exec(value)?.[0] ?? '')
    const facts = { field: fieldOf(path), found: value, character: hiddenName(character) ?? '', clean }
    if (at === -1) return character === NUL ? [{ code: 'invisible-character', facts, range }] : []
    return [{ code: 'invisible-character', facts, range: { start: range.start + at, end: range.start + at + 1 } }]
  }
}

const isProse = (path: Path) => path.some(part => PROSE.includes(String(part)))

const fieldOf = (path: Path) =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('')

/** A value that somebody compares or looks up: one word, or a field that is never a sentence. */
function isCompared(value: string, path: Path, isRef: boolean): boolean {
  // Joined pictures, and scripts that need joiners, are one word, too.
  if (/\p{Extended_Pictographic}|[^\p{ASCII}\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u.test(value))
    return isRef
  const isKnown = KNOWN_TEXTS.some(known => known.every((part, i) => part === path[i]))
  return isRef || isKnown || path[1] === 'targets' || !/\s/.test(withoutHidden(value))
}
