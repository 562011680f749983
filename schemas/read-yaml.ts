// A configuration's text as a value, or where its YAML is wrong.
import { LineCounter, parseDocument } from 'yaml'

/** Anchors used more often than this are an attack on memory, or a mistake. */
const MOST_ALIASES = 100

/** An empty text is an empty map. */
export function readYaml(text: string): { value: unknown } | { problems: string[] } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (document.errors.length === 0) return { value: document.toJS({ maxAliasCount: MOST_ALIASES }) ?? {} }
  return {
    problems: document.errors.map(
      ({ message, pos }) => `line ${lines.linePos(pos[0]).line}: ${message.split('\n')[0]}`,
    ),
  }
}
