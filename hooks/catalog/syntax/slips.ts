// Slips that a line shows by itself, one sign in the place of another: told as that, whatever the parser makes of it.
import type { Finding } from '../../diagnostics/diagnostic.ts'
import { HIDDEN, hiddenName } from '../../diagnostics/hidden.ts'
import { isKindWord } from '../checks/intent.ts'
import { entryOf, isBlockHeader, itemOf, type Line, lineAbove, partOf } from './line.ts'
import { inQuotes } from './quotes.ts'

export function slip(text: string, line: Line): Finding | undefined {
  return (
    separator(line) ??
    otherComment(line) ??
    otherSign(line) ??
    equalsSign(line) ??
    blockSignAlone(text, line) ??
    gluedDash(line) ??
    valueOfAKind(line) ??
    holesInBrackets(line)
  )
}

/** `--`, a word processor's dash, or `---` with spaces before it. */
export function separator(line: Line): Finding | undefined {
  const { content, indent } = line
  if (!/^(?:-{2,}|[\u2012-\u2015]{1,3})$/.test(content) || (content === '---' && indent === 0)) return undefined
  const isIndented = content === '---'
  const problem = isIndented
    ? 'there are spaces before "---", so it separates nothing'
    : `${JSON.stringify(content)} separates nothing; "---" separates two entities`
  const hint = isIndented ? 'remove the spaces before "---"' : 'write "---" in its place'
  return { code: 'yaml-separator', facts: { problem, hint }, range: line.range }
}

/** `// the component`, as JSON's relatives have it, `<!-- it -->`, `-- it`. */
function otherComment({ content, range: { start } }: Line): Finding | undefined {
  const [sign] = /^(?:\/\/|(?:\/\*|<!--|--|;)(?=\s|$))/.exec(content) ?? []
  if (sign === undefined) return undefined
  const goesOn = (sign === '/*' && !content.includes('*/')) || (sign === '<!--' && !content.includes('-->'))
  const hint = goesOn ? 'write "#" before each line of the comment' : `write "#" in the place of "${sign}"`
  const facts = { problem: `"${sign}" begins no comment in YAML`, hint }
  return { code: 'yaml-syntax', facts, range: { start, end: start + sign.length } }
}

/** A full-width colon, or a space of another sort behind the colon. */
function otherSign(line: Line): Finding | undefined {
  const signs = otherSignIn(line.content)
  if (signs === undefined) return undefined
  const range = partOf(line, line.indent + signs.key.length, signs.sign.length)
  return { code: 'yaml-syntax', facts: wordsOf(signs), range }
}

export function wordsOf({ key, sign, value }: OtherSign): { problem: string; hint: string } {
  const colon = sign.replace(/[^:\uff1a]/gu, '')
  const [hidden = ''] = HIDDEN.exec(sign) ?? []
  const problem =
    colon === ':'
      ? `after the colon is ${hiddenName(hidden)}, which is no space to YAML`
      : `"${colon}" is not the colon that YAML knows`
  return { problem, hint: `write: ${key}: ${value}` }
}

type OtherSign = { key: string; sign: string; value: string }

/** What YAML does not take for the sign between key and value. */
export function otherSignIn(content: string): OtherSign | undefined {
  const [, key, sign, value] =
    /^((?:- +)?["']?[A-Za-z][\w./-]*["']?)(\s*\uff1a\s*|:[\u00a0\u2007\u2009\u202f\u3000\u200b\ufeff]\s*)(\S.*)$/u.exec(
      content,
    ) ?? []
  return key === undefined || sign === undefined || value === undefined ? undefined : { key, sign, value }
}

/** `name payments`: what has no colon, and can hardly be a text. */
export function withoutColon(content: string): { problem: string; hint: string } | undefined {
  const [, key, value] =
    /^(apiVersion|kind|name|namespace|type|lifecycle|owner|system|domain)[ \t]+(\S+)\s*$/.exec(content) ?? []
  return key === undefined
    ? undefined
    : { problem: `a colon is missing after ${JSON.stringify(key)}`, hint: `write: ${key}: ${value}` }
}

/** `kind = Component` */
function equalsSign(line: Line): Finding | undefined {
  const [, key, value = ''] = /^((?:- +)?[A-Za-z][\w./-]*)\s*=(?!=)\s*(\S.*)$/.exec(line.content) ?? []
  if (key === undefined || /:(?:\s|$)/.test(line.content)) return undefined
  const at = line.indent + line.content.indexOf('=')
  const facts = { problem: '"=" is in the place of ":"', hint: `write ${key}: ${value}` }
  return { code: 'yaml-syntax', facts, range: partOf(line, at, 1) }
}

/** A `|` on a line of its own, below its key. */
function blockSignAlone(text: string, line: Line): Finding | undefined {
  const above = lineAbove(text, line)
  const entry = above && entryOf(above)
  if (!isBlockHeader(line.content) || entry === undefined || entry.value !== '') return undefined
  const problem = `"${line.content}" is below its key, not after it`
  const facts = { problem, hint: `write "${entry.key}: ${line.content}" on the line above, and remove this one` }
  return { code: 'yaml-multiline-key', facts, range: line.range }
}

/** `-url: x` with its other fields below, or `-java` */
function gluedDash(line: Line): Finding | undefined {
  const [, rest] = /^-([A-Za-z_"'].*)$/.exec(line.content) ?? []
  if (rest === undefined) return undefined
  return {
    code: 'yaml-missing-space',
    facts: { after: 'the dash', proposal: `- ${rest}` },
    range: partOf(line, line.indent, 1),
  }
}

/** `definition: $text: ./x`, `owner: group: team-a` */
function valueOfAKind(line: Line): Finding | undefined {
  const entry = entryOf(line)
  const [, word = '', target = ''] = /^(\$?\w+):\s+(\S+)$/.exec(entry?.value ?? '') ?? []
  if (entry === undefined || (!word.startsWith('$') && !isKindWord(word))) return undefined
  const hint = word.startsWith('$')
    ? `a placeholder needs a line of its own: write below "${entry.key}:", indented: ${word}: ${target}`
    : `write the reference as one word: ${entry.key}: ${word}:${target}`
  const range = partOf(line, entry.valueColumn, entry.value.length)
  return { code: 'yaml-colon', facts: { proposal: entry.value, hint }, range }
}

/** `[${{ x }}]`, `{ url: ${{ x }} }`: each expression wants quotes of its own. */
function holesInBrackets(line: Line): Finding | undefined {
  const { value, valueColumn } = entryOf(line) ?? itemOf(line) ?? { value: line.content, valueColumn: line.indent }
  const hole = /(["'])(?:(?!\1).)*\1|\$?\{\{.*?\}\}/g
  const isInBrackets = /^[[{](?!\{)/.test(value)
  const first = [...value.matchAll(hole)].find(([found]) => /^\$?\{\{/.test(found))
  if (!isInBrackets || first === undefined) return undefined
  const quoted = value.replace(hole, found => (/^\$?\{\{/.test(found) ? inQuotes(found) : found))
  const key = entryOf(line)?.key
  const problem = '"{{" begins a YAML map; a string with it needs quotes'
  const proposal = key === undefined ? quoted : `${key}: ${quoted}`
  return {
    code: 'yaml-quotes',
    facts:
      proposal.length > 90 ? { problem, hint: 'put each "{{ ... }}" in quotes of its own' } : { problem, proposal },
    range: partOf(line, valueColumn + first.index, first[0].length),
  }
}
