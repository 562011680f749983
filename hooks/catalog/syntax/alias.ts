// An alias for which there is no value: without an anchor, before it, or in another document.
import { type Document, isAlias, visit } from 'yaml'
import { nearest } from '../../../schemas/nearest.ts'
import type { Finding, Range } from '../../diagnostics/diagnostic.ts'
import { entryOf, lineAt, lineNumber } from './line.ts'

/** An alias that cannot be resolved; yaml throws for it without a position. */
export function explainAlias(reason: string, document: Document, text: string): Finding {
  const name = /^Unresolved alias[^:]*: (\S+)/.exec(reason)?.[1]
  const anchors: { name: string; start: number; end: number }[] = []
  let range: Range | undefined
  visit(document, (_, node) => {
    if (isAlias(node)) {
      if (node.source === name && node.range) range ??= { start: node.range[0], end: node.range[1] }
    } else if (
      typeof node === 'object' &&
      node !== null &&
      'anchor' in node &&
      typeof node.anchor === 'string' &&
      'range' in node
    ) {
      const [start = 0, end = start] = Array.isArray(node.range) ? node.range.map(Number) : []
      anchors.push({ name: node.anchor, start, end })
    }
  })
  const start = document.contents?.range?.[0] ?? 0
  if (name === undefined) {
    const problem = /excessive alias/i.test(reason)
      ? 'aliases are resolved more than 100 times; the catalog stops there'
      : `the document cannot be resolved: ${reason}`
    return { code: 'yaml-alias', facts: { problem, hint: 'write the values out' }, range: { start, end: start + 1 } }
  }
  const at = range ?? { start, end: start + 1 }
  const line = lineAt(text, at.start)
  const entry = entryOf(line)
  const close = nearest(
    name,
    // What has the anchor cannot hold its alias.
    anchors.filter(({ start, end }) => end <= at.start || start > at.start).map(anchor => anchor.name),
  )[0]
  const isLater = anchors.some(anchor => anchor.name === name)
  const isText = !/^[\w-]+$/.test(name)
  const elsewhere = isText ? -1 : text.slice(0, document.range?.[0] ?? 0).search(new RegExp(`&${name}(?![\\w-])`))
  const hint =
    elsewhere !== -1
      ? `write the values out: an anchor ends at "---", and "&${name}" is in line ${lineNumber(text, elsewhere)}, in another document`
      : isText
        ? `a string that begins with "*" needs quotes: ${entry ? `${entry.key}: ` : ''}"*${name}"`
        : isLater
          ? `move "&${name}" to its first use: an anchor has to be before its aliases, in the same document`
          : close
            ? `did you mean "*${close}"?`
            : `write the value out, or name it with an anchor ("&${name}") above, in the same document`
  return { code: 'yaml-alias', facts: { problem: `alias "*${name}" has no anchor before it`, hint }, range: at }
}
