// Ways to break the YAML text of a document, and its bytes.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what templates in YAML look like
import { parse } from 'yaml'
import type { Random } from './random.ts'
import { any, atLine, edit, hasValue, insertAt, isKeyed, setValue, type TextOperator } from './text-lines.ts'
import { DIRECTIVES, KEYS, LEGACY, MERGES, SCALARS, SEPARATORS } from './text-pieces.ts'
import { odd, protoKeys } from './values.ts'

export type ByteOperator = (r: Random, bytes: Buffer) => Buffer

/** The same document as JSON, which is YAML too; unchanged when an earlier operator broke it. */
function asJson(text: string): string {
  try {
    return JSON.stringify(parse(text, { logLevel: 'silent' })) ?? text
  } catch {
    return text
  }
}

const bomb = (r: Random) =>
  `metadata:\n  a: &a [${Array(r.pick([5, 9, 10, 20])).fill('x')}]\n  b: &b [${Array(r.pick([1, 9, 10])).fill('*a')}]\n  c: &c [${Array(r.pick([1, 10])).fill('*b')}]\n  d: [${Array(r.pick([1, 10])).fill('*c')}]`

export const textOperators: Record<string, TextOperator> = {
  scalar: (r, t) => setValue(r, t, r.pick(SCALARS)),
  'scalar-as-item': (r, t) =>
    atLine(
      r,
      t,
      line => /^\s*- /.test(line),
      (lines, i) => edit(lines, i, line => line.replace(/- .*$/, () => `- ${r.pick(SCALARS)}`)),
    ),
  'duplicate-key': (r, t) =>
    atLine(r, t, isKeyed, (lines, i) =>
      lines.splice(i + 1, 0, /:\s*$/.test(lines[i] ?? '') ? `${lines[i]} dup` : (lines[i] ?? '')),
    ),
  'duplicate-odd': (r, t) =>
    atLine(r, t, hasValue, (lines, i) =>
      lines.splice(
        i + 1,
        0,
        (lines[i] ?? '').replace(/([\w.$/-]+):/, r.pick(['"$1":', "'$1':", '$1 :', '!!str $1:', '? $1\n:', '&k $1:'])),
      ),
    ),
  'odd-key': (r, t) =>
    atLine(r, t, isKeyed, (lines, i) =>
      edit(lines, i, line =>
        line.replace(
          /([\w.$/-]+):/,
          r.pick([
            '"$1":',
            "'$1':",
            '$1 :',
            '$1  : ',
            '!!str $1:',
            '&k $1:',
            '"$1" :',
            '? $1\n:',
            '[$1]:',
            '$1::',
            '-$1:',
            '"$1":!',
            '!x $1:',
            '$1.x:',
            ' $1:',
            '*k :',
          ]),
        ),
      ),
    ),
  'prototype-line': (r, t) =>
    atLine(r, t, isKeyed, (lines, i) =>
      lines.splice(
        i,
        0,
        `${/^\s*/.exec(lines[i] ?? '')?.[0] ?? ''}${r.pick(protoKeys)}: ${r.pick(['a', '{}', '{name: x}', '[]', '{toString: a}', '1', ''])}`,
      ),
    ),
  'tab-indent': (r, t) =>
    atLine(
      r,
      t,
      line => /^ +\S/.test(line),
      (lines, i) => edit(lines, i, line => line.replace(/^ +/, r.pick(['\t', '  \t', '\t  ']))),
    ),
  'tab-space': (r, t) =>
    atLine(r, t, isKeyed, (lines, i) =>
      edit(lines, i, line => line.replace(/: /, r.pick([':\t', ': \t'])) + r.pick(['', '\t', '\t# c', ' # c', '#c'])),
    ),
  indent: (r, t) =>
    atLine(r, t, any, (lines, i) =>
      edit(lines, i, line => r.pick([` ${line}`, `  ${line}`, line.replace(/^ /, ''), line.replace(/^ {2}/, '')])),
    ),
  'no-space-after-colon': (r, t) =>
    atLine(r, t, isKeyed, (lines, i) => edit(lines, i, line => line.replace(': ', ':'))),
  'no-colon': (r, t) => atLine(r, t, isKeyed, (lines, i) => edit(lines, i, line => line.replace(':', ''))),
  'drop-line': (r, t) => atLine(r, t, any, (lines, i) => lines.splice(i, 1)),
  'swap-lines': (r, t) => atLine(r, t, any, (lines, i) => lines.splice(i, 2, ...lines.slice(i, i + 2).reverse())),
  'stray-line': (r, t) =>
    atLine(r, t, any, (lines, i) =>
      lines.splice(
        i,
        0,
        r.pick([
          'foo',
          '- foo',
          '}',
          ']',
          '"',
          "'",
          '  ',
          '\t',
          '# c',
          '   # c',
          '<<<<<<< HEAD',
          '=======',
          '>>>>>>> x',
          '...',
          '---',
          '%TAG',
          'a: b',
          '  a: b',
          '? ',
          ': ',
          '|',
          '\u00a0',
        ]),
      ),
    ),
  'join-lines': (r, t) =>
    atLine(r, t, any, (lines, i) => lines.splice(i, 2, `${lines[i] ?? ''} ${(lines[i + 1] ?? '').trim()}`)),
  crlf: (_, t) => t.replace(/\n/g, '\r\n'),
  'mixed-eol': (r, t) => atLine(r, t, any, (lines, i) => edit(lines, i, line => `${line}\r`)),
  'cr-only': (_, t) => t.replace(/\n/g, '\r'),
  bom: (_, t) => `\ufeff${t}`,
  'second-bom': (_, t) => `${t}---\n\ufeff${t}`,
  'no-final-newline': (_, t) => t.replace(/\n+$/, ''),
  control: (r, t) =>
    insertAt(
      r,
      t,
      r.pick(['\u0000', '\u0007', '\u0085', '\u2028', '\u007f', '\u001b[31m', '\u0008', '\u000b', '\u000c', ...odd]),
    ),
  punctuation: (r, t) => insertAt(r, t, r.pick([...'#:-?&*!|>%@`"\'{}[],. \n\t~=<$/\\'])),
  'delete-character': (r, t) => {
    const i = r.int(t.length)
    return t.slice(0, i) + t.slice(i + 1)
  },
  'yaml-directive': (r, t) => `${r.pick(DIRECTIVES)}\n---\n${t}`,
  'yaml-1.1': (r, t) => `%YAML 1.1\n---\n${setValue(r, t, r.pick(LEGACY))}`,
  'yaml-1.1-merge': (r, t) => `%YAML 1.1\n---\n${t.replace('metadata:', () => r.pick(MERGES))}`,
  'empty-document': (r, t) =>
    r.pick([
      `---\n${t}`,
      `---\n---\n${t}`,
      `${t}---\n`,
      `${t}...\n`,
      `${t}---\n# only a comment\n`,
      `# c\n---\n${t}`,
      `---\nnull\n---\n${t}`,
      `${t}---\n~\n---\n---\n`,
      `${t}---\n""\n`,
      `${t}--- |\n`,
      `${t}...\n...\n`,
    ]),
  'whole-document': (r, t) =>
    r.pick([
      '',
      '\n',
      '---\n',
      '# c\n',
      'null\n',
      'a\n',
      '42\n',
      'true\n',
      '[]\n',
      '{}\n',
      '2020-01-01\n',
      '!!set {a}\n',
      '"a"\n',
      '|\n a\n',
      `- ${t.replace(/\n(?=.)/g, '\n  ')}`,
      asJson(t),
      `${t}${t}`,
      `${t}---\n${t}`,
      `&a\n${t}`,
      `!!map\n${t}`,
      `!foo\n${t}`,
      `--- ${asJson(t)}\n`,
      `--- >\n${t}`,
      ` ${t.replace(/\n(?=.)/g, '\n ')}`,
    ]),
  'missing-separator': (_, t) => t + t.replace('petstore', 'other'),
  separator: (r, t) => `${t}${r.pick(SEPARATORS)}${t}`,
  'separator-inside': (r, t) =>
    atLine(r, t, any, (lines, i) => lines.splice(i, 0, r.pick(SEPARATORS).replace(/\n$/, ''))),
  'document-fails-alone': (r, t) => `${t}---\nfoo: ${r.pick(['[', '*x', '"', '&a [*a]', '!!set [a]'])}\n---\n${t}`,
  'anchor-alias': (r, t) => {
    const lines = t.split('\n')
    const at = lines.flatMap((line, i) => (hasValue(line) ? [i] : []))
    if (at.length < 2) return t
    const from = r.int(at.length - 1)
    const to = from + 1 + r.int(at.length - from - 1)
    edit(lines, at[from] ?? 0, line => line.replace(/: /, ': &anchor '))
    edit(lines, at[to] ?? 0, line => line.replace(/: .*/, ': *anchor'))
    return lines.join('\n')
  },
  'alias-to-part': (r, t) =>
    t
      .replace(/^(metadata|spec):$/m, '$1: &part')
      .replace(
        /\n$/,
        `\n${r.pick(['  other: *part', '  annotations: *part', '  x: [*part, *part]', 'more: *part'])}\n`,
      ),
  'alias-of-self': (r, t) =>
    t.replace('spec:', () =>
      r.pick(['spec: &s\n  self: *s', 'spec: &s\n  self: [*s]', 'spec:\n  a: &a {b: *a}', 'spec:\n  a: &a [*a]']),
    ),
  'undefined-alias': (r, t) => setValue(r, t, r.pick(['*nowhere', '[*nowhere]', '{a: *nowhere}', '{*nowhere : a}'])),
  'merge-key': (r, t) =>
    r.pick([
      ...MERGES.map(merge => t.replace('metadata:', () => merge)),
      `<<: {kind: Component}\n${t}`,
      t.replace('spec:', 'spec:\n  <<: {owner: merged}'),
    ]),
  'alias-bomb': (r, t) => t.replace('metadata:', () => bomb(r)),
  'complex-key': (r, t) => t + r.pick(KEYS),
  'complex-key-in-spec': (r, t) =>
    t.replace(
      /^(spec|metadata):$/m,
      line =>
        `${line}\n${r
          .pick(KEYS)
          .replace(/^(?=.)/gm, '  ')
          .replace(/\n$/, '')}`,
    ),
  'block-scalar': (r, t) =>
    setValue(
      r,
      t,
      r.pick([
        '|\n      text\n    less\n',
        '>-\n\n\n',
        '|+\n  a\n\n',
        '|2\n   a\n',
        '|\n\ta\n',
        '>\n   a\n  b\n',
        '|-\n',
        '|\n    a: b\n    - c',
        '| # c\n    a',
        '|\n\n\n      a\n   b',
      ]),
    ),
  flow: (r, t) =>
    setValue(
      r,
      t,
      r.pick([
        '[a, b',
        '{a: b',
        '[a,, b]',
        '{a: b, a: c}',
        '{a, b}',
        '[a: b]',
        '{"a":b}',
        '[]',
        '{}',
        '[a\n, b]',
        '{a: b,\n c: d}',
        '[a, # c\n b]',
        '{a: [b, {c: d}]}',
        '{? a : b}',
        '{a: b}}',
        '[[]',
        '{"a" b}',
        '[a]b',
        '{:}',
        '[,]',
        '{,}',
        '[-]',
        '[- a]',
        '[? a]',
      ]),
    ),
  comment: (r, t) =>
    atLine(r, t, any, (lines, i) =>
      edit(lines, i, line => line + r.pick([' # c', '#c', ' #', '\t# c', ' # {% c %}', ' # {{ c }}', ' # é'])),
    ),
  'long-line': (r, t) =>
    setValue(
      r,
      t,
      r.pick([
        `"${'a'.repeat(5000)}"`,
        `{${'a'.repeat(1030)}: b}`,
        `${'a '.repeat(1000)}`,
        `${'a: '.repeat(50)}`,
        `[${'[]'.repeat(200)}]`,
        '['.repeat(300),
        `${'['.repeat(60)}${']'.repeat(60)}`,
        `${'{a: '.repeat(60)}b${'}'.repeat(60)}`,
      ]),
    ),
  'long-key': (r, t) => t.replace(/^spec:$/m, line => `${line}\n  ${'k'.repeat(r.pick([1023, 1024, 1025, 3000]))}: a`),
}

/** What no text can express. */
export const byteOperators: Record<string, ByteOperator> = {
  'invalid-utf8': (r, b) =>
    splice(
      b,
      r.int(b.length + 1),
      0,
      Buffer.from(
        r.pick([
          [0xff],
          [0xc3, 0x28],
          [0xe9],
          [0xed, 0xa0, 0x80],
          [0xf0, 0x9f],
          [0xef, 0xbb, 0xbf],
          [0xfe, 0xff],
          [0x80],
        ]),
      ),
    ),
  'utf-16': (_, b) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(b.toString('utf8'), 'utf16le')]),
  'flip-byte': (r, b) => (b.length === 0 ? b : splice(b, r.int(b.length), 1, Buffer.from([r.int(256)]))),
  truncate: (r, b) => b.subarray(0, r.int(b.length + 1)),
}

export function splice(bytes: Buffer, at: number, remove: number, insert: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)])
}
