// An entity that "---" divides: what follows has none of the envelope, and what stands before lacks just that.
import type { Finding } from '../diagnostics/diagnostic.ts'
import type { ParsedDocument } from './parse.ts'

/** Of a document that goes on with the one before it: the line between them, and the fields that it brings. */
export function dividedBefore(
  documents: readonly ParsedDocument[],
  index: number,
  text: string,
): { fields: string[]; finding: Finding } | undefined {
  const [before, after] = [documents[index - 1], documents[index]]
  if (before?.result !== 'entity' || after?.result !== 'entity' || !before.value['kind']) return undefined
  const fields = Object.keys(after.value)
  if (!fields.every(field => /^(?:metadata|spec)$/.test(field) && !before.value[field])) return undefined
  const [line] = [...text.slice(0, after.document.contents?.range?.[0]).matchAll(/^(?:---|\.{3})/gm)].slice(-1)
  if (line === undefined || fields.length === 0) return undefined
  const [mark] = line
  const facts = {
    problem: `"${mark}" ends an entity, and what follows is only its ${fields.join(' and ')}`,
    hint: 'remove the line',
  }
  const range = { start: line.index, end: line.index + mark.length }
  return { fields, finding: { code: 'yaml-separator', facts, range } }
}
