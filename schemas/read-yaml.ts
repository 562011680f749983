// A configuration's text as a value, or the first thing that is wrong with its YAML, in the words of whoever wrote it.
import { type Document, LineCounter, parseDocument, type YAMLParseError } from 'yaml'

/** Anchors used more often than this are an attack on memory, or a mistake. */
const MOST_ALIASES = 100

/** An empty text is an empty map. Values are never quoted: they may be secrets. */
export function readYaml(text: string): { value: unknown } | { problems: string[] } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [first, ...others] = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])
  if (first === undefined) return valueIn(document)
  // One slip makes the parser stumble on and on; only keys that stand there twice are slips of their own.
  const told = [first, ...others.filter(({ code }) => code === 'DUPLICATE_KEY' && first.code === code)]
  return { problems: told.map(error => `line ${lines.linePos(error.pos[0]).line}: ${wordsOf(error, text)}`) }
}

function valueIn(document: Document): { value: unknown } | { problems: string[] } {
  try {
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES }) ?? {}
    JSON.stringify(value) // a TypeError, where something is in itself
    return { value }
  } catch (error) {
    if (error instanceof TypeError) return { problems: ['an alias (*name) stands within what it names'] }
    // Its own words for aliases: of nothing, or too many of them.
    if (error instanceof ReferenceError)
      return { problems: [`an alias (*name) names nothing, or more than ${MOST_ALIASES} stand here`] }
    throw error
  }
}

function wordsOf({ code, message, pos: [at] }: YAMLParseError, text: string): string {
  const variable = bareVariable(text, at)
  if (variable !== undefined) return `${variable} without quotes within { } or [ ]; expected "${variable}"`
  switch (code) {
    case 'DUPLICATE_KEY':
      return `"${/^[\w.-]*/.exec(text.slice(at))?.[0]}" stands here for the second time`
    case 'MULTIPLE_DOCS':
      return 'a second document begins ("---"); expected one'
    case 'TAB_AS_INDENT':
      return 'a tab at the beginning; expected blanks'
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a second ": " within a value; expected the value in quotes'
    case 'MULTILINE_IMPLICIT_KEY':
      return 'expected a blank behind the colon, as in "name: value"'
    case 'BAD_INDENT':
      return message.startsWith('Flow')
        ? 'expected the "]" or "}" of what was opened before this line'
        : 'its beginning stands below that of no line above; expected the same number of blanks'
    case 'MISSING_CHAR':
      return message.includes('quote') ? `a quote was opened before, and never closed` : message
    default:
      return message.split('\n')[0] ?? code
  }
}

/** `${NAME}` that stands there without quotes in a flow collection, where its braces are YAML's: on the line of the error, before it or at it. */
function bareVariable(text: string, at: number): string | undefined {
  const begin = text.lastIndexOf('\n', at - 1) + 1
  const [line = ''] = text.slice(begin).split('\n', 1)
  for (const { 0: found, index } of line.matchAll(/\$\{[^}]*\}/g)) {
    const before = line.slice(0, index).replaceAll(/"[^"]*"|'[^']*'|\$\{[^}]*\}/g, '')
    const isOpen = (open: string, close: string) => before.split(open).length > before.split(close).length
    const isBare = !/["']/.test(before) && (isOpen('{', '}') || isOpen('[', ']'))
    if (isBare && begin + index <= at) return found
  }
  return undefined
}
