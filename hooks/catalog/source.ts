// What stands in the file at a path of a document: messages and hints quote it, and not what YAML made of it.
import { type Document, isAlias, isCollection, isScalar, type Scalar } from 'yaml'
import { nodeAt, type Path } from './position.ts'

/** A value as it stands there; `text` may go over several lines. */
export type Written = {
  text: string
  form: 'plain' | 'quoted' | 'block text' | 'flow' | 'block' | 'alias' | 'nothing'
  /** Its key as it stands there; nothing in a list. */
  key?: string
  /** Of an alias: what stands at its anchor. */
  meant?: string
  /** `&name`, before the value. */
  anchor?: string
  /** What begins with "#" on the line of an empty value. */
  comment?: string
  /** Where its own column lies: of its first key, for a map. */
  indent: number
  /** Nothing stands beside it in its map or list. */
  isAlone: boolean
  /** Within brackets, where a line is not its own; or behind the dash of a list's entry. */
  isInBrackets: boolean
  /** It begins on a line below its key. */
  isBelow: boolean
  isBehindDash: boolean
}

/** Undefined: it does not stand in this file. */
export type Source = (path: Path) => Written | undefined

export function sourceOf(document: Document, text: string): Source {
  return path => {
    const { node, key, found } = nodeAt(document, path)
    if (!found) return undefined
    const above = nodeAt(document, path.slice(0, -1)).node
    const [start, end] = node?.range ?? [key?.range?.[1] ?? 0, key?.range?.[1] ?? 0]
    const around = {
      isBelow: key?.range ? text.slice(key.range[1], start).includes('\n') : false,
      ...(key?.range ? { key: text.slice(key.range[0], key.range[1]) } : {}),
      ...(node !== null && 'anchor' in node && node.anchor !== undefined ? { anchor: `&${node.anchor}` } : {}),
      isAlone: isCollection(above) && above.items.length === 1,
      isInBrackets: isCollection(above) && above.flow === true,
      isBehindDash: key?.range
        ? /(?:^|\n)[ ]*(?:- +)+$/.test(text.slice(Math.max(0, key.range[0] - 200), key.range[0]))
        : false,
    }
    const indent = start - (text.lastIndexOf('\n', start - 1) + 1)
    const raw = text.slice(start, end).trimEnd()
    if (isAlias(node)) {
      const meant = node.resolve(document)?.range
      return {
        ...around,
        text: raw,
        form: 'alias',
        indent,
        ...(meant ? { meant: text.slice(meant[0], meant[1]) } : {}),
      }
    }
    if (isCollection(node)) return { ...around, text: raw, form: node.flow ? 'flow' : 'block', indent }
    if (raw !== '') return { ...around, text: raw, form: isScalar(node) ? formOf(node) : 'plain', indent }
    const line = text.slice(start, text.indexOf('\n', start) === -1 ? text.length : text.indexOf('\n', start))
    const comment = /^\s*:?\s*(#.*)$/.exec(line)?.[1]?.trimEnd()
    return { ...around, text: '', form: 'nothing', indent, ...(comment === undefined ? {} : { comment }) }
  }
}

function formOf({ type }: Scalar): Written['form'] {
  if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') return 'quoted'
  return type === 'BLOCK_FOLDED' || type === 'BLOCK_LITERAL' ? 'block text' : 'plain'
}
