// A document while what is wrong with it is taken for what was meant: values that are moved, and what is told of it.
import type { Document } from 'yaml'
import type { Profile } from '../../../schemas/profile.ts'
import { isMapValue, type Located } from '../check.ts'
import type { Value } from '../parse.ts'
import { keyRange, type Path, valueRange } from '../position.ts'
import { sourceOf } from '../source.ts'
import { lineNumber } from '../syntax/line.ts'

/** What a document is taken for. `told`: what was wrong with it so far; `moves`: where in the file stands what is now at a path. */
export type Meant = { value: Value; told: readonly Located[]; moves: readonly Move[] }
type Move = { to: Path; from: Path }

export type InText = { document: Document; text: string; profile: Profile }

/** Where in the file stands what is at a path of the document as it was meant. */
export function placeIn(moves: readonly Move[], path: Path): Path {
  const isOn = ({ to }: Move) => to.every((part, i) => String(part) === String(path[i]))
  const move = moves.filter(isOn).sort((a, b) => b.to.length - a.to.length)[0]
  return move === undefined ? path : [...move.from, ...path.slice(move.to.length)]
}

/** Corrections of one round; each finding is told by itself, or as a part of another. */
export class Draft {
  value: Value
  readonly moves: Move[]
  readonly told: Located[] = []
  readonly inText: InText
  private readonly before: Meant
  private readonly owned = new Set<Value>()
  private isChanged = false

  constructor(before: Meant, inText: InText) {
    this.before = before
    this.inText = inText
    this.value = { ...before.value }
    this.moves = [...before.moves]
  }

  /** Undefined: nothing was certain. */
  result(): Meant | undefined {
    const { before, value, moves, told } = this
    return this.isChanged ? { value, moves, told: [...before.told, ...told] } : undefined
  }

  /** The finding belongs to what is known now. */
  tell(finding: Located): void {
    this.isChanged = true
    this.told.push({ ...finding, path: this.placeOf(finding.path) })
  }

  /** A field at the root, unless it says so already. */
  set(field: string, value: string | undefined, finding: Located): void {
    if (value === undefined || value === this.value[field]) return
    this.value[field] = value
    this.tell(finding)
  }

  /** Whether it could be: nothing stands there, and both are in maps. */
  move(from: Path, to: Path): boolean {
    const parent = this.own(from.slice(0, -1))
    const target = this.own(to.slice(0, -1))
    const [key, name] = [String(from.at(-1)), String(to.at(-1))]
    if (!parent || !target || !Object.hasOwn(parent, key) || Object.hasOwn(target, name) || name === '__proto__')
      return false
    target[name] = parent[key]
    delete parent[key]
    this.moves.push({ to, from: this.placeOf(from) })
    return true
  }

  /** The map at a path, as a copy of our own. */
  own(path: Path): Value | undefined {
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

  rename(path: Path, name: string, finding: Located): void {
    // Under its right name it would be read as a placeholder, or not.
    const held = this.own(path)
    if (held !== undefined && Object.keys(held).some(key => key.startsWith('$'))) return
    if (this.move(path, [...path.slice(0, -1), name])) this.tell(finding)
  }

  /** Where something stood before this round. */
  placeOf(path: Path): Path {
    return placeIn(this.before.moves, path)
  }

  /** What stands in the file. */
  source(path: Path) {
    return sourceOf(this.inText.document, this.inText.text)(this.placeOf(path))
  }

  /** Where a key begins in its line, from 0. */
  columnOf(path: Path): number {
    const { document, text } = this.inText
    const { start } = keyRange(document, this.placeOf(path))
    return start - (text.lastIndexOf('\n', start - 1) + 1)
  }

  /** Not within brackets. */
  isOnOwnLine(path: Path): boolean {
    const { document, text } = this.inText
    const { start } = keyRange(document, this.placeOf(path))
    return text.slice(text.lastIndexOf('\n', start - 1) + 1, start).trim() === ''
  }

  /** `line 4`, or `lines 4 to 8`: from one key to the end of another's value. */
  linesOf(first: Path, last: Path): string {
    const { document, text } = this.inText
    const start = keyRange(document, this.placeOf(first)).start
    const end = valueRange(document, this.placeOf(last)).end
    const from = lineNumber(text, start)
    const to = lineNumber(text, text.slice(0, end).trimEnd().length)
    return to > from ? `lines ${from} to ${to}` : `line ${from}`
  }
}

/** In words. */
export const spaces = (n: number) => (n === 1 ? '1 space' : `${n} spaces`)

/** Index behind the run of keys that begins at `from`. */
export function endOf(keys: readonly string[], from: number, isTheirs: (key: string) => boolean): number {
  const end = keys.findIndex((key, i) => i >= from && !isTheirs(key))
  return end === -1 ? keys.length : end
}
