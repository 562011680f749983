// A field at the root that is none there: misspelt, of another map, or behind a comment that is none.
import { hiddenName, withoutHidden } from '../../diagnostics/hidden.ts'
import { isMapValue, type Located } from '../check.ts'
import { METADATA_FIELDS, ROOT_FIELDS, SPEC_FIELDS } from '../checks/known-fields.ts'
import { type Draft, endOf, spaces } from './draft.ts'

type Stray = Extract<Located, { code: 'unknown-field' }>

/** A field at the root that is none there. */
export function takeStray(draft: Draft, finding: Stray): void {
  const { field, close, belongsIn } = finding.facts
  if (!Object.hasOwn(draft.value, field)) return
  const [meant] = close
  if (field.startsWith('$') && takePlaceholder(draft, finding)) return
  if (/^\/[/*]/.test(field)) {
    takeComment(draft, finding)
    return
  }
  if (takeHidden(draft, finding) || takeDotted(draft, finding)) return
  if (belongsIn !== 'spec' && belongsIn !== 'metadata') {
    if (meant !== undefined) draft.rename([field], meant, finding)
    return
  }
  const keys = Object.keys(draft.value)
  const from = keys.indexOf(field)
  const isTheirs = (key: string) => (belongsIn === 'spec' ? SPEC_FIELDS : METADATA_FIELDS).includes(key)
  const isNext = keys[from - 1] === belongsIn && isTheirs(field) && draft.isOnOwnLine([field])
  const run = isNext ? keys.slice(from, endOf(keys, from, isTheirs)) : [field]
  const container = draft.value[belongsIn]
  // Where the kind is known, spec is told missing.
  if (container === undefined && belongsIn === 'spec' && !Object.hasOwn(draft.value, 'kind')) {
    takeWithout(draft, finding, belongsIn, keys.slice(from, endOf(keys, from, isTheirs)))
    return
  }
  const nameOf = (key: string) => (key === field ? (meant ?? key) : key)
  if (!isMapValue(container) || run.some(key => Object.hasOwn(container, nameOf(key)))) return
  const child = Object.keys(container)[0]
  const column = draft.columnOf(child === undefined ? [belongsIn] : [belongsIn, child])
  const way =
    isNext && child !== undefined && draft.isOnOwnLine([belongsIn, child])
      ? {
          way: `move ${draft.linesOf([field], [run.at(-1) ?? field])} right by ${spaces(column)}, below "${belongsIn}"`,
        }
      : {}
  for (const key of run) draft.move([key], [belongsIn, nameOf(key)])
  draft.tell({ ...finding, facts: { ...finding.facts, ...way } })
}

/** Behind metadata or spec, and indented by what is no space to YAML. */
function takeHidden(draft: Draft, finding: Stray): boolean {
  const { field } = finding.facts
  const character = hiddenName(/^[^\S ]/.test(field) ? (field[0] ?? '') : '')
  const keys = Object.keys(draft.value)
  const above = keys.slice(0, keys.indexOf(field)).findLast(key => ROOT_FIELDS.includes(key)) ?? ''
  if (character === undefined || !isMapValue(draft.value[above])) return false
  const problem = `${draft.linesOf([field], [field])} is indented by ${character}, which is no indentation to YAML`
  if (!draft.move([field], [above, withoutHidden(field)])) return false
  const facts = { problem, hint: 'write plain spaces in its place' }
  draft.tell({ code: 'yaml-indent', facts, path: [field], part: 'key' })
  return true
}

/** Its map is not there at all, and without a kind nobody misses it. */
function takeWithout(draft: Draft, finding: Stray, name: 'spec', run: readonly string[]): void {
  const [first, last] = [run[0], run.at(-1)]
  if (first === undefined || last === undefined || !draft.isOnOwnLine([first])) return
  const way = `write "${name}:" on a line above "${first}", and move ${draft.linesOf([first], [last])} right by 2 spaces`
  draft.value[name] = {}
  draft.moves.push({ to: [name], from: draft.placeOf([first]) })
  for (const key of run) draft.move([key], [name, key])
  draft.tell({ ...finding, facts: { ...finding.facts, way } })
}

/** `metadata.name: shop`, as properties files and search boxes have it. */
function takeDotted(draft: Draft, finding: Stray): boolean {
  const { field } = finding.facts
  const [, above = '', name = ''] = /^(metadata|spec)\.([A-Za-z]+)$/.exec(field) ?? []
  if (above === '' || !draft.isOnOwnLine([field])) return false
  const isFirst = !Object.hasOwn(draft.value, above)
  if (isFirst) {
    draft.value[above] = {}
    draft.moves.push({ to: [above], from: draft.placeOf([field]) })
  }
  if (!draft.move([field], [above, name])) return false
  const way = isFirst
    ? `write "${above}:" on a line of its own, and "${name}:" with its value below it, indented`
    : `write "${name}:" with its value below "${above}:", indented`
  draft.tell({ ...finding, facts: { ...finding.facts, close: [], way } })
  return true
}

/** In JSON, `// the component` and the key below it are one key. */
function takeComment(draft: Draft, finding: Stray): void {
  const { field } = finding.facts
  const name = /["'\s]([A-Za-z]+)["']?$/.exec(field)?.[1]
  if (name === undefined || !ROOT_FIELDS.includes(name) || !draft.move([field], [name])) return
  const isBlock = field.startsWith('/*')
  const way = `write "#" in the place of "${isBlock ? '/*' : '//'}"${isBlock ? ', and a line break after "*/"' : ', which begins no comment in YAML'}`
  draft.tell({ ...finding, facts: { ...finding.facts, close: [], way } })
}

/** `$text` at the left edge, right behind an empty definition. */
function takePlaceholder(draft: Draft, finding: Stray): boolean {
  const { field } = finding.facts
  const keys = Object.keys(draft.value)
  const spec = draft.own(['spec'])
  const isBehind = keys[keys.indexOf(field) - 1] === 'spec' && spec && Object.keys(spec).at(-1) === 'definition'
  const above = ['spec', 'definition']
  if (!isBehind || draft.source(above)?.form !== 'nothing' || !draft.isOnOwnLine([field])) return false
  const column = draft.columnOf(above)
  spec['definition'] = {}
  if (!draft.move([field], [...above, field])) return false
  const way = `move ${draft.linesOf([field], [field])} right by ${spaces(column + 2)}, below "definition:"`
  draft.tell({ ...finding, facts: { ...finding.facts, belongsIn: 'spec.definition', way } })
  return true
}
