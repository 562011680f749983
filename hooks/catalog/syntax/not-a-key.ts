// Lines that are no "key: value" where one is expected.
import { count } from '../../../schemas/count.ts'
import type { Finding } from '../../diagnostics/diagnostic.ts'
import { clip, cut } from '../../diagnostics/wording.ts'
import { outsideBlockText } from './indent.ts'
import { entryOf, type Line, lineAbove, lineBelow, linesBelow, partOf } from './line.ts'
import { needsQuotes } from './quotes.ts'
import { withoutColon } from './slips.ts'

/** A line that is no `key: value` where one is expected. */
export function notAKey(text: string, line: Line): Finding {
  return (
    (/^\?\s/.test(entryOf(line)?.value ?? '') ? needsQuotes(line) : undefined) ??
    missingSpace(line, text) ??
    dashOfAnotherSort(text, line) ??
    outsideBlockText(text, line) ??
    missingColon(text, line) ??
    continuation(text, line) ?? {
      code: 'yaml-multiline-key',
      facts: { problem: `expected "key: value" but found ${JSON.stringify(shown(line))}`, hint: wayOut(line) },
      range: line.range,
    }
  )
}

const shown = ({ content }: Line) => clip(content, 40)

/** What comes with a copy from a page, a chat or a shell. */
const isNoPart = (content: string) =>
  /^(?:\d{1,4}$|\x1a|\.{3}$|\u2026|```|~~~|#!|cat |EOF$|\$ )|^(?:ya?ml|json|copy(?: code)?|(?:plain ?)?text)$/i.test(
    content,
  )

function wayOut({ content }: Line): string {
  if (isNoPart(content)) return 'remove the line: it is no part of the YAML'
  if (/^[A-Za-z][\w./-]*$/.test(content)) return `write "${content}: " and its value, or remove the line`
  return 'remove the line, or make it the text of a key: "description: |" and the text below, indented'
}

/** Fields that hardly stand so in a text. */
const GLUED = /^ *(?:- +)?(?:kind|name|namespace|title|description|type|lifecycle|owner|system|domain):[^\s/:]\S*\s*$/

/** `kind:Component` and `-java`. */
export function missingSpace(line: Line, text: string): Finding | undefined {
  const colon = /^((?:- +)*[A-Za-z_][\w./-]*):(?!\/\/)(\S.*)$/.exec(line.content)
  if (colon && !/:\s/.test(line.content)) {
    const others = text
      .slice(line.range.end)
      .split('\n')
      .filter(below => GLUED.test(below)).length
    const facts = { after: 'the colon', proposal: `${colon[1]}: ${colon[2]}`, others }
    return { code: 'yaml-missing-space', facts, range: partOf(line, line.indent + (colon[1] ?? '').length, 1) }
  }
  const dash = /^-([^\s-].*)$/.exec(line.content)
  return dash
    ? {
        code: 'yaml-missing-space',
        facts: { after: 'the dash', proposal: `- ${dash[1]}` },
        range: partOf(line, line.indent, 1),
      }
    : undefined
}

/** `name payments`; `metadata`, and its fields below it. */
function missingColon(text: string, line: Line): Finding | undefined {
  const value = withoutColon(line.content)
  if (value !== undefined) return { code: 'yaml-multiline-key', facts: value, range: line.range }
  const [, other] = /^([A-Za-z][\w-]*)\s*\uff1a$/.exec(line.content) ?? []
  if (other !== undefined) {
    const facts = { problem: '"\uff1a" is not the colon that YAML knows', hint: `write "${other}:"` }
    return { code: 'yaml-multiline-key', facts, range: line.range }
  }
  const [word] = /^[A-Za-z][\w-]*$/.exec(line.content) ?? []
  const below = lineBelow(text, line)
  if (word === undefined || below === undefined || below.indent <= line.indent || !entryOf(below)) return undefined
  const facts = { problem: `a colon is missing after ${JSON.stringify(word)}`, hint: `write "${word}:"` }
  return { code: 'yaml-multiline-key', facts, range: line.range }
}

/** Word processors turn a hyphen into a dash, and lists of Markdown may begin with a star. */
export function dashOfAnotherSort(text: string, line: Line): Finding | undefined {
  const match = /^([\u2010-\u2015\u2212\u2022*\u00b7])\s+(.*)$/.exec(line.content)
  // `* @acme/web` is a line of CODEOWNERS.
  if (!match || (match[1] === '*' && lineAbove(text, line) === undefined)) return undefined
  const more = [...linesBelow(text, line)].filter(
    ({ content, indent }) => indent === line.indent && content.startsWith(`${match[1]} `),
  ).length
  const facts = {
    problem: `${JSON.stringify(match[1])} does not begin an entry of a list; "-" does`,
    hint: `write "- ${match[2]}"${more > 0 ? `, and "-" in ${count(more, 'more line')} below` : ''}`,
  }
  return { code: 'yaml-syntax', facts, range: partOf(line, line.indent, 1) }
}

/** A text that goes on in the next line without being indented more than its key. */
function continuation(text: string, line: Line): Finding | undefined {
  if (isNoPart(line.content)) return undefined
  const above = lineAbove(text, line)
  const entry = above && entryOf(above)
  if (!above || !entry || entry.value === '' || /^[[{&*!|>]/.test(entry.value) || line.indent !== above.indent)
    return undefined
  return {
    code: 'yaml-multiline-key',
    facts: {
      problem: `expected "key: value" but found ${JSON.stringify(shown(line))}`,
      hint: `if it belongs to ${JSON.stringify(entry.key)}, write "${entry.key}: >-" and the whole text on the lines below, indented`,
    },
    range: line.range,
    label: { range: partOf(above, entry.valueColumn, entry.value.length), text: 'the text above ends here' },
  }
}

/** `tags: - java`. */
export function listBehindKey(line: Line): Finding | undefined {
  const entry = entryOf(line)
  if (!entry || !/^- /.test(entry.value)) return undefined
  return {
    code: 'yaml-syntax',
    facts: {
      problem: 'a list cannot begin on the line of its key',
      hint: `end the line after "${entry.key}:" and write ${JSON.stringify(cut(entry.value, 40))} on the next one, indented`,
    },
    range: partOf(line, entry.valueColumn, entry.value.length),
  }
}
