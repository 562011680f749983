// Keys that are nearly right: misspelt, in another case, or with a character that nobody sees.
import { isMap, isScalar } from 'yaml'
import { nearest } from '../../../schemas/nearest.ts'
import { type Change, nodeAt, rangeOf, type Subject, type Ways } from './candidate.ts'

export function proposeKeys({ finding, document, text }: Subject): Ways[] {
  const path = finding.path ?? []
  if (finding.part !== 'key') return []
  const meant = meantBy(finding)
  if (meant === undefined) return []
  const place = nodeAt(document, path)
  const range = place?.key && rangeOf(place.key)
  if (range === undefined || !isMap(place?.parent)) return []
  if (place.parent.items.some(({ key }) => isScalar(key) && String(key.value) === meant)) return []
  const from = [path]
  const to = [[...path.slice(0, -1), meant]]
  return [[{ changes: sameKey(text, range, meant), from, to, rewrites: true }]]
}

function meantBy(finding: Subject['finding']): string | undefined {
  if (finding.code === 'missing-field') return lastOf(finding.facts.field)
  if (finding.code !== 'unknown-field') return undefined
  const { close, belongsIn, field } = finding.facts
  return belongsIn !== undefined || close.length !== 1 ? undefined : nearOnly(field, close[0] ?? '')
}

const lastOf = (field: string) => field.slice(field.lastIndexOf('.') + 1)
const nearOnly = (said: string, meant: string) => (nearest(said, [meant]).length > 0 ? meant : undefined)

function sameKey(text: string, range: { start: number; end: number }, word: string): Change[] {
  const quote = ['"', "'"].find(one => text[range.start] === one) ?? ''
  return [{ ...range, text: `${quote}${word}${quote}` }]
}
