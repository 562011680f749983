// Lines that stand one step too far left or right: the fields of a map beside its key, a field at the root that belongs into spec.
import { isMap, isScalar, type Pair, type YAMLMap } from 'yaml'
import type { Path } from '../position.ts'
import {
  type Candidate,
  type Change,
  isInFlow,
  lineEnd,
  lineStart,
  linesBetween,
  nodeAt,
  rangeOf,
  type Subject,
  type Ways,
} from './candidate.ts'

const ROOT = ['apiVersion', 'kind', 'metadata', 'spec']
const METADATA = ['name', 'namespace', 'title', 'description', 'labels', 'annotations', 'tags', 'links']
const STEP = '  '

export function proposeLayout(subject: Subject): Ways[] {
  const { document, finding } = subject
  const root = document.contents
  if (!isMap(root) || isInFlow(root)) return []
  if (['lfs-pointer', 'not-checked', 'kind-not-allowed'].includes(finding.code)) return []
  const ways = [
    rootFlat(subject, root),
    mapFlat(subject, root),
    specMissing(subject, root),
    within(subject, root, 'metadata', 'spec'),
    within(subject, root, 'spec', 'metadata'),
    fieldAtRoot(subject, root),
  ]
  return ways.flatMap(way => (way === undefined ? [] : [[way]]))
}

const nameOf = ({ key }: Pair) => (isScalar(key) ? String(key.value) : '')
const startOf = ({ key }: Pair) => (isScalar(key) ? (rangeOf(key)?.start ?? 0) : 0)
const isEmpty = ({ value }: Pair) => value === null || (isScalar(value) && value.value === null)

/** From the line of a pair to the line of the next one, or to the end of the map. */
function linesOf(text: string, map: YAMLMap, from: number, to: number): { start: number; end: number } {
  const first = map.items[from]
  const next = map.items[to]
  const end = next === undefined ? (rangeOf(map)?.end ?? text.length) : lineStart(text, startOf(next))
  return { start: first === undefined ? end : lineStart(text, startOf(first)), end }
}

/** Every line that has something in it, further right. Undefined in a text that says otherwise by its tabs. */
function indented(text: string, { start, end }: { start: number; end: number }, step = STEP): Change[] {
  const changes: Change[] = []
  for (const at of linesBetween(text, start, end))
    if (text.slice(at, lineEnd(text, at)).trim() !== '') changes.push({ start: at, end: at, text: step })
  return changes
}

/** `metadata:` or `spec:` with nothing below it, and its fields beside it. */
function rootFlat({ text }: Subject, root: YAMLMap): Candidate | undefined {
  const changes: Change[] = []
  const moves: { from: Path; to: Path }[] = []
  for (const [i, pair] of root.items.entries()) {
    const name = nameOf(pair)
    if (!['metadata', 'spec'].includes(name) || !isEmpty(pair)) continue
    let to = i + 1
    for (let next = root.items[to]; next !== undefined && !ROOT.includes(nameOf(next)); next = root.items[++to]) {
      if (name === 'metadata' && !METADATA.includes(nameOf(next))) break
      moves.push({ from: [nameOf(next)], to: [name, nameOf(next)] })
    }
    if (to === i + 1) continue
    changes.push(...indented(text, linesOf(text, root, i + 1, to)))
    moves.push({ from: [name], to: [name] })
  }
  return moves.length === 0 ? undefined : moved(changes, moves)
}

const moved = (changes: Change[], moves: readonly { from: Path; to: Path }[]): Candidate => ({
  changes,
  from: moves.map(({ from }) => from),
  to: moves.map(({ to }) => to),
})

const CHILDREN: Record<string, (key: string) => boolean> = {
  profile: key => ['displayName', 'email', 'picture'].includes(key),
  annotations: key => key.includes('/'),
  labels: key => key.includes('/'),
  definition: key => /^\$\w+$/.test(key),
}

/** The same for maps further down: `profile:`, `annotations:`, `definition:`. */
function mapFlat({ text }: Subject, root: YAMLMap): Candidate | undefined {
  for (const above of ['metadata', 'spec']) {
    const map = root.items.find(pair => nameOf(pair) === above)?.value
    if (!isMap(map) || isInFlow(map)) continue
    for (const [i, pair] of map.items.entries()) {
      const isChild = Object.hasOwn(CHILDREN, nameOf(pair)) ? CHILDREN[nameOf(pair)] : undefined
      if (isChild === undefined || !isEmpty(pair)) continue
      let to = i + 1
      for (let next = map.items[to]; next !== undefined && isChild(nameOf(next)); next = map.items[++to]);
      if (to === i + 1) continue
      const children = map.items.slice(i + 1, to).map(child => ({
        from: [above, nameOf(child)],
        to: [above, nameOf(pair), nameOf(child)],
      }))
      const own = { from: [above, nameOf(pair)], to: [above, nameOf(pair)] }
      return moved(indented(text, linesOf(text, map, i + 1, to)), [own, ...children])
    }
  }
  return undefined
}

/** No `spec:`, and its fields at the root, one below the other. */
function specMissing({ text, profile }: Subject, root: YAMLMap): Candidate | undefined {
  const names = root.items.map(nameOf)
  if (names.includes('spec') || !names.includes('metadata')) return undefined
  const from = names.findIndex(name => !ROOT.includes(name))
  const isTheirs = (name: string) => !ROOT.includes(name) && isFieldOfSpec(profile, root, name)
  let to = from
  while (to < names.length && isTheirs(names[to] ?? '')) to++
  if (from === -1 || to === from || names.slice(to).some(name => !ROOT.includes(name))) return undefined
  const lines = linesOf(text, root, from, to)
  const [first, ...more] = indented(text, lines)
  if (first === undefined) return undefined
  const moves = names.slice(from, to).map(name => ({ from: [name], to: ['spec', name] }))
  return {
    ...moved([{ ...first, text: `spec:${/\r\n/.test(text) ? '\r\n' : '\n'}${first.text}` }, ...more], moves),
    rewrites: true,
  }
}

function isFieldOfSpec(profile: Subject['profile'], root: YAMLMap, name: string): boolean {
  const kind = root.items.find(pair => nameOf(pair) === 'kind')?.value
  const known = profile.kinds.find(one => isScalar(kind) && one.kind === kind.value)
  return (
    known?.versions.some(({ fields }) =>
      Object.keys(fields).some(field => new RegExp(`^spec\\.${name.replace(/\W/g, '\\$&')}(?:$|[.[])`).test(field)),
    ) === true
  )
}

/** `spec:` indented, so that it is a field of metadata, or the other way round: it and all below it, to the left edge. */
function within({ text }: Subject, root: YAMLMap, above: string, name: string): Candidate | undefined {
  const map = root.items.find(pair => nameOf(pair) === above)?.value
  if (!isMap(map) || isInFlow(map) || root.items.some(pair => nameOf(pair) === name)) return undefined
  const i = map.items.findIndex(pair => nameOf(pair) === name)
  const pair = map.items[i]
  if (pair === undefined || !isMap(pair.value)) return undefined
  const { start, end } = linesOf(text, map, i, map.items.length)
  const step = startOf(pair) - start
  const changes: Change[] = []
  for (const at of linesBetween(text, start, end)) {
    const line = text.slice(at, lineEnd(text, at))
    if (line.trim() === '') continue
    if (!/^ *$/.test(line.slice(0, step))) return undefined
    changes.push({ start: at, end: at + step, text: '' })
  }
  return moved(changes, [{ from: [above, name], to: [name] }])
}

/** A field at the root that belongs into spec or metadata, with its lines to the end of that map. */
function fieldAtRoot({ text, finding, document, profile }: Subject, root: YAMLMap): Candidate | undefined {
  const { path = [] } = finding
  const [field, ...below] = path
  const i = root.items.findIndex(pair => nameOf(pair) === field)
  const pair = root.items[i]
  if (pair === undefined || below.length > 0 || typeof field !== 'string' || ROOT.includes(field)) return undefined
  const above = METADATA.includes(field) ? 'metadata' : isFieldOfSpec(profile, root, field) ? 'spec' : undefined
  const target = above === undefined ? undefined : nodeAt(document, [above])?.node
  if (above === undefined || !isMap(target) || isInFlow(target) || target.items.some(one => nameOf(one) === field))
    return undefined
  const first = target.items[0]
  const range = rangeOf(target)
  if (first === undefined || range === undefined) return undefined
  const step = ' '.repeat(startOf(first) - lineStart(text, startOf(first)))
  const lines = linesOf(text, root, i, i + 1)
  const moves = [{ from: [field], to: [above, field] }]
  const end =
    lineStart(text, range.end) === range.end || range.end === text.length ? range.end : lineEnd(text, range.end)
  if (lines.start === end) return moved(indented(text, lines, step), moves)
  const held = text.slice(lines.start, lines.end)
  // What stands around it as a comment may be about it.
  if (
    /^\s*#/m.test(held) ||
    /#[^\n]*\n$/.test(text.slice(0, lines.start)) ||
    !held.endsWith('\n') ||
    text[end - 1] !== '\n'
  )
    return undefined
  const put = held.replace(/^(?=.*\S)/gm, step)
  return {
    ...moved(
      [
        { start: lines.start, end: lines.end, text: '' },
        { start: end, end, text: put },
      ],
      moves,
    ),
    rewrites: true,
  }
}
