// What is no YAML of an entity at all: a patch, a page, a program's own file, or YAML with something around it or before each line.
import type { Finding } from '../../diagnostics/diagnostic.ts'
import { OTHER_FILE } from '../../diagnostics/hints.ts'
import { quoted } from '../../diagnostics/wording.ts'
import { lineAt, lineNumber } from './line.ts'

const found = (text: string, start: number, problem: string, hint: string): Finding => ({
  code: 'yaml-syntax',
  facts: { problem, hint },
  range: lineAt(text, start).range,
})

/** Signs before a line that come with where it was copied from. A list ("- ") is none of them, nor is a comment of YAML's. */
const BEFORE_LINE = /^(?:(\/\/|[+>|;-](?![+>|;-])|[*\u2022](?= )|[\w./-]+\.ya?ml:)| *\d+([:|\t]|[.)]? {1,4}(?=\S)))/
const COPIED_FROM: Record<string, string> = {
  '+': ', as in a patch',
  '-': ', as in a patch',
  '>': ', as in a quoted mail',
  '//': ', a comment of other languages',
}
const OF_ENTITY = /^["']?(?:apiVersion|kind|metadata)["']?:/

/** Something before each line of a document. What is above the first of them is the file's own. */
export function beforeEachLine(text: string, from: number, to: number | undefined): Finding | undefined {
  const whole = text.slice(from, to)
  const above = /^(?:(?:%.*|---(?:[^\S\n]+#.*)?|[^\S\n]*#.*)?[^\S\n]*\n)*/.exec(whole)?.[0].length ?? 0
  const start = from + above
  const [, sign, behindNumber = ''] = BEFORE_LINE.exec(text.slice(start, start + 40)) ?? []
  if (sign === undefined && behindNumber === '') return undefined
  // A last line may be the mark of the next document.
  const lines = whole
    .slice(above)
    .split('\n')
    .filter(line => line.trim() !== '' && !/^(?:---|\.\.\.)\s*$/.test(line))
  const isSpaced = sign !== undefined && lines.every(line => /^\s?$/.test(line.slice(sign.length, sign.length + 1)))
  const prefix = isSpaced ? `${sign} ` : (sign ?? '')
  const numbered = new RegExp(`^ *\\d+${behindNumber.replace(/[|.)]/, '\\$&')}`)
  const rest = lines.map(line =>
    sign === undefined ? line.replace(numbered, '') : line.startsWith(sign) ? line.slice(prefix.length) : line,
  )
  const isBeforeAll = lines.length > 1 && rest.every((line, i) => line !== lines[i])
  if (prefix === '- ' || !isBeforeAll || !rest.some(line => OF_ENTITY.test(line))) return undefined
  const [problem, what] =
    sign === undefined
      ? [
          'each line begins with its number',
          `the number and the ${behindNumber === '\t' ? 'tab' : behindNumber.trim() === '' ? `${behindNumber.length} spaces` : `"${behindNumber}"`} behind it`,
        ]
      : [`each line begins with "${prefix}"${COPIED_FROM[sign] ?? ''}`, `the "${prefix}"`]
  return {
    code: 'yaml-syntax',
    facts: { problem, hint: `remove ${what} at the beginning of each line` },
    range: { start, end: start + 1 },
  }
}

const PATCH = /^\ufeff?(?:diff --(?:git|cc|combined) |@@+ -\d+(?:,\d+)? |--- \S[^\n]*\n\+\+\+ \S)/m
/** ```` ``` ````, `cat <<EOF`. */
const AROUND = /^\ufeff?(?:(`{3,}|~{3,}|'''|"""|\{code|\{noformat).*|[^#\n<]*<<-?[ \t]*(["']?)([A-Za-z_]\w*)\2.*)$/m
const ENTITY_BEGINS = /^[ \t]*["']?apiVersion\b/m

/** Of a file that holds no entity: what it is instead. Undefined where it is YAML with mistakes. */
export function notYaml(text: string): Finding | undefined {
  const first = Math.max(0, text.search(/\S/))
  const begins = text.slice(first, first + 200)
  if (/^[^\0]*\0[^\0]*$/.test(text) && /^(?:apiVersion|kind):/m.test(text)) {
    const start = text.indexOf('\0')
    const facts = { problem: 'the character U+0000 is here, which no text holds', hint: 'remove it' }
    return { code: 'yaml-syntax', facts, range: { start, end: start + 1 } }
  }
  if (text.includes('\0')) {
    const what = begins.startsWith('b0VIM') ? "Vim's swap file" : 'a binary file'
    return found(text, first, `this is ${what}, not YAML`, 'commit the YAML file in its place')
  }
  if (/^<(?:[!?]?[a-z][\w:.-]*)[\s>]/i.test(begins) && !HELD.test(begins) && text.trimEnd().endsWith('>'))
    return /^<(?:!doctype )?html/i.test(begins)
      ? found(text, first, 'this is an HTML page, not YAML', 'save the file itself (in GitHub: "Raw"), not a page')
      : found(text, first, 'this is XML, not YAML', OTHER_FILE)
  if (/^\[[\w.-]+\]\s*\n\s*[\w.-]+\s*=/.test(begins))
    return found(text, first, 'this is TOML or an INI file, not YAML', OTHER_FILE)
  if (/^"?apiVersion:.*\\n/.test(begins) && !text.trim().includes('\n')) {
    const quotes = begins.startsWith('"') ? 'remove the quotes around it all, and ' : ''
    return found(
      text,
      first,
      'the line breaks are written as "\\n"',
      `${quotes}write a line break in the place of each "\\n"`,
    )
  }
  return patch(text) ?? somethingAround(text) ?? signAround(text)
}

function patch(text: string): Finding | undefined {
  const head = PATCH.exec(text)
  const lines = text.split('\n').filter(line => line.trim() !== '')
  if (head === null) {
    const isMixed = lines.every(line => /^[-+ ]/.test(line)) && new Set(lines.map(line => line[0] === ' ')).size === 2
    return isMixed && lines.some(line => /^[+ ](?:apiVersion|kind):/.test(line))
      ? found(
          text,
          0,
          'each line begins with "+", "-" or a space, as in a patch',
          lines.some(line => line.startsWith('-'))
            ? 'remove the lines that begin with "-", and the first character of each other line'
            : 'remove the first character of each line',
        )
      : undefined
  }
  const hunk = /^@@ -0,0 \+1\b[^\n]*\n/m.exec(text)
  const added = hunk === null ? '' : text.slice(hunk.index + hunk[0].length)
  const isOfNew = hunk !== null && added.split('\n').every(line => line.trim() === '' || line.startsWith('+'))
  const hint = isOfNew
    ? `remove lines 1 to ${lineNumber(text, hunk.index)}, and the "+" at the beginning of each line below`
    : 'commit the file that the patch makes, not the patch'
  return found(text, head.index, 'a patch begins here, which is not YAML', hint)
}

/** A backtick, quotes or tags right before the first word. */
const HELD = /^\ufeff?\s*(`+|["'\u201c\u201d\u201e]+|(?:<[a-z][\w\s="'-]{0,40}>)+)\s*(?:---\s+)?(?:apiVersion|kind):/i

function signAround(text: string): Finding | undefined {
  const [, before = ''] = HELD.exec(text.slice(0, 200)) ?? []
  const [after = ''] =
    (before !== '' && /(?:`+|["'\u201c\u201d]+|(?:<\/[a-z]\w*>)+)$/.exec(text.trimEnd().slice(-60))) || []
  if (after === '') return undefined
  const problem = `there is ${quoted(before)} before the YAML and ${quoted(after)} behind it`
  const start = text.indexOf(before)
  const end = text.trimEnd().length
  return {
    code: 'yaml-syntax',
    facts: { problem, hint: 'remove both' },
    range: { start, end: start + before.length },
    label: { range: { start: end - after.length, end }, text: 'and this' },
  }
}

/** A fence of Markdown's, or a script that writes the file. */
function somethingAround(text: string): Finding | undefined {
  const opening = AROUND.exec(text)
  if (opening === null) return undefined
  const [, fence, , word = ''] = opening
  const start = text.indexOf('\n', opening.index) + 1
  const closing = new RegExp(
    fence === undefined ? `^[ \\t]*${word}[ \\t\\r]*$` : `^${fence.replace('{', '\\{')}[\`~}]*[ \\t\\r]*$`,
    'm',
  )
  const length = text.slice(start).search(closing)
  if (start === 0 || length < 1) return undefined
  const end = start + length
  const others = text.slice(0, opening.index) + text.slice(end)
  if (!ENTITY_BEGINS.test(text.slice(start, end)) || ENTITY_BEGINS.test(others)) return undefined
  const [from, to] = [lineNumber(text, start), lineNumber(text, end) - 1]
  const what =
    fence === undefined
      ? 'a script that writes the YAML'
      : fence.startsWith('{')
        ? 'a macro of Confluence around the YAML'
        : 'Markdown around the YAML'
  const hint = `keep only lines ${from} to ${to}: the others are no part of the YAML`
  return {
    ...found(text, opening.index, `this is ${what}`, hint),
    label: { range: lineAt(text, end).range, text: 'to here' },
  }
}
