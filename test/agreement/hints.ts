// A hint taken by its letter: what a person at 18:00 does to the file who reads it, as text.
import type { Diagnostic } from '../../hooks/diagnostics/diagnostic.ts'
import { type Rule, rulesOfLists } from './hints-of-lists.ts'

/** The text as the hint would have it; undefined where a person has to. */
export function obeyed(
  text: string,
  { line, column, endLine, endColumn, message, hint = '', label }: Diagnostic,
): string | undefined {
  const lines = text.split('\n')
  const at = lines[line - 1] ?? ''
  const offset = (l: number, c: number) => lines.slice(0, l - 1).reduce((sum, one) => sum + one.length + 1, 0) + c - 1
  const start = offset(line, column)
  // A map ends behind its last line.
  const end = start + text.slice(start, offset(endLine, endColumn)).replace(/[ \n]+$/, '').length
  const withValue = (value: string) => {
    const before = text.slice(0, start)
    return `${before}${before.endsWith(':') ? ' ' : ''}${value}${text.slice(end)}`
  }
  const withLines = (changed: readonly string[]) => changed.join('\n')
  const asKey = (key: string) =>
    new RegExp(
      `(?<![\\w./-])["']?${key.replace(/^"|"$/g, '').replace(/[$.*+?^()|[\]{}\\]/g, '\\$&')}["']?\\s*[:\uff1a]`,
    )
  const nextLine = lines.findIndex((one, i) => i >= Math.max(line, endLine - 1) && one.trim() !== '')
  const removed = (from: number, to = from) => withLines(lines.filter((_, i) => i < from - 1 || i > to - 1))
  /** `key: value`, or an entry, in the place of what is there. */
  const withLine = (written: string) => {
    const [, key] = /^(?:- )?("(?:[^"])*"|[^\s:]+):(?: |$)/.exec(written) ?? []
    if (written.startsWith('- ')) {
      const dash = at.search(/-\s*\S/)
      return text.slice(0, offset(line, dash + 1)) + written + text.slice(Math.max(end, offset(line, at.length + 1)))
    }
    // A misspelt key is the one that the line begins with.
    const own = keyOfValue()
    const isNear =
      key !== undefined &&
      own !== undefined &&
      own !== key &&
      own.toLowerCase().startsWith(key.toLowerCase().slice(0, 4))
    const keyLine =
      key === undefined ? -1 : lines.findLastIndex((one, i) => i < line && asKey(isNear ? own : key).test(one))
    if (isNear && keyLine !== -1)
      return withLines([
        ...lines.slice(0, keyLine),
        `${/^ */.exec(lines[keyLine] ?? '')?.[0]}${written}`,
        ...lines.slice(Math.max(line, endLine) - (endColumn === 1 ? 1 : 0)),
      ])
    // Of a marked key its value goes, too.
    const pair = /^:[^,}\n]*/.exec(text.slice(end))
    if (keyLine === -1 && pair) return text.slice(0, start) + written + text.slice(end + pair[0].trimEnd().length)
    if (keyLine === -1) return withValue(written)
    const from = offset(keyLine + 1, (lines[keyLine] ?? '').search(asKey(key ?? '')) + 1)
    const isInBrackets = /[[{,]\s*$/.test(text.slice(offset(keyLine + 1, 1), from))
    const to = isInBrackets ? end : Math.max(end, offset(line, at.length + 1))
    return `${text.slice(0, from)}${written}${!isInBrackets && at.trimEnd().endsWith(',') && text[end - 1] !== ',' ? ',' : ''}${text.slice(to)}`
  }
  const rules: Rule[] = [
    [/^did you mean "(.*?)"\?$/, meant => withValue(meant)],
    [/^try "(.*?)"/, value => withValue(JSON.stringify(value))],
    [
      /^write "(\w+:)" on a line above "(.*)", and move that line right by 2/,
      (key, below) =>
        withLines(
          lines.flatMap((one, i) =>
            i >= line && one.trim().startsWith(below ?? '') ? [one.replace(/\S.*$/, key ?? ''), `  ${one}`] : one,
          ),
        ),
    ],
    [/^remove "(.+)" and its value/, key => withoutPair(key)],
    [
      /^move its "- " to the next line/,
      () =>
        withLines(
          lines
            .map((one, i) => (i === nextLine ? one.replace(/ {2}(\S.*)$/, '- $1') : one))
            .toSpliced(line - 1, nextLine - line + 1),
        ),
    ],
    ...rulesOfLists({ text, lines, line, endLine, start, end, at, offset, removed, withLines }),
    [/^write "" for an empty/, () => withValue('""')],
    [/^remove line (\d+)/, number => removed(Number(number))],
    [
      /^remove the lines that begin with "-", and the first/,
      () => withLines(lines.filter(one => !one.startsWith('-')).map(one => one.slice(1))),
    ],
    // A block of text ends where the next line begins.
    [
      /^remove both$/,
      () =>
        label === undefined ? text : `${text.slice(0, start)}${text.slice(end, offset(label.line, label.column))}`,
    ],
    [/^remove the first character of each line$/, () => withLines(lines.map(one => one.slice(1)))],
    [/^write a line "---" in its place$/, () => `${text.slice(0, start)}\n---${text.slice(end)}`],
    [/^write in its place: (.*)$/, written => withValue(written ?? '')],
    [/^remove the line with/, () => removed(line)],
    [/^remove the line/, () => removed(line, endColumn === 1 ? Math.max(line, endLine - 1) : endLine)],
    [
      /^remove (?:\S+|the empty entry)$/,
      () =>
        /^\s*- *(?:[!&]+\w* *)?(?:null|~|""|''|\["?'?'?"?\]|[-+.\w]+|[|>][-+\d]*)?$/i.test(at)
          ? removed(line)
          : text.slice(0, start).replace(/,?\s*$/, '') + text.slice(end),
    ],
    [/^remove it: (?:spec names|there is nothing)/, () => withLines(withoutField())],
    [
      /^remove it and (.*)$/,
      rest => {
        const fields = /^write in spec[^:]*: ([^;]*)/.exec(rest)?.[1]?.split(/, (?=\w+: )/) ?? []
        const now = withoutField().flatMap(one => (one === 'spec:' ? [one, ...fields.map(field => `  ${field}`)] : one))
        for (const [, key, refs = ''] of rest.matchAll(/add to (\w+) in spec: ([^;]*)/g)) {
          const from = now.findIndex(one => one.startsWith(`  ${key}:`))
          const row = now[from] ?? ''
          const added = row.endsWith(']')
            ? [row.replace(/( *)\]$/, `${/\[ *\]$/.test(row) ? '' : ', '}${refs}$1]`)]
            : [row, ...refs.split(', ').map(ref => now[from + 1]?.replace(/- .*/, `- ${ref}`) ?? '')]
          now.splice(from, 1, ...added)
        }
        return withLines(now)
      },
    ],
    [
      /^remove the "(.+)" at the beginning of each line/,
      sign =>
        withLines(lines.map((one, i) => (i >= line - 1 && one.startsWith(sign.trim()) ? one.slice(sign.length) : one))),
    ],
    [
      /^remove the number and the (?:(tab|"[^"]+")|(\d) spaces) behind/,
      (sign, spaces) => {
        const behind = sign === 'tab' ? '\t' : sign ? (sign[1] ?? '').replace(/\W/, '[$&]') : ` {${spaces}}`
        return withLines(lines.map(one => one.replace(new RegExp(`^ *\\d+${behind}`), '')))
      },
    ],
    [
      /^remove lines 1 to (\d+), and the "\+" at the beginning/,
      head => withLines(lines.slice(Number(head)).map(one => one.replace(/^\+/, ''))),
    ],
    [/^keep only lines (\d+) to (\d+)/, (from, to) => withLines(lines.slice(Number(from) - 1, Number(to)))],
    [
      /^(remove the quotes around it all, and )?write a line break in the place of each "\\n"/,
      quotes => (quotes ? text.trim().slice(1, -1) : text).replaceAll('\\n', '\n'),
    ],
    // Of `key = value` the line is what is marked.
    [
      /^write ((?:- )?[\w./-]+: .*)$/,
      written =>
        /^"="/.test(message)
          ? withLines(lines.with(line - 1, at.replace(/\S.*/, written ?? '')))
          : withLine(written ?? ''),
    ],
    [/^remove the spaces before/, () => withLines(lines.map((one, i) => (i === line - 1 ? one.trimStart() : one)))],
    [/^move lines? (\d+)(?: to (\d+))? (right|left) by (\d+) spaces?/, moved],
    [/^move it (right|left) by (\d+) spaces?/, (way, by) => moved(String(line), '', way, by)],
    [
      /^write "(\w+:)" on a line above "\w+", and (move .*)$/,
      (key, rest) => {
        const [, from = '', to = '', way = '', by = ''] =
          /lines? (\d+)(?: to (\d+))? (right|left) by (\d+)/.exec(rest ?? '') ?? []
        const all = moved(from, to, way, by).split('\n')
        return withLines([...all.slice(0, line - 1), key ?? '', ...all.slice(line - 1)])
      },
    ],
    [
      /^replace each "- "(?: in column (\d+))? with two spaces(, and write a line "---")?/,
      (column, separated) => {
        const dash = column ? new RegExp(`^( {${Number(column) - 1}})- `) : /^(\s*)- /
        // At the root only the first line is marked.
        const end = message.startsWith('expected a map') ? lines.length : endLine
        return withLines(
          lines.flatMap((one, i) => {
            if (i < line - 1 || i >= end) return [one]
            const isNext = separated && i > line - 1 && dash.test(one)
            return [...(isNext ? ['---'] : []), one.replace(dash, '$1  ')]
          }),
        )
      },
    ],
    [
      /^replace the second "- "/,
      () => withLines(lines.map((one, i) => (i === line - 1 ? one.replace('- - ', '-   ') : one))),
    ],
    [/^remove the "-"/, () => withValue('')],
    [
      /^replace the two spaces before/,
      () => withLines(lines.map((one, i) => (i === line - 1 ? one.replace(/ {2}(\S.*)$/, '- $1') : one))),
    ],
    [
      /^(?:a space is missing after "-"|after "-" is .*|"." does not begin an entry of a list): write (".*"), each on/,
      entries => {
        const indent = ' '.repeat(column - 1)
        return withValue(
          [...(entries ?? '').matchAll(/"(- .*?)"/g)]
            .map(([, entry], i) => `${i === 0 ? '' : indent}${entry}`)
            .join('\n'),
        )
      },
    ],
    [
      /^(?:a list in the list|begin each in the same column): write (".*"), each on/,
      entries => {
        const indent = ' '.repeat(Math.max(0, at.search(/- /)))
        return withValue(
          [...(entries ?? '').matchAll(/"- (.*?)"(?:, |$)/g)]
            .map(([, entry], i) => (i === 0 ? `${entry}` : `${indent}- ${entry}`))
            .join('\n'),
        )
      },
    ],
    [
      /^write "#" in the place of "(.*)"$/,
      sign => withLines(lines.map((one, i) => (i === line - 1 ? one.replace(sign, '#') : one))),
    ],
    [
      /write below "([^"]+):", (?:on a line of its own and )?indented[:,] "?(.*?)(?:", and commit that file, too)?$/,
      (key, below) => {
        // A misspelt key is left as it is.
        const column = Math.max(at.search(asKey(key ?? '')), at.search(/\S/))
        const own = asKey(key ?? '').test(at) ? key : at.trim().replace(/:.*$/, '')
        const indent = ' '.repeat(column + 2)
        const [anchor = ''] = /&\w+/.exec(at) ?? []
        return withLines([
          ...lines.slice(0, line - 1),
          `${at.slice(0, column)}${own}:${anchor && ` ${anchor}`}`,
          `${indent}${below}`,
          ...lines.slice(Math.max(line, endLine)),
        ])
      },
    ],
    [/^add "([^"]+)" and below it, indented, "([^"]+)"/, (key, below) => inserted([key ?? '', `  ${below}`])],
    [/^add "([^"]+)"/, key => inserted([key ?? ''])],
    [
      /^(?:put (?:it|the whole value) in quotes|write one value|.* needs quotes): ("[^"]*"|'[^']*')$/,
      value => withValue(value),
    ],
    [/^write "(.*)" in its place$/, value => withValue(value)],
    [
      /^put each "\{\{ /,
      () => withLines(lines.with(line - 1, at.replace(/(?<!["'])\$?\{\{[^{}"']*\}\}(?!["'])/g, '"$&"'))),
    ],
    [/^write "([\w-]+:)"$/, key => withValue(key)],
    [
      /^add the closing (.) at the end of line (\d+)/,
      (sign, number) => withLines(lines.map((one, i) => (i === Number(number) - 1 ? one + sign : one))),
    ],
    [/^write for example "(.*?)"$/, written => withLine(written)],
    [
      /^write "---" on a line of its own before/,
      () => withLines([...lines.slice(0, line - 1), '---', ...lines.slice(line - 1)]),
    ],
    [
      /^write "([^"]+)" on the line above, and remove this one/,
      above => {
        const indent = /^\s*/.exec(lines[line - 2] ?? '')?.[0] ?? ''
        return withLines([...lines.slice(0, line - 2), indent + above, ...lines.slice(line)])
      },
    ],
    [
      /^write "," after/,
      () => text.slice(0, end) + (text.slice(start, end).endsWith(',') ? '' : ',') + text.slice(end),
    ],
    [
      /^write "([^"]+:(?: \|)?)" in the place of "([^"]+)"/,
      (now, old = '') => {
        // Its key may be in quotes.
        const isOld = new RegExp(old.replace(/^[\w./-]+/, '["\']?$&["\']?').replaceAll('|', '\\|'))
        const from = lines.findLastIndex((one, i) => i < line && isOld.test(one))
        return withLines(lines.map((one, i) => (i === from ? one.replace(isOld, now ?? '') : one)))
      },
    ],
    [
      /^a placeholder stands alone: remove (.*)$/,
      keys => {
        const gone = new Set<number>()
        for (const [key] of (keys ?? '').matchAll(/"[^"]*"|'[^']*'/g)) {
          const begins = new RegExp(`^\\s*(?:!\\S+ )?${asKey(key.slice(1, -1)).source}`)
          const from = lines.findIndex((one, i) => i >= line - 1 && begins.test(one))
          const isDeeper = (one: string) => one.trim() === '' || one.search(/\S/) > (lines[from] ?? '').search(/\S/)
          const to = lines.findIndex((one, i) => i > from && !isDeeper(one))
          if (from !== -1) for (let i = from; i < (to === -1 ? lines.length : to); i++) gone.add(i)
        }
        return withLines(lines.filter((_, i) => !gone.has(i)))
      },
    ],
    [/(?:^|; )write: ("[^"]*")$/, value => withValue(value)],
    [
      /(?:write(?: \w+)*|quotes|list|begins a comment; write|write the space|close it|brackets|word): ([^"].*|"[^"]*": .*)$/,
      written => withLine(written ?? ''),
    ],
    [
      /^write "(\[.*?\]|.*?)"(?:, and in spec "(type: .*)")?$/,
      written => (written?.includes(': ') ? withLine(written) : withValue(JSON.stringify(written))),
    ],
    [/^write (?:its value|the \w+), for example "(.*?)"/, written => withLine(written ?? '')],
    [/^write "(.*?)"[;,]/, written => withLine(written ?? '')],
    [/: write "(- .*)"$/, written => withLine(written ?? '')],
  ]
  for (const [shape, apply] of rules) {
    const found = shape.exec(hint)
    if (found) return apply(...found.slice(1).map(part => part ?? ''))
  }
  return undefined

  /** A field at the root with all below it. */
  function withoutField(): string[] {
    const next = lines.findIndex((one, i) => i >= line && /^[^\s#-]/.test(one))
    return lines.filter((_, i) => i < line - 1 || i >= (next === -1 ? lines.length : next))
  }

  /** The key that the marked value stands behind. */
  function keyOfValue(): string | undefined {
    const keyIn = (one: string, i: number) =>
      /^ *([A-Za-z]+):/.exec(i === line - 1 ? one.slice(0, column - 1) : one.search(/\S/) < column ? one : '')?.[1]
    return column === 1
      ? undefined
      : lines
          .slice(0, line)
          .map(keyIn)
          .findLast(key => key !== undefined)
  }

  /** Of `{ a: 1, b: }`, with its comma. */
  function withoutPair(key = ''): string {
    const before = text.slice(0, start)
    const from = before.lastIndexOf(key, start - key.length)
    const rest = text.slice(end)
    return /[{[]\s*$/.test(text.slice(0, from)) || /^\s*,/.test(rest)
      ? text.slice(0, from) + rest.replace(/^\s*,\s*/, '')
      : text.slice(0, from).replace(/,\s*$/, '') + rest
  }

  function moved(from = '', to = '', way = '', by = ''): string {
    const last = Number(to || from)
    return withLines(
      lines.map((one, i) => {
        if (i < Number(from) - 1 || i > last - 1 || one === '') return one
        return way === 'right' ? ' '.repeat(Number(by)) + one : one.slice(Number(by))
      }),
    )
  }

  /** The first line of the map whose key is marked. */
  function inserted(added: readonly string[]): string {
    const isOfRoot = /^(?:apiVersion|kind|metadata|spec) is missing/.test(message)
    if (isOfRoot)
      return withLines([
        ...lines.slice(0, line - 1),
        ...added.map(one => ' '.repeat(column - 1) + one),
        ...lines.slice(line - 1),
      ])
    const isKey = new RegExp(
      `^\\s*(?:- )?["']?${text.slice(start, end).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}["']?:\\s*(?:[&!]\\S+\\s*)*(?:#.*)?$`,
    ).test(at)
    const brackets = isKey ? -1 : at.indexOf('{', end - offset(line, 1))
    if (brackets !== -1 && /^:\s*\{\s*[^\s}]/.test(text.slice(end)))
      return withLines([
        ...lines.slice(0, line - 1),
        `${at.slice(0, brackets + 1)} ${added.join(' {')}${added.length > 1 ? ' }' : ''}, ${at.slice(brackets + 1)}`,
        ...lines.slice(line),
      ])
    const child = lines.slice(line).find(one => /^\s*[^\s#]/.test(one)) ?? ''
    // Of an entry of a list, its first line stays the first.
    const isEntry = /^\s*- /.test(at) && !isKey
    if (/:\s*\{\}\s*(?:#.*)?$/.test(at) && isKey === false)
      return withLines([
        ...lines.slice(0, line - 1),
        at.replace(/\s*\{\}\s*(?:#.*)?$/, ''),
        ...added.map(one => ' '.repeat(column + 1) + one),
        ...lines.slice(line),
      ])
    if (isEntry)
      return withLines([
        ...lines.slice(0, line),
        ...added.map(one => ' '.repeat(column - 1) + one),
        ...lines.slice(line),
      ])
    const indent = isKey
      ? (/^ */.exec(child)?.[0].length ?? 0) >= column
        ? (/^ */.exec(child)?.[0].length ?? 0)
        : column + 1
      : column - 1
    return withLines([
      ...lines.slice(0, isKey ? line : line - 1),
      ...added.map(one => ' '.repeat(indent) + one),
      ...lines.slice(isKey ? line : line - 1),
    ])
  }
}
