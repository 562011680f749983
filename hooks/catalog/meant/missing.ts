// What is missing may stand elsewhere: within another map, behind a merge key, or below a line that was left out.
import { isMapValue, type Located } from '../check.ts'
import { METADATA_FIELDS, SPEC_FIELDS } from '../checks/known-fields.ts'
import type { Path } from '../position.ts'
import { type Draft, endOf, spaces } from './draft.ts'

type Missing = Extract<Located, { code: 'missing-field' }>

/** Spec is missing, or some of its fields: they may stand elsewhere. */
export function takeMissing(draft: Draft, finding: Missing): void {
  const { path, facts } = finding
  if (path.length === 1 && path[0] === 'spec') {
    const inside = ['metadata', 'metadata/labels', 'metadata/annotations'].map(at => at.split('/'))
    const within = inside.find(at => isMapValue(draft.own(at)?.['spec']))
    if (within === undefined) takeContainer(draft, 'spec', SPEC_FIELDS, finding)
    else takeWithin(draft, within, 'spec')
    return
  }
  if (path.length === 1) {
    if (facts.name !== 'metadata') return
    if (isMapValue(draft.own(['spec'])?.['metadata'])) takeWithin(draft, ['spec'], 'metadata')
    else takeContainer(draft, 'metadata', METADATA_FIELDS, finding)
    return
  }
  takeMerged(draft, finding)
}

/** A merge key holds it: all that it brings has to be written out. */
function takeMerged(draft: Draft, { path, facts: { name } }: Missing): void {
  const parent = draft.own(path.slice(0, -1))
  const merged = parent?.['<<']
  const at = [...path.slice(0, -1), '<<']
  const sources: Path[] = Array.isArray(merged) ? merged.map((_, i) => [...at, i]) : [at]
  const maps = (Array.isArray(merged) ? merged : [merged]).map(one => (isMapValue(one) ? one : {}))
  const i = maps.findIndex(one => Object.hasOwn(one, name))
  if (parent === undefined || i === -1) return
  const known = draft.told.find(told => told.code === 'unmerged-field' && told.path.join('\0') === at.join('\0'))
  // What is known to be missing is not there any more, and of several the first counts.
  const isOurs = (key: string, from: number) =>
    !Object.hasOwn(parent, key) && maps.findIndex(one => Object.hasOwn(one, key)) === from
  const lines = maps.flatMap((map, from) =>
    Object.keys(map)
      .filter(key => isOurs(key, from))
      .map(key => lineOf(draft, [...(sources[from] ?? at), key], map[key])),
  )
  parent[name] = maps[i]?.[name]
  if (known?.code === 'unmerged-field') known.facts.fields.push(name)
  else draft.tell({ code: 'unmerged-field', facts: { fields: [name], lines }, path: at, part: 'key' })
}

function lineOf(draft: Draft, path: Path, value: unknown): string {
  const key = String(path.at(-1))
  return typeof value === 'object' && value !== null
    ? `${key}:`
    : `${key}: ${draft.source(path)?.text ?? String(value)}`
}

/** It is there, and indented. */
function takeWithin(draft: Draft, above: Path, name: 'metadata' | 'spec'): void {
  const path = [...above, name]
  const column = draft.columnOf(path)
  const lines = draft.linesOf(path, path)
  const isInBrackets = draft.source(path)?.isInBrackets === true
  if (!draft.isOnOwnLine(path) || !draft.move(path, [name])) return
  const problem = isInBrackets
    ? `"${name}" is within the brackets of ${above.join('.')}`
    : `"${name}" is indented, so that it belongs to ${above.join('.')}`
  draft.tell({
    code: 'yaml-indent',
    facts: {
      problem,
      hint: isInBrackets
        ? `close the bracket of ${above.join('.')} before it`
        : `move ${lines} left by ${spaces(column)}`,
    },
    path,
    part: 'key',
  })
}

/** Its line is missing above its fields. */
function takeContainer(draft: Draft, name: 'metadata' | 'spec', fields: readonly string[], finding: Missing): void {
  const keys = Object.keys(draft.value)
  const from = keys.findIndex(key => fields.includes(key))
  const run = keys.slice(
    from,
    endOf(keys, from, key => fields.includes(key)),
  )
  const [first, last] = [run[0], run.at(-1)]
  if (from === -1 || first === undefined || last === undefined || !draft.isOnOwnLine([first])) return
  const lines = draft.linesOf([first], [last])
  draft.value[name] = {}
  draft.moves.push({ to: [name], from: draft.placeOf([first]) })
  for (const key of run) draft.move([key], [name, key])
  const add = `write "${name}:" on a line above "${first}", and move ${lines} right by 2 spaces`
  draft.tell({ ...finding, facts: { ...finding.facts, add }, path: [first], part: 'key' })
}
