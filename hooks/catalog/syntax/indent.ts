// Lines that stand in the wrong column.
import { count } from '../../../schemas/count.ts'
import type { Finding, Range } from '../../diagnostics/diagnostic.ts'
import { cut } from '../../diagnostics/wording.ts'
import {
  entryOf,
  isBlockHeader,
  itemOf,
  type Line,
  lineAt,
  lineBelow,
  lineNumber,
  linesAbove,
  linesBelow,
  partOf,
} from './line.ts'

const ROOT_FIELDS = ['apiVersion', 'kind', 'metadata', 'spec']

/** A column in which an entry could stand, with the line that made it. */
type Column = { column: number; isList: boolean; range: Range; name: string }

/** Columns of the maps and lists that are open above a line, nearest line first. */
function openColumns(text: string, line: Line): Column[] {
  const columns: Column[] = []
  let limit = Number.POSITIVE_INFINITY
  for (const above of linesAbove(text, line)) {
    if (above.content.startsWith('#')) continue
    const entry = entryOf(above)
    const isItem = itemOf(above) !== undefined
    if (entry && entry.keyColumn < limit)
      columns.push({
        column: entry.keyColumn,
        isList: false,
        range: partOf(above, entry.keyColumn, entry.key.length),
        name: entry.key,
      })
    if (isItem && above.indent < limit)
      columns.push({ column: above.indent, isList: true, range: partOf(above, above.indent, 1), name: above.content })
    if (entry || isItem) limit = Math.min(limit, above.indent)
    if (limit === 0) break
  }
  return columns
}

/** `it`, or the line with those behind it that want moving, too: what is below it, and what stands in the same column. */
function whichLines(text: string, line: Line): string {
  const isList = itemOf(line) !== undefined
  let last = line
  for (const below of linesBelow(text, line)) {
    if (below.indent < line.indent || (isList && below.indent === line.indent && itemOf(below) === undefined)) break
    last = below
  }
  return last === line ? 'it' : `lines ${lineNumber(text, line.range.start)} to ${lineNumber(text, last.range.start)}`
}

/** `tags:` with its list below it, and further left. */
export function listLeftOfKey(text: string, line: Line): Finding | undefined {
  const entry = entryOf(line)
  const item = lineBelow(text, line)
  if (entry?.value !== '' || !item || itemOf(item) === undefined || item.indent >= entry.keyColumn) return undefined
  const key = JSON.stringify(entry.key)
  const lines = whichLines(text, item).replace(/^it$/, `line ${lineNumber(text, item.range.start)}`)
  return {
    code: 'yaml-indent',
    facts: {
      problem: `the list of ${key} begins in column ${item.indent + 1}, left of ${key}`,
      hint: `move ${lines} right by ${spaces(entry.keyColumn - item.indent)}`,
    },
    range: item.range,
    label: { range: partOf(line, entry.keyColumn, entry.key.length), text: `column ${entry.keyColumn + 1}` },
  }
}

/** A key or a list entry in a column where nothing else stands: which way, how far, and below what. */
export function wrongColumn(text: string, line: Line): Finding {
  const isList = itemOf(line) !== undefined
  const key = entryOf(line)?.key ?? cut(line.content, 30)
  const columns = openColumns(text, line).filter(column => column.isList === isList)
  const far = ({ column }: Column) => Math.abs(column - line.indent)
  const isRootField = ROOT_FIELDS.includes(key)
  const nearest = columns
    .filter(column => far(column) > 0)
    .sort((a, b) => far(a) - far(b) || (isRootField ? a.column - b.column : b.column - a.column))[0]
  const range = line.range
  if (isList && !nearest && !columns.some(column => far(column) === 0)) {
    return {
      code: 'yaml-indent',
      facts: {
        problem: 'an entry of a list is in the place of a key',
        hint: 'write the key of the list on the line above, for example "dependsOn:"',
      },
      range,
    }
  }
  if (!nearest)
    return {
      code: 'yaml-indent',
      facts: { problem: `the line is indented by ${spaces(line.indent)}, like no other line of its map` },
      range,
    }
  const way = nearest.column > line.indent ? 'right' : 'left'
  const what = isList
    ? 'all entries of a list begin in the same column'
    : `${JSON.stringify(key)} and ${JSON.stringify(nearest.name)} then begin in the same column`
  return {
    code: 'yaml-indent',
    facts: {
      problem: `${isList ? 'the entry' : JSON.stringify(key)} is indented by ${spaces(line.indent)}, ${isList ? 'the one above' : JSON.stringify(nearest.name)} by ${nearest.column}`,
      hint: `move ${whichLines(text, line)} ${way} by ${spaces(far(nearest))}; ${what}`,
    },
    range,
    label: { range: nearest.range, text: `column ${nearest.column + 1}` },
  }
}

const spaces = (n: number) => (n === 0 ? 'nothing' : count(n, 'space'))

/** A line below `key: value` that is indented deeper, as if the value were a map. */
export function belowAValue(text: string, line: Line): Finding | undefined {
  const above = entryOf(line)
  const below = lineBelow(text, line)
  if (!above || !below || below.indent <= above.keyColumn) return undefined
  const entry = entryOf(below)
  const label = { range: partOf(line, above.keyColumn, above.key.length), text: 'has a value already' }
  if (entry?.key.includes(' ')) {
    const problem = `the text of ${JSON.stringify(above.key)} goes on here with ": ", which YAML reads as a key`
    const hint = `write "${above.key}: >-" and the whole text on the lines below, indented`
    return { code: 'yaml-multiline-key', facts: { problem, hint }, range: below.range, label }
  }
  const name = JSON.stringify(entry?.key ?? cut(below.content, 30))
  return {
    code: 'yaml-indent',
    facts: {
      problem: `${name} is indented deeper than ${JSON.stringify(above.key)}, which has a value already`,
      hint: `move ${whichLines(text, below)} left by ${spaces(below.indent - above.keyColumn)}`,
    },
    range: below.range,
    label,
  }
}

/** The first line of a document that has something in it. */
function firstLine(text: string, line: Line): Line | undefined {
  const marker = Math.max(text.lastIndexOf('\n---', line.start), text.startsWith('---') ? 0 : -1)
  const start = marker === -1 ? 0 : text.indexOf('\n', marker + 1) + 1
  const content = text.slice(start, line.start).search(/^[^\S\n]*[^\s#]/m)
  return content === -1 ? undefined : lineAt(text, start + content)
}

/** The first line of the document is indented, and the next is not. */
export function indentedStart(text: string, line: Line): Finding | undefined {
  const first = firstLine(text, line)
  if (!first || first.indent === 0 || first.indent <= line.indent) return undefined
  const facts = {
    problem: `the first line is indented by ${spaces(first.indent)}, the lines below by ${line.indent}`,
    hint: `move it left by ${spaces(first.indent - line.indent)}`,
  }
  return { code: 'yaml-indent', facts, range: first.range }
}

/** A line of a text below "|" or ">" that is not indented as far as the text: the text ends before it. */
export function outsideBlockText(text: string, line: Line): Finding | undefined {
  let shallowest = Number.POSITIVE_INFINITY
  let firstIndent: number | undefined
  for (const above of linesAbove(text, line)) {
    const entry = entryOf(above) ?? itemOf(above)
    const column = entryOf(above)?.keyColumn ?? above.indent
    if (entry && isBlockHeader(entry.value)) {
      if (shallowest <= column || (line.indent < column && (entryOf(line) ?? itemOf(line)))) return undefined
      const needed = firstIndent ?? column + 2
      if (line.indent >= needed) return undefined
      const at = lineNumber(text, above.start)
      return {
        code: 'yaml-multiline-key',
        facts: {
          problem: `the line is not indented like the text that begins in line ${at}; the text ends before it`,
          hint: `if it belongs to that text, move it right by ${spaces(needed - line.indent)}, and the lines below it too`,
        },
        range: line.range,
        label: {
          range: partOf(above, above.indent, above.content.length),
          text: firstIndent === undefined ? 'the text of this key' : `its lines are indented by ${firstIndent}`,
        },
      }
    }
    shallowest = Math.min(shallowest, above.indent)
    firstIndent = above.indent
    // Another key at the left of it all ends the search.
    if (entry && above.indent <= 0) return undefined
  }
  return undefined
}
