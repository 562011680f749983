// YAML with something around it, or before each line, from where it was copied: a fence of Markdown, the "> " of a mail, the "+" of a patch, line numbers.
import { lineNumber } from '../syntax/line.ts'
import { at, type Change, lineEnd, lineStart, linesBetween, type Subject, type Ways } from './candidate.ts'

/** The text without it. Undefined where it is something else, or where more would go than such signs. */
export function unwrapped({ text, finding, document }: Subject): Ways | undefined {
  if (finding.code !== 'yaml-syntax' && finding.code !== 'yaml-multiline-key') return undefined
  const { hint = '' } = finding.facts
  const { start, end } = finding.range
  const [, from, to] = /^keep only lines (\d+) to (\d+)/.exec(hint) ?? []
  const isWhole = from !== undefined || /^remove (?:both|lines 1|the first char)/.test(hint)
  const changes =
    from !== undefined
      ? withoutRest(text, Number(from), Number(to))
      : hint === 'remove both' && finding.label
        ? [...at(start, end, ''), ...at(finding.label.range.start, finding.label.range.end, '')]
        : hint.startsWith('remove the line: it is no part') && !/^(?:cat|\$) /.test(text.slice(start, end))
          ? at(lineStart(text, start), lineEnd(text, start), '')
          : withoutSigns(text, hint, isWhole ? 0 : start, isWhole ? text.length : document.range?.[2])
  return changes === undefined || changes.length === 0 ? undefined : [{ changes, rewrites: true, isWhole }]
}

/** Of what is around it, the fence alone goes, or the one command that writes the file. */
function withoutRest(text: string, from: number, to: number): Change[] | undefined {
  const starts = [...linesBetween(text, 0, text.length)]
  const [start = 0, end = text.length] = [starts[from - 1], starts[to]]
  const isSign = (part: string) =>
    /^\ufeff?\s*(?:(?:[`~'"]{3,}|\{(?:code|noformat)) *[\w.{}:=|-]*|cat *>{0,2} *[\w./-]*.*<<-? *["']?\w+["']?[^\n]*|\w+)?\s*$/.test(
      part,
    )
  if (!isSign(text.slice(0, start)) || !isSign(text.slice(end))) return undefined
  const mark = text.startsWith('\ufeff') ? 1 : 0
  return [...at(mark, start, ''), ...at(end, text.length, '')]
}

/** What `//` and `;` begin was taken out on purpose, and what "-" begins is gone in a patch. */
function withoutSigns(text: string, hint: string, start: number, end = text.length): Change[] | undefined {
  const [, sign = ''] = /^remove the "((?:[+>|*\u2022]|[\w./-]+\.ya?ml:) ?)" at the beginning/.exec(hint) ?? []
  const [, behind] = /^remove the number and the (tab|\d spaces|"[:|.) ]+") behind/.exec(hint) ?? []
  const [, head] = /^remove lines 1 to (\d+), and the "\+"/.exec(hint) ?? []
  const isFirst = hint === 'remove the first character of each line'
  if (sign === '' && behind === undefined && head === undefined && !isFirst) return undefined
  const changes: Change[] = []
  for (const from of linesBetween(text, start, end)) {
    const line = text.slice(from, lineEnd(text, from))
    if (head !== undefined && lineNumber(text, from) <= Number(head)) {
      changes.push({ start: from, end: from + line.length, text: '' })
      continue
    }
    const held =
      sign !== ''
        ? line.startsWith(sign)
          ? sign
          : line.startsWith(sign.trimEnd())
            ? sign.trimEnd()
            : ''
        : isFirst
          ? (/^[+ ]/.exec(line)?.[0] ?? '')
          : head === undefined
            ? (behindNumber(behind).exec(line)?.[0] ?? '')
            : (/^\+/.exec(line)?.[0] ?? '')
    if (held !== '') changes.push({ start: from, end: from + held.length, text: '' })
    else if (line.trim() !== '' && !/^(?:---|\.\.\.)\s*$/.test(line)) return undefined
  }
  return changes
}

/** As the hint names it: `tab`, `2 spaces`, or the sign in quotes. */
function behindNumber(what = ''): RegExp {
  const spaces = /^(\d) spaces$/.exec(what)?.[1]
  const sign =
    what === 'tab' ? '\t' : spaces === undefined ? what.slice(1, -1).replace(/[|.)]/, '\\$&') : ` {${spaces}}`
  return new RegExp(`^ *\\d+${sign}`)
}
