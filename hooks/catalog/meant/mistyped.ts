// A value of the wrong type: a list of one, a list of maps for a map, or nothing, since what belongs below stands beside it.
import { hiddenName, withoutHidden } from '../../diagnostics/hidden.ts'
import { isMapValue, type Located } from '../check.ts'
import { METADATA_FIELDS, ROOT_FIELDS, SPEC_FIELDS } from '../checks/known-fields.ts'
import type { Value } from '../parse.ts'
import type { Path } from '../position.ts'
import { type Draft, endOf } from './draft.ts'

type Mistyped = Extract<Located, { code: 'wrong-type' }>

export function takeMistyped(draft: Draft, finding: Mistyped): void {
  const { path } = finding
  const parent = draft.own(path.slice(0, -1))
  const key = String(path.at(-1))
  const value = parent?.[key]
  if (parent === undefined) return
  if (value === null) takeUnindented(draft, finding, parent, key)
  else if (Array.isArray(value) && value.length === 1 && path[0] === 'kind' && typeof value[0] === 'string')
    draft.set('kind', value[0], finding)
  else if (
    Array.isArray(value) &&
    finding.facts.expected === 'a map' &&
    draft.source(path)?.form === 'block' &&
    value.length > 0 &&
    value.every(isMapValue)
  ) {
    const entries = value.flatMap((item, i) => Object.entries(item).map(([name, below]) => ({ name, below, i })))
    if (new Set(entries.map(({ name }) => name)).size !== entries.length) return
    parent[key] = Object.fromEntries(entries.map(({ name, below }) => [name, below]))
    for (const { name, i } of entries)
      draft.moves.push({ to: [...path, name], from: [...draft.placeOf(path), i, name] })
    draft.tell(finding)
  }
}

/** A text with nothing in it, and its lines in the same column behind it: keys to YAML. */
export function takeEmptyText(draft: Draft, finding: Extract<Located, { code: 'empty-field' }>): void {
  const { path, facts } = finding
  const above = path.slice(0, -1)
  const parent = draft.own(above)
  const key = String(path.at(-1))
  if (parent === undefined || path.length !== 2 || !/^[|>]/.test(draft.source(path)?.text ?? '')) return
  const known = path[0] === 'spec' ? SPEC_FIELDS : METADATA_FIELDS
  const beside = keysBehind(parent, key, known)
  // At the left edge, they are behind the map that the text is the last of.
  const isLast = Object.keys(parent).at(-1) === key
  const run = isLast ? keysBehind(draft.value, String(path[0]), ROOT_FIELDS) : beside
  const at = isLast ? [] : above
  const [first, last] = [run[0], run.at(-1)]
  if (first === undefined || last === undefined || !draft.isOnOwnLine([...at, first])) return
  const step = isLast ? 2 + draft.columnOf(path) : 2
  const hint = `move ${draft.linesOf([...at, first], [...at, last])} right by ${step} spaces, below "${key}:"`
  parent[key] = UNREAD
  for (const name of run) delete (isLast ? draft.value : parent)[name]
  draft.tell({ ...finding, facts: { ...facts, hint } })
}

function keysBehind(map: Value, key: string, known: readonly string[]): string[] {
  const keys = Object.keys(map)
  const from = keys.indexOf(key) + 1
  return keys.slice(
    from,
    endOf(keys, from, name => !known.includes(name)),
  )
}

/** Something, whatever it is. */
const UNREAD = '{}'

/** Nothing below a key, and its fields in the same column behind it. */
function takeUnindented(draft: Draft, finding: Mistyped, parent: Value, key: string): void {
  const { path, facts } = finding
  const keys = Object.keys(parent)
  const from = keys.indexOf(key) + 1
  const isTheirs = childrenOf(path)
  // Where "null" or "~" is written, nothing can stand below it.
  const isOpen = draft.source(path)?.form === 'nothing'
  const run = isTheirs === undefined || !isOpen ? [] : keys.slice(from, endOf(keys, from, isTheirs))
  const [first, last] = [run[0], run.at(-1)]
  const above = path.slice(0, -1)
  if (!first || last === undefined || !draft.isOnOwnLine([...above, first])) return
  const hidden = /^[^\S ]+/.test(first) ? hiddenName(first[0] ?? '') : undefined
  if (hidden !== undefined) {
    parent[key] = {}
    for (const name of run) draft.move([...above, name], [...path, withoutHidden(name)])
    const lines = draft.linesOf([...above, first], [...above, last])
    const problem = `${lines} ${lines.startsWith('lines') ? 'are' : 'is'} indented by ${hidden}, which is no indentation to YAML`
    const way = 'write plain spaces in its place'
    draft.tell({ code: 'yaml-indent', facts: { problem, hint: way }, path: [...above, first], part: 'key' })
    return
  }
  const hint = `move ${draft.linesOf([...above, first], [...above, last])} right by 2 spaces, below "${key}:"`
  parent[key] = {}
  for (const name of run) draft.move([...above, name], [...path, name])
  draft.tell({ ...finding, facts: { ...facts, hint } })
}

const PROFILE_FIELDS = ['displayName', 'email', 'picture']

/** Which keys behind an empty one are meant to stand below it. */
function childrenOf([root, field, ...more]: Path): ((key: string) => boolean) | undefined {
  if (field === undefined) return key => !ROOT_FIELDS.includes(key)
  if (more.length > 0) return undefined
  if (root === 'metadata' && (field === 'labels' || field === 'annotations'))
    return key => !METADATA_FIELDS.includes(key)
  if (root === 'spec' && field === 'profile') return key => PROFILE_FIELDS.includes(key)
  if (root === 'spec' && field === 'definition') return key => key.startsWith('$')
  return undefined
}
