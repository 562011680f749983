// A refused document as it was meant, as far as that is certain: what else is wrong with it is told in the same round, and a cause once.
//
// It changes no verdict: every step begins at an error of the catalog's, which is told.
import type { Document } from 'yaml'
import type { Profile } from '../../schemas/profile.ts'
import { hiddenName, withoutHidden } from '../diagnostics/hidden.ts'
import { isMapValue, type Located } from './check.ts'
import { usualApiVersion } from './checks/kind.ts'
import { METADATA_FIELDS, ROOT_FIELDS, SPEC_FIELDS } from './checks/known-fields.ts'
import type { Value } from './parse.ts'
import { keyRange, type Path, valueRange } from './position.ts'
import { sourceOf } from './source.ts'
import { lineNumber } from './syntax/line.ts'

/** What a document is taken for. `told`: what was wrong with it so far; `moves`: where in the file stands what is now at a path. */
export type Meant = { value: Value; told: readonly Located[]; moves: readonly Move[] }
type Move = { to: Path; from: Path }

type InText = { document: Document; text: string; profile: Profile }

/** Where in the file stands what is at a path of the document as it was meant. */
export function placeIn(moves: readonly Move[], path: Path): Path {
  const isOn = ({ to }: Move) => to.every((part, i) => String(part) === String(path[i]))
  const move = moves.filter(isOn).sort((a, b) => b.to.length - a.to.length)[0]
  return move === undefined ? path : [...move.from, ...path.slice(move.to.length)]
}

/** One step further, from what was found in it; undefined: nothing more is certain. */
export function asMeant(meant: Meant, located: readonly Located[], inText: InText): Meant | undefined {
  const step = new Step(meant, inText)
  for (const finding of located) step.take(finding)
  return step.result()
}

/** Corrections of one round; each finding is told by itself, or as a part of another. */
class Step {
  private value: Value
  private readonly moves: Move[]
  private readonly told: Located[] = []
  private readonly before: Meant
  private readonly inText: InText
  private readonly owned = new Set<Value>()
  private isChanged = false

  constructor(before: Meant, inText: InText) {
    this.before = before
    this.inText = inText
    this.value = { ...before.value }
    this.moves = [...before.moves]
  }

  result(): Meant | undefined {
    const { before, value, moves, told } = this
    return this.isChanged ? { value, moves, told: [...before.told, ...told] } : undefined
  }

  take(finding: Located): void {
    const { code, path, facts } = finding
    const [root] = path
    if (code === 'missing-field' && facts.nearMiss !== undefined) this.rename(path, facts.name, finding)
    else if (code === 'missing-field') this.takeMissing(finding)
    else if (code === 'unknown-field' && path.length === 1) this.takeStray(finding)
    else if (code === 'unknown-kind' && path.length === 1)
      this.set('kind', facts.meant === undefined ? only(facts.close) : undefined, finding)
    else if (code === 'kind-format') this.set('kind', facts.proposal, finding)
    else if (code === 'unknown-api-version' || code === 'api-version-format')
      this.set('apiVersion', usualApiVersion(this.inText.profile, this.value['kind']), finding)
    else if (code === 'wrong-type' && root === 'apiVersion')
      this.set('apiVersion', usualApiVersion(this.inText.profile, this.value['kind']), finding)
    else if (code === 'wrong-type') this.takeMistyped(finding)
  }

  private tell(finding: Located): void {
    this.isChanged = true
    this.told.push({ ...finding, path: placeIn(this.before.moves, finding.path) })
  }

  private set(field: string, value: string | undefined, finding: Located): void {
    if (value === undefined || value === this.value[field]) return
    this.value[field] = value
    this.tell(finding)
  }

  private move(from: Path, to: Path): boolean {
    const parent = this.own(from.slice(0, -1))
    const target = this.own(to.slice(0, -1))
    const [key, name] = [String(from.at(-1)), String(to.at(-1))]
    if (!parent || !target || !Object.hasOwn(parent, key) || Object.hasOwn(target, name) || name === '__proto__')
      return false
    target[name] = parent[key]
    delete parent[key]
    this.moves.push({ to, from: placeIn(this.before.moves, from) })
    return true
  }

  /** The map at a path, as a copy of our own. */
  private own(path: Path): Value | undefined {
    let at: Value = this.value
    for (const part of path) {
      const below = Object.hasOwn(at, part) ? at[part] : undefined
      if (!isMapValue(below)) return undefined
      const copy = this.owned.has(below) ? below : { ...below }
      this.owned.add(copy)
      at[part] = copy
      at = copy
    }
    return at
  }

  private rename(path: Path, name: string, finding: Located): void {
    if (this.move(path, [...path.slice(0, -1), name])) this.tell(finding)
  }

  /** Spec is missing, or some of its fields: they may stand elsewhere. */
  private takeMissing(finding: Extract<Located, { code: 'missing-field' }>): void {
    const { path, facts } = finding
    if (path.length === 1 && path[0] === 'spec') {
      const inside = ['metadata', 'metadata/labels', 'metadata/annotations'].map(at => at.split('/'))
      const within = inside.find(at => isMapValue(this.own(at)?.['spec']))
      if (within === undefined) this.takeContainer('spec', SPEC_FIELDS, finding)
      else this.takeSpecWithin([...within, 'spec'])
      return
    }
    if (path.length === 1) {
      if (facts.name === 'metadata') this.takeContainer('metadata', METADATA_FIELDS, finding)
      return
    }
    this.takeMerged(finding)
  }

  /** A merge key holds it: all that it brings has to be written out. */
  private takeMerged({ path, facts: { name } }: Extract<Located, { code: 'missing-field' }>): void {
    const parent = this.own(path.slice(0, -1))
    const merged = parent?.['<<']
    const at = [...path.slice(0, -1), '<<']
    const sources: Path[] = Array.isArray(merged) ? merged.map((_, i) => [...at, i]) : [at]
    const maps = (Array.isArray(merged) ? merged : [merged]).map(one => (isMapValue(one) ? one : {}))
    const i = maps.findIndex(one => Object.hasOwn(one, name))
    if (parent === undefined || i === -1) return
    const known = this.told.find(told => told.code === 'unmerged-field' && told.path.join('\0') === at.join('\0'))
    // What is known to be missing is not there any more, and of several the first counts.
    const isOurs = (key: string, from: number) =>
      !Object.hasOwn(parent, key) && maps.findIndex(one => Object.hasOwn(one, key)) === from
    const lines = maps.flatMap((map, from) =>
      Object.keys(map)
        .filter(key => isOurs(key, from))
        .map(key => this.lineOf([...(sources[from] ?? at), key], map[key])),
    )
    parent[name] = maps[i]?.[name]
    if (known?.code === 'unmerged-field') known.facts.fields.push(name)
    else this.tell({ code: 'unmerged-field', facts: { fields: [name], lines }, path: at, part: 'key' })
  }

  private lineOf(path: Path, value: unknown): string {
    const key = String(path.at(-1))
    return typeof value === 'object' && value !== null
      ? `${key}:`
      : `${key}: ${this.source(path)?.text ?? String(value)}`
  }

  /** What stands in the file. */
  private source(path: Path) {
    return sourceOf(this.inText.document, this.inText.text)(placeIn(this.before.moves, path))
  }

  private takeSpecWithin(path: Path): void {
    const { document, text } = this.inText
    const { start } = keyRange(document, placeIn(this.before.moves, path))
    const column = start - (text.lastIndexOf('\n', start - 1) + 1)
    const lines = this.linesOf(path, path)
    if (!this.isOnOwnLine(path) || !this.move(path, ['spec'])) return
    const problem = `"spec" is indented, so that it belongs to ${path.slice(0, -1).join('.')}`
    this.tell({
      code: 'yaml-indent',
      facts: { problem, hint: `move ${lines} left by ${spaces(column)}` },
      path,
      part: 'key',
    })
  }

  /** Its line is missing above its fields. */
  private takeContainer(
    name: 'metadata' | 'spec',
    fields: readonly string[],
    finding: Extract<Located, { code: 'missing-field' }>,
  ): void {
    const keys = Object.keys(this.value)
    const from = keys.findIndex(key => fields.includes(key))
    const run = keys.slice(
      from,
      endOf(keys, from, key => fields.includes(key)),
    )
    const [first, last] = [run[0], run.at(-1)]
    if (from === -1 || first === undefined || last === undefined || !this.isOnOwnLine([first])) return
    const lines = this.linesOf([first], [last])
    this.value[name] = {}
    this.moves.push({ to: [name], from: placeIn(this.before.moves, [first]) })
    for (const key of run) this.move([key], [name, key])
    const add = `write "${name}:" on a line above "${first}", and move ${lines} right by 2 spaces`
    this.tell({ ...finding, facts: { ...finding.facts, add }, path: [first], part: 'key' })
  }

  /** A field at the root that is none there. */
  private takeStray(finding: Extract<Located, { code: 'unknown-field' }>): void {
    const { field, close, belongsIn } = finding.facts
    if (!Object.hasOwn(this.value, field)) return
    const [meant] = close
    if (field.startsWith('$') && this.takePlaceholder(finding)) return
    if (field.startsWith('//')) {
      this.takeComment(finding)
      return
    }
    if (belongsIn !== 'spec' && belongsIn !== 'metadata') {
      if (meant !== undefined) this.rename([field], meant, finding)
      return
    }
    const keys = Object.keys(this.value)
    const from = keys.indexOf(field)
    const isTheirs = (key: string) => (belongsIn === 'spec' ? SPEC_FIELDS : METADATA_FIELDS).includes(key)
    const isNext = keys[from - 1] === belongsIn && isTheirs(field) && this.isOnOwnLine([field])
    const run = isNext ? keys.slice(from, endOf(keys, from, isTheirs)) : [field]
    const container = this.value[belongsIn]
    if (!isMapValue(container) || run.some(key => Object.hasOwn(container, key))) return
    const child = Object.keys(container)[0]
    const { document, text } = this.inText
    const { start } = keyRange(
      document,
      placeIn(this.before.moves, child === undefined ? [belongsIn] : [belongsIn, child]),
    )
    const column = start - (text.lastIndexOf('\n', start - 1) + 1)
    const way =
      isNext && child !== undefined && this.isOnOwnLine([belongsIn, child])
        ? {
            way: `move ${this.linesOf([field], [run.at(-1) ?? field])} right by ${spaces(column)}, below "${belongsIn}"`,
          }
        : {}
    for (const key of run) this.move([key], [belongsIn, key === field ? (meant ?? key) : key])
    this.tell({ ...finding, facts: { ...finding.facts, ...way } })
  }

  /** In JSON, `// the component` and the key below it are one key. */
  private takeComment(finding: Extract<Located, { code: 'unknown-field' }>): void {
    const { field } = finding.facts
    const name = /["'\s]([A-Za-z]+)["']?$/.exec(field)?.[1]
    if (name === undefined || !ROOT_FIELDS.includes(name) || !this.move([field], [name])) return
    const way = 'write "#" in the place of "//", which begins no comment in YAML'
    this.tell({ ...finding, facts: { ...finding.facts, close: [], way } })
  }

  /** `$text` at the left edge, right behind an empty definition. */
  private takePlaceholder(finding: Extract<Located, { code: 'unknown-field' }>): boolean {
    const { field } = finding.facts
    const keys = Object.keys(this.value)
    const spec = this.own(['spec'])
    const isBehind = keys[keys.indexOf(field) - 1] === 'spec' && spec && Object.keys(spec).at(-1) === 'definition'
    const above = ['spec', 'definition']
    if (!isBehind || this.source(above)?.form !== 'nothing' || !this.isOnOwnLine([field])) return false
    const { document, text } = this.inText
    const { start } = keyRange(document, placeIn(this.before.moves, above))
    const column = start - (text.lastIndexOf('\n', start - 1) + 1)
    spec['definition'] = {}
    if (!this.move([field], [...above, field])) return false
    const way = `move ${this.linesOf([field], [field])} right by ${spaces(column + 2)}, below "definition:"`
    this.tell({ ...finding, facts: { ...finding.facts, belongsIn: 'spec.definition', way } })
    return true
  }

  private takeMistyped(finding: Extract<Located, { code: 'wrong-type' }>): void {
    const { path } = finding
    const parent = this.own(path.slice(0, -1))
    const key = String(path.at(-1))
    const value = parent?.[key]
    if (parent === undefined) return
    if (value === null) this.takeUnindented(finding, parent, key)
    else if (Array.isArray(value) && value.length === 1 && path[0] === 'kind' && typeof value[0] === 'string')
      this.set('kind', value[0], finding)
    else if (
      Array.isArray(value) &&
      finding.facts.expected === 'a map' &&
      this.source(path)?.form === 'block' &&
      value.length > 0 &&
      value.every(isMapValue)
    ) {
      const entries = value.flatMap((item, i) => Object.entries(item).map(([name, below]) => ({ name, below, i })))
      if (new Set(entries.map(({ name }) => name)).size !== entries.length) return
      parent[key] = Object.fromEntries(entries.map(({ name, below }) => [name, below]))
      for (const { name, i } of entries)
        this.moves.push({ to: [...path, name], from: [...placeIn(this.before.moves, path), i, name] })
      this.tell(finding)
    }
  }

  /** Nothing below a key, and its fields in the same column behind it. */
  private takeUnindented(finding: Extract<Located, { code: 'wrong-type' }>, parent: Value, key: string): void {
    const { path, facts } = finding
    const keys = Object.keys(parent)
    const from = keys.indexOf(key) + 1
    const isTheirs = childrenOf(path)
    // Where "null" or "~" is written, nothing can stand below it.
    const isOpen = this.source(path)?.form === 'nothing'
    const run = isTheirs === undefined || !isOpen ? [] : keys.slice(from, endOf(keys, from, isTheirs))
    const [first, last] = [run[0], run.at(-1)]
    const above = path.slice(0, -1)
    if (!first || last === undefined || !this.isOnOwnLine([...above, first])) return
    const hidden = /^[^\S ]+/.test(first) ? hiddenName(first[0] ?? '') : undefined
    if (hidden !== undefined) {
      parent[key] = {}
      for (const name of run) this.move([...above, name], [...path, withoutHidden(name)])
      const lines = this.linesOf([...above, first], [...above, last])
      const problem = `${lines} ${lines.startsWith('lines') ? 'are' : 'is'} indented by ${hidden}, which is no indentation to YAML`
      const way = 'write plain spaces in its place'
      this.tell({ code: 'yaml-indent', facts: { problem, hint: way }, path: [...above, first], part: 'key' })
      return
    }
    const hint = `move ${this.linesOf([...above, first], [...above, last])} right by 2 spaces, below "${key}:"`
    parent[key] = {}
    for (const name of run) this.move([...above, name], [...path, name])
    this.tell({ ...finding, facts: { ...facts, hint } })
  }

  /** Not within brackets. */
  private isOnOwnLine(path: Path): boolean {
    const { document, text } = this.inText
    const { start } = keyRange(document, placeIn(this.before.moves, path))
    return text.slice(text.lastIndexOf('\n', start - 1) + 1, start).trim() === ''
  }

  /** `line 4`, or `lines 4 to 8`: from one key to the end of another's value. */
  private linesOf(first: Path, last: Path): string {
    const { document, text } = this.inText
    const start = keyRange(document, placeIn(this.before.moves, first)).start
    const end = valueRange(document, placeIn(this.before.moves, last)).end
    const from = lineNumber(text, start)
    const to = lineNumber(text, text.slice(0, end).trimEnd().length)
    return to > from ? `lines ${from} to ${to}` : `line ${from}`
  }
}

const only = <T>(list: readonly T[]): T | undefined => (list.length === 1 ? list[0] : undefined)
const spaces = (n: number) => (n === 1 ? '1 space' : `${n} spaces`)

function endOf(keys: readonly string[], from: number, isTheirs: (key: string) => boolean): number {
  const end = keys.findIndex((key, i) => i >= from && !isTheirs(key))
  return end === -1 ? keys.length : end
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
