// How hints about lists, links and pairs are obeyed.

/** What a hint looks like, and the text as it has it, by the parts that the expression found ('' for none). */
export type Rule = [RegExp, (...parts: string[]) => string]

type Place = {
  text: string
  lines: string[]
  line: number
  endLine: number
  start: number
  end: number
  /** The line. */
  at: string
  offset: (line: number, column: number) => number
  removed: (from: number, to?: number) => string
  withLines: (lines: readonly string[]) => string
}

export function rulesOfLists({
  text,
  lines,
  line,
  endLine,
  start,
  end,
  at,
  offset,
  removed,
  withLines,
}: Place): Rule[] {
  return [
    [/^remove "\S+" and the (?:(\d+) lines|line) below it/, count => removed(line - 1, line + Number(count || 1) - 1)],
    [/^remove this line and the (?:(\d+) lines|one) below it$/, count => removed(line, line + Number(count || 1))],
    [
      /^write "- title: (.*?)" and below it "(url: \S+)"$/,
      (title, url) => {
        const indent = ' '.repeat(at.indexOf('-'))
        return withLines(lines.with(line - 1, `${indent}- title: ${title}\n${indent}  ${url}`))
      },
    ],
    [
      /^write in the place of the list, indented and each on a line of its own: (".*")$/,
      pairs => {
        const indent = ' '.repeat(lines[line - 1 - Number(!/[[{]/.test(at))]?.search(/\S/) ?? 0)
        const put = [...(pairs ?? '').matchAll(/"(.*?)"(?:, |$)/g)].map(([, pair]) => `${indent}  ${pair}`).join('\n')
        const from = /[[{]/.test(at) ? start : offset(line, 1)
        return `${text.slice(0, from)}${from === start ? '\n' : ''}${put}${text.slice(end)}`
      },
    ],
    [
      /^write below "\w+:", indented and each on a line of its own: (".*")$/,
      pairs => {
        const indent = ' '.repeat(4)
        const put = [...(pairs ?? '').matchAll(/"(.*?)"(?:, |$)/g)].map(([, pair]) => `${indent}${pair}`).join('\n')
        return `${text.slice(0, start).replace(/\s*$/, '')}\n${put}${text.slice(end)}`
      },
    ],
    [
      /^write (?:a space after the first (":") of each line|": " in the place of each "=")$/,
      colon =>
        withLines(lines.map((one, i) => (i >= line - 1 && i < endLine ? one.replace(colon ? ':' : '=', ': ') : one))),
    ],
    [
      /^write a line "---" before it, and move it and all below it to the left edge/,
      () => {
        const indent = at.search(/\S/)
        const next = lines.findIndex((one, i) => i >= line && one.trim() !== '' && one.search(/\S/) < indent)
        const last = next === -1 ? lines.length : next
        return withLines([
          ...lines.slice(0, line - 1),
          '---',
          ...lines.slice(line - 1, last).map(one => one.slice(indent)),
          ...lines.slice(last),
        ])
      },
    ],
    [
      /^replace each "- " with two spaces, and each "=" with ": "$/,
      () =>
        withLines(
          lines.map((one, i) =>
            i >= line - 1 && i < endLine && /^ *- /.test(one) ? one.replace('- ', '  ').replace('=', ': ') : one,
          ),
        ),
    ],
    [
      /^replace the "- " before "url" with two spaces/,
      () => {
        const i = lines.findIndex((one, i) => i >= line && /^ *- url:/.test(one))
        return withLines(lines.with(i, (lines[i] ?? '').replace('- ', '  ')))
      },
    ],
  ]
}
