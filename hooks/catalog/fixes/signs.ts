// Signs that YAML reads otherwise than the eye: a blank that is none, a "#" that begins a comment, a colon without a blank.
import { isScalar } from 'yaml'
import { otherSignIn } from '../syntax/slips.ts'
import { type Change, lineEnd, linesBetween, nodeAt, rangeOf, type Subject, type Ways } from './candidate.ts'

export function proposeSigns(subject: Subject): Ways[] {
  const ways = [plainBlanks(subject), insteadOfComment(subject), blankBehindColon(subject)]
  return ways.flatMap(way => (way === undefined ? [] : [way]))
}

/** No-break spaces and their like as indentation. They are letters to YAML, so that everything below them is another tree. */
function plainBlanks({ text, document }: Subject): Ways | undefined {
  const [start, , end] = document.range ?? [0, 0, text.length]
  const changes: Change[] = []
  for (const at of linesBetween(text, start, end)) {
    const blanks = /^[ \u00a0\u2000-\u200a\u202f\u3000]+/.exec(text.slice(at, at + 200))?.[0] ?? ''
    for (const [i, sign] of [...blanks].entries())
      if (sign !== ' ') changes.push({ start: at + i, end: at + i + 1, text: ' ' })
  }
  return changes.length === 0 ? undefined : [{ changes, from: [[]] }]
}

/** `slack.com/channel: #shop`, in an annotation, which may hold anything. */
function insteadOfComment({ text, document, finding }: Subject): Ways | undefined {
  const { path = [], code } = finding
  const key =
    code === 'wrong-type' && path[1] === 'annotations' && path.length === 3 ? nodeAt(document, path)?.key : undefined
  const start = key && rangeOf(key)?.end
  if (start === undefined || nodeAt(document, path)?.pair?.value === undefined) return undefined
  const [, blanks = '', word = ''] =
    /^(: +)(#[^\s#"\\]+)[ \t]*\r?(?:\n|$)/.exec(text.slice(start, lineEnd(text, start))) ?? []
  if (word === '') return undefined
  const from = start + blanks.length
  return [{ changes: [{ start: from, end: from + word.length, text: `"${word}"` }] }]
}

/** `name:payments` as all that stands below `metadata:`. */
function blankBehindColon({ text, document, finding }: Subject): Ways | undefined {
  const { path = [], code } = finding
  const node = code === 'yaml-missing-space' || code === 'yaml-syntax' ? nodeAt(document, path)?.node : undefined
  const range = node && rangeOf(node)
  if (!isScalar(node) || node.type !== 'PLAIN' || range === undefined) return undefined
  const source = text.slice(range.start, range.end)
  const other = otherSignIn(source)
  if (other !== undefined && !source.includes('\n')) {
    const start = range.start + other.key.length
    return [{ changes: [{ start, end: start + other.sign.length, text: ': ' }] }]
  }
  if (!source.split('\n').every(line => /^\s*[A-Za-z][\w.-]*:(?!\/\/)[^\s:#]+\s*$/.test(line))) return undefined
  const changes = [...source.matchAll(/:/g)].map(({ index }) => {
    const at = range.start + index + 1
    return { start: at, end: at, text: ' ' }
  })
  return [{ changes }]
}
