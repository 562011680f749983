// The same text in YAML's other forms, and in what is nearly one: tags, breaks, values on lines of their own, escapes, keys that are no words, several documents.
import { parse } from 'yaml'
import type { Random } from './random.ts'
import { any, atLine, edit, hasValue, isKeyed, setValue, type TextOperator } from './text-lines.ts'
import { BLOCK_HEADERS, BREAKS, ESCAPES, NUMBERS, ODD_KEYS, ODD_VALUES, TAGS } from './text-pieces.ts'

const indentOf = (line: string) => /^\s*(?:- )?/.exec(line)?.[0].length ?? 0
const spaces = (n: number) => ' '.repeat(Math.max(0, n))
const after = (line: string, piece: string) => line.replace(/:(?= |$)/, () => `: ${piece}`)
const keyOf = (line: string) => /^\s*(?:- )?([\w.$/-]+):/.exec(line)?.[1] ?? ''

/** A line of a map beside the one that is there, on the same level. */
const beside = (r: Random, text: string, piece: string) =>
  atLine(r, text, isKeyed, (lines, i) => lines.splice(i, 0, spaces(indentOf(lines[i] ?? '')) + piece))

/** The same document as JSON over lines, as people and machines write it; unchanged when an earlier operator broke it. */
function overLines(r: Random, text: string): string {
  try {
    const indent = r.pick([1, 2, 4, '\t'])
    const json = JSON.stringify(parse(text, { logLevel: 'silent' }), null, indent) ?? text
    return r.pick([
      json,
      json.replace(/,\n/, ',\n# c\n'),
      json.replace(/,\n/, ',\n// c\n'),
      json.replace(/\n(\s*)([}\]])/, ',\n$1$2'),
      json.replace(/,\n/, '\n'),
      json.replace(/": "/, '":"'),
      json.replace(/"([\w]+)":/g, '$1:'),
      json.replace(/"([\w]+)":/, "'$1':"),
      json.replace(/": "/, '" : "'),
      json.replace(/": /, '":\n\n'),
      json.replace(/\n\s*/g, '\n'),
      `${json}\n---\n${json}\n`,
      `${json}${json}`,
      `${json}\n${json}\n`,
      `${json}\n,`,
      `[${json}]`,
      `--- # c\n${json}\n...\n`,
      json.replace(/\n/g, '\r\n'),
    ])
  } catch {
    return text
  }
}

export const formOperators: Record<string, TextOperator> = {
  tagged: (r, t) => atLine(r, t, isKeyed, (lines, i) => edit(lines, i, line => after(line, r.pick(TAGS)))),
  'tagged-twice': (r, t) => formOperators['tagged']?.(r, formOperators['tagged']?.(r, t) ?? t) ?? t,
  'tagged-legacy': (r, t) => `%YAML 1.1\n---\n${formOperators['tagged']?.(r, t) ?? t}`,
  'tagged-item': (r, t) =>
    atLine(
      r,
      t,
      line => /^\s*- /.test(line),
      (lines, i) => edit(lines, i, line => line.replace('- ', () => `- ${r.pick(TAGS)} `)),
    ),
  'tagged-root': (r, t) => `--- ${r.pick(TAGS)}\n${t}`,
  break: (r, t) => {
    const at = [...t.matchAll(/\n/g)].map(({ index }) => index)
    if (at.length === 0) return t
    const i = r.pick(at)
    return t.slice(0, i) + r.pick(BREAKS) + t.slice(i + 1)
  },
  number: (r, t) => setValue(r, t, r.pick(NUMBERS)),
  'number-legacy': (r, t) => `%YAML 1.1\n---\n${setValue(r, t, r.pick(NUMBERS))}`,
  'value-below': (r, t) =>
    atLine(r, t, hasValue, (lines, i) =>
      edit(lines, i, line => {
        const indent = indentOf(line) + r.pick([0, 0, 1, 2, 2, 2, 4, -1])
        const between = r.pick(['', '', '', '# c\n', '\n', `${spaces(indent)}# c\n`, ' # c\n', '\t\n', '!!str\n'])
        return line.replace(/: (.*)$/, (_, value: string) => `:\n${between}${spaces(indent)}${value}`)
      }),
    ),
  'value-goes-on': (r, t) =>
    atLine(r, t, hasValue, (lines, i) => {
      const indent = indentOf(lines[i] ?? '') + r.pick([0, 1, 1, 2, 2, 4])
      const between = r.pick(['', '', '', '\n', '# c\n', `${spaces(indent)}# c\n`])
      const more = r.pick([
        'more',
        'more words',
        'a: b',
        '- a',
        '# c',
        'a #b',
        '"a"',
        "it's",
        '*x',
        '|',
        '}',
        'a:',
        ': a',
        '? a',
        '...',
        '---',
      ])
      edit(lines, i, line => `${line}\n${between}${spaces(indent)}${more}`)
    }),
  'value-quoted': (r, t) =>
    atLine(r, t, hasValue, (lines, i) =>
      edit(lines, i, line =>
        line.replace(/: (.*)$/, (_, value: string) => {
          const at = r.int(value.length + 1)
          const put = (piece: string) => value.slice(0, at) + piece + value.slice(at)
          return r.pick([
            `: "${put(r.pick(ESCAPES))}"`,
            `: "${put(r.pick(ESCAPES))}"`,
            `: '${put(r.pick(["''", "'", '\n', '\n  ', '\\n', '\n\n', ' # ']))}'`,
          ])
        }),
      ),
    ),
  'key-quoted': (r, t) =>
    atLine(r, t, isKeyed, (lines, i) =>
      edit(lines, i, line =>
        line.replace(/([\w.$/-])([\w.$/-]*):/, (_, first: string, rest: string) => {
          const code = (first.codePointAt(0) ?? 0).toString(16)
          return r.pick([
            `"\\x${code}${rest}":`,
            `"\\u00${code}${rest}":`,
            `"${first}${rest} ":`,
            `" ${first}${rest}":`,
            `"${first}\\\n${rest}":`,
            `'${first}${rest}' :`,
            `"${first}${rest}"\n:`,
            `!!str "${first}${rest}":`,
          ])
        }),
      ),
    ),
  'key-repeated': (r, t) =>
    atLine(r, t, isKeyed, (lines, i) => {
      const key = keyOf(lines[i] ?? '')
      const again = r.pick([
        `"${key}"`,
        `'${key}'`,
        `!!str ${key}`,
        `!foo ${key}`,
        `${key} `,
        `? ${key}\n${spaces(indentOf(lines[i] ?? ''))}`,
        `"\\x${(key.codePointAt(0) ?? 0).toString(16)}${key.slice(1)}"`,
        key.toUpperCase(),
        `&k ${key}`,
      ])
      lines.splice(i, 0, `${spaces(indentOf(lines[i] ?? ''))}${again}: ${r.pick(ODD_VALUES)}`)
    }),
  'other-key': (r, t) => beside(r, t, `${r.pick(ODD_KEYS)}: ${r.pick(ODD_VALUES)}`),
  'two-other-keys': (r, t) =>
    beside(r, beside(r, t, `${r.pick(ODD_KEYS)}: ${r.pick(ODD_VALUES)}`), `${r.pick(ODD_KEYS)}: ${r.pick(ODD_VALUES)}`),
  'other-key-legacy': (r, t) => `%YAML 1.1\n---\n${beside(r, t, `${r.pick(ODD_KEYS)}: ${r.pick(ODD_VALUES)}`)}`,
  'keys-at-one-place': (r, t) =>
    atLine(r, t, isKeyed, (lines, i) => {
      const indent = spaces(indentOf(lines[i] ?? ''))
      lines.splice(
        i,
        0,
        `${indent}${r.pick(ODD_KEYS)}: ${r.pick(ODD_VALUES)}`,
        `${indent}${r.pick(ODD_KEYS)}: ${r.pick(ODD_VALUES)}`,
      )
    }),
  'block-header': (r, t) =>
    atLine(r, t, hasValue, (lines, i) =>
      edit(lines, i, line => {
        const indent = spaces(indentOf(line) + r.pick([1, 2, 2, 3, 4]))
        const lead = r.pick(['', '', '', '\n', `${indent}  \n`, '\t\n', '# c\n', `${indent}# c\n`, '        \n'])
        return line.replace(/: (.*)$/, (_, value: string) => `: ${r.pick(BLOCK_HEADERS)}\n${lead}${indent}${value}`)
      }),
    ),
  'block-of-one': (r, t) =>
    atLine(r, t, hasValue, (lines, i) =>
      edit(lines, i, line =>
        line.replace(
          /: (.*)$/,
          (_, value: string) => `: ${r.pick(['|', '>', '|-', '>-', '|+'])}\n${spaces(indentOf(line) + 2)}${value}`,
        ),
      ),
    ),
  'anchor-again': (r, t) => {
    const lines = t.split('\n')
    const at = lines.flatMap((line, i) => (isKeyed(line) ? [i] : []))
    if (at.length < 3) return t
    for (let n = 0; n < 3; n++)
      edit(lines, r.pick(at), line =>
        /: [&*]/.test(line)
          ? line
          : r.chance(0.6) || !hasValue(line)
            ? after(line, '&x')
            : line.replace(/: .*/, ': *x'),
      )
    return lines.join('\n')
  },
  'alias-as-key': (r, t) => {
    const anchored = atLine(r, t, hasValue, (lines, i) => edit(lines, i, line => after(line, '&x')))
    return beside(r, anchored, r.pick(['*x : a', '*x: a', '? *x\n: a', '[*x]: a', '{*x : a}', '{a: *x}', '*x :']))
  },
  'alias-of-next-document': (r, t) =>
    r.pick([
      `${t.replace(/^metadata:/m, 'metadata: &x')}---\n${t.replace(/^metadata:\n(?: .*\n)*/m, 'metadata: *x\n')}`,
      `x: &x {a: b}\n---\n${t.replace(/^spec:/m, 'spec:\n  x: *x')}`,
      `${t}---\n${t.replace(/^kind: (.*)$/m, 'kind: &k $1\nother: *k')}`,
    ]),
  'alias-instead': (r, t) =>
    t.replace(/^(metadata|spec):$/m, '$1: &x') +
    r.pick(['x: *x\n', '', '  x: *x\n', '  <<: *x\n', '<<: *x\n', '  annotations: *x\n', '  - *x\n']),
  'merged-spec': (r, t) => {
    const body = /^spec:\n((?: .*\n)*)/m.exec(t)?.[1] ?? ''
    const rest = t
      .replace(/^spec:\n(?: .*\n)*/m, '')
      .replace(/^metadata:$/m, () => `metadata:\n  base: &x\n${body.replace(/^/gm, '  ').trimEnd()}`)
    return `${r.pick(['', '', '%YAML 1.1\n---\n', '%YAML 1.1\n---\n', '%YAML 1.2\n---\n'])}${rest}spec:\n  ${r.pick(['<<: *x', '<<: [*x]', '"<<": *x', '!!merge <<: *x', '<<: *x\n  <<: *x', '<<: *x\n  owner: other', 'owner: other\n  <<: [*x, {type: a}]', '<<: [*x, a]', '<<: {<<: *x}', '<<: *y', '<<: [[*x]]', '<<:\n    - *x\n    - name: a', '<<: *x\n  type: null'])}\n`
  },
  'json-over-lines': (r, t) => overLines(r, t),
  'json-inside': (r, t) =>
    t.replace(
      /^(metadata|spec):\n((?: .*\n?)*)/m,
      (_, key: string, body: string) =>
        `${key}: ${overLines(r, body).replace(/\n(?=.)/g, r.pick(['\n', '\n  ', '\n ', '\n  ']))}\n`,
    ),
  'list-not-indented': (_, t) => t.replace(/^ {2}( *- )/gm, '$1'),
  'all-indented': (r, t) => {
    const by = spaces(r.pick([1, 2, 4]))
    return `${r.pick(['', '---\n', '# c\n', '\n'])}${t.replace(/^(?=.)/gm, by)}`
  },
  'line-repeated': (r, t) => atLine(r, t, any, (lines, i) => lines.splice(i, 0, lines[i] ?? '')),
  'lines-moved': (r, t) => {
    const lines = t.split('\n')
    const from = r.int(lines.length)
    const moved = lines.splice(from, 1 + r.int(3))
    lines.splice(r.int(lines.length + 1), 0, ...moved)
    return lines.join('\n')
  },
  'comment-marks': (r, t) =>
    atLine(r, t, any, (lines, i) =>
      edit(lines, i, line =>
        r.pick([`#${line}`, `# ${line}`, `  # ${line}`, `//${line}`, `/* ${line} */`, `<!-- ${line} -->`, `; ${line}`]),
      ),
    ),
  'smart-signs': (r, t) =>
    atLine(r, t, hasValue, (lines, i) =>
      edit(lines, i, line =>
        line.replace(/: (.*)$/, (_, value: string) =>
          r.pick([
            `: “${value}”`,
            `: ‘${value}’`,
            `： ${value}`,
            `:\u00a0${value}`,
            `: ${value},`,
            `: ${value};`,
            `= ${value}`,
            `: "${value}' `,
            `: "${value}",`,
            `: '${value}'s`,
            `: ${value} `,
            ` -> ${value}`,
          ]),
        ),
      ),
    ),
  'long-text-inside': (r, t) =>
    setValue(
      r,
      t,
      `|\n${`      ${r.pick(['openapi: 3.0.0', 'a', '# c', '{{ x }}', '- a', '\u00e9'])}\n`.repeat(r.pick([3, 300]))}    x`,
    ),
}
