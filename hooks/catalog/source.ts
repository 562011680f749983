// What stands in the file at a path of a document: messages and hints quote it, and not what YAML made of it.
import { type Document, isAlias, isCollection, isScalar, type Scalar } from 'yaml'
import { nodeAt, type Path } from './position.ts'

/** A value as it stands there; `text` may go over several lines. */
export type Written = {
  text: string
  form: 'plain' | 'quoted' | 'block text' | 'flow' | 'block' | 'alias' | 'nothing'
  /** Its key as it stands there; nothing in a list. */
  key?: string
  /** What begins with "#" on the line of an empty value. */
  comment?: string
  /** Where its own column lies: of its first key, for a map. */
  indent: number
}

/** Undefined: it does not stand in this file. */
export type Source = (path: Path) => Written | undefined

export function sourceOf(document: Document, text: string): Source {
  return path => {
    const { node, key, found } = nodeAt(document, path)
    if (!found) return undefined
    const keyText = key?.range ? { key: text.slice(key.range[0], key.range[1]) } : {}
    const [start, end] = node?.range ?? [key?.range?.[1] ?? 0, key?.range?.[1] ?? 0]
    const indent = start - (text.lastIndexOf('\n', start - 1) + 1)
    const raw = text.slice(start, end).trimEnd()
    if (isAlias(node)) return { ...keyText, text: raw, form: 'alias', indent }
    if (isCollection(node)) return { ...keyText, text: raw, form: node.flow ? 'flow' : 'block', indent }
    if (raw !== '') return { ...keyText, text: raw, form: isScalar(node) ? formOf(node) : 'plain', indent }
    const line = text.slice(start, text.indexOf('\n', start) === -1 ? text.length : text.indexOf('\n', start))
    const comment = /^\s*:?\s*(#.*)$/.exec(line)?.[1]?.trimEnd()
    return { ...keyText, text: '', form: 'nothing', indent, ...(comment === undefined ? {} : { comment }) }
  }
}

function formOf({ type }: Scalar): Written['form'] {
  if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') return 'quoted'
  return type === 'BLOCK_FOLDED' || type === 'BLOCK_LITERAL' ? 'block text' : 'plain'
}
