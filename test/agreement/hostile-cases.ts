// Files made to hurt, and how the hook must end on each.
import { defaults } from '../../hooks/config/hook-config.ts'
import { component, GOOD } from '../hooks/built-hook.ts'

const MIB = defaults.limits.fileBytes

export type Files = Record<string, string | Buffer>
export type Case = {
  name: string
  files: Files
  ends: 'rejected' | 'accepted' | 'accepted, told' | 'answered'
  says?: RegExp
  modes?: Record<string, string>
  /** It takes as long as it is given. */
  endless?: true
}

const yaml = (content: string | Buffer): Files => ({ 'catalog-info.yaml': content })
const withSpec = (more: string) => component('payments').replace('spec: {', `spec: { ${more}, `)
const withMetadata = (more: string) => component('payments').replace('metadata:\n', () => `metadata:\n${more}\n`)
const fill = (unit: string, bytes: number) => unit.repeat(Math.floor(bytes / Buffer.byteLength(unit)))
const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n')
const deep = (count: number, open: string, close: string) => `${open.repeat(count)}${close.repeat(count)}`

const ALIASES = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[i]}`)}]`).join('\n')}\n`
const ESCAPES = [
  '\\e[31m',
  '\\e]0;owned\\a',
  '\\x9b31m',
  '\\r',
  '\\b',
  '\\u202e',
  '\\u200b',
  '\\u2066',
  '\\U000E0041',
  '\\uFEFF',
  '\\0',
  '\\x7f',
  '\\ud800',
  '\\u180e',
]
const RAW = ['\u001b[2J', '\u009b2J', '\u202e', '\u2067', '\u200f', '\u{e0041}', '\u00ad', '\u2028']
const PROTOTYPE = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype']

export const cases: Case[] = [
  { name: 'alias bomb', files: yaml(ALIASES), ends: 'rejected', says: /yaml-alias/ },
  {
    name: 'half a MiB, 99 aliases to it',
    files: yaml(withMetadata(`  a: &a [${fill('x,', MIB / 2)}]\n  b: [${Array(99).fill('*a')}]`)),
    ends: 'accepted, told',
    says: /not checked/,
  },
  {
    name: 'an alias within what it names',
    files: yaml(withMetadata('  a: &a [*a]')),
    ends: 'rejected',
    says: /yaml-alias/,
  },
  {
    name: '10,000 deep, flow lists',
    files: yaml(withSpec(`x: ${deep(10_000, '[', ']')}`)),
    ends: 'rejected',
    says: /nested too deep/,
  },
  {
    name: '10,000 deep, flow maps',
    files: yaml(withSpec(`x: ${deep(10_000, '{a: ', '}')}`)),
    ends: 'rejected',
    says: /nested too deep/,
  },
  { name: '10,000 deep, block lists', files: yaml(`${fill('- ', 20_000)}a\n`), ends: 'rejected' },
  { name: '1,400 deep, block maps', files: yaml(lines(1400, i => `${' '.repeat(i)}a:`)), ends: 'rejected' },
  ...[
    '[',
    '{',
    '- ',
    '? ',
    '"',
    "'",
    '&a ',
    '!a ',
    ': ',
    '*a ',
    '|',
    '\t',
    '\n',
    ' ',
    '#',
    '%',
    '---\n',
    '[]\n',
    'a: ',
    '{a: ',
    '- a\n',
    '- - ',
    'a\n',
    '"a" ',
    '\r',
    'a:\n  ',
    '<<<<<<<\n',
    '${{',
    '\u0085',
  ].map(
    (unit): Case => ({
      name: `1 MiB of ${JSON.stringify(unit)}`,
      files: yaml(fill(unit, MIB)),
      ends: 'answered',
      ...(['\n', '\r'].includes(unit) ? { endless: true } : {}),
    }),
  ),
  // Each is a finding with a hint, and what is looked at for it must not grow with the others.
  {
    name: '9,000 empty labels',
    files: yaml(withMetadata(`  labels:\n${lines(9000, i => `    k${i}:`)}`)),
    ends: 'rejected',
  },
  { name: 'a key of 1 MB', files: yaml(`${component('payments')}${fill('k', 1_000_000)}: a\n`), ends: 'rejected' },
  {
    name: 'a quoted key of 1 MB in labels',
    files: yaml(withMetadata(`  labels:\n    ? "${fill('k', 1_000_000)}"\n    : a`)),
    ends: 'rejected',
  },
  { name: 'a name of 1 MB', files: yaml(component(fill('n', 1_000_000))), ends: 'rejected', says: /name-format/ },
  { name: 'a text of 1 MB', files: yaml(withMetadata(`  description: ${fill('long ', 1_000_000)}`)), ends: 'accepted' },
  {
    name: 'a block text of 1 MB',
    files: yaml(withMetadata(`  description: |\n${fill('    long\n', 1_000_000)}`)),
    ends: 'accepted',
  },
  {
    name: 'invalid UTF-8 in a name',
    files: yaml(
      Buffer.concat([
        Buffer.from('apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: a'),
        Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
        Buffer.from('\nspec: { type: a, lifecycle: a, owner: a }\n'),
      ]),
    ),
    ends: 'rejected',
    says: /wrong-encoding/,
  },
  {
    name: 'Latin-1 in a name of 900,000 characters',
    files: yaml(Buffer.from(component('\u00e9'.repeat(900_000)), 'latin1')),
    ends: 'rejected',
  },
  { name: 'UTF-16', files: yaml(Buffer.from(`\ufeff${GOOD}`, 'utf16le')), ends: 'rejected' },
  { name: '1 MiB of 0xff', files: yaml(Buffer.alloc(MIB, 0xff)), ends: 'rejected' },
  { name: '1 MiB of NUL', files: yaml(Buffer.alloc(MIB)), ends: 'rejected' },
  { name: 'NUL in a name', files: yaml(component('pay\u0000ments')), ends: 'rejected' },
  { name: 'a byte order mark', files: yaml(`\ufeff${GOOD}`), ends: 'accepted' },
  ...ESCAPES.map(
    (sequence): Case => ({
      name: `${sequence} in a name`,
      files: yaml(component(`"pay${sequence}ments"`)),
      ends: 'rejected',
    }),
  ),
  { name: 'escapes in every kind of text', files: yaml(escapesEverywhere()), ends: 'rejected' },
  {
    name: 'raw controls in broken YAML',
    files: yaml(`${RAW.map((raw, i) => `k${i}${raw}: "${raw}`).join('\n')}\n`),
    ends: 'rejected',
  },
  {
    name: 'controls in file names',
    files: Object.fromEntries(
      [...RAW, '\u0007', '\n', '\t', '"', '\\', "'; rm -rf /; '", '$(id)', '--', '\u007f'].map(raw => [
        `a${raw}b/catalog-info.yaml`,
        component('"a b"'),
      ]),
    ),
    ends: 'rejected',
  },
  {
    name: 'controls in a followed Location',
    files: {
      'catalog-info.yaml': `apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: { name: all }\nspec:\n  targets: ["./a\\e[31m.yaml", "./x\\n.yaml"]\n`,
      'a\u001b[31m.yaml': component('"a b"'),
    },
    ends: 'rejected',
  },
  {
    name: 'regular expressions: a tag of 500,000 "a-"',
    files: yaml(withMetadata(`  tags: [${fill('a-', 900_000)}_]`)),
    ends: 'rejected',
    says: /tag-format/,
  },
  {
    name: 'regular expressions: a namespace of 500,000 "a-"',
    files: yaml(withMetadata(`  namespace: ${fill('a-', 900_000)}`)),
    ends: 'rejected',
    says: /namespace-format/,
  },
  {
    name: 'regular expressions: a name of 900,000 dots',
    files: yaml(component(`a${fill('.', 900_000)}`)),
    ends: 'rejected',
    says: /name-format/,
  },
  {
    name: 'regular expressions: an annotation key of 900,000 characters',
    files: yaml(withMetadata(`  annotations:\n    ? "${fill('a.', 900_000)}/b"\n    : a`)),
    ends: 'rejected',
    says: /annotation-key/,
  },
  {
    name: 'regular expressions: a ref of 900,000 colons',
    files: yaml(withSpec(`system: "${fill(':', 900_000)}"`)),
    ends: 'rejected',
  },
  {
    name: 'regular expressions: a link of 900,000 characters',
    files: yaml(withMetadata(`  links: [{url: "${fill('a.', 900_000)}"}]`)),
    ends: 'rejected',
    says: /link-url/,
  },
  {
    name: 'regular expressions: a placeholder of 900,000 characters',
    files: yaml(withSpec(`x: {$text: "https://a/${fill('a/', 900_000)}"}`)),
    ends: 'accepted',
  },
  {
    name: 'regular expressions: broken, blank lines',
    files: yaml(`a: [\n${fill(' \n', MIB - 100)}`),
    ends: 'answered',
    endless: true,
  },
  {
    name: 'regular expressions: broken, open quotes',
    files: yaml(`a: "\n${fill('\'"\n', MIB - 100)}`),
    ends: 'answered',
  },
  {
    name: 'regular expressions: broken, colons',
    files: yaml(`a: b: c\n${fill('a: b: c\n', MIB - 100)}`),
    ends: 'answered',
  },
  {
    name: 'regular expressions: broken, one line of blanks',
    files: yaml(`a: b: c${fill(' ', MIB - 100)}d: e\n`),
    ends: 'rejected',
  },
  ...PROTOTYPE.map(
    (key): Case => ({
      name: `${key} as a key everywhere`,
      files: yaml(prototypeEverywhere(key)),
      ends: 'rejected',
      says: /unknown-field|missing-field|not-an-entity|label-key|annotation-key|wrong-type|wrong-value/,
    }),
  ),
  ...PROTOTYPE.map(
    (key): Case => ({
      name: `kind ${key}`,
      files: yaml(GOOD.replace('Component', key)),
      ends: 'rejected',
      says: /unknown-kind|kind-format/,
    }),
  ),
  {
    name: '5,001 good files',
    files: Object.fromEntries(Array.from({ length: 5001 }, (_, i) => [`d${i}/catalog-info.yaml`, component(`c${i}`)])),
    ends: 'accepted, told',
    says: /only 5000 of 5001|not checked/,
  },
  {
    name: '5,001 bad files',
    files: Object.fromEntries(
      Array.from({ length: 5001 }, (_, i) => [`d${i}/catalog-info.yaml`, component(`"a ${i}"`)]),
    ),
    ends: 'rejected',
    says: /and \d+ more/,
  },
  {
    name: '5,001 symbolic links',
    files: Object.fromEntries(Array.from({ length: 5001 }, (_, i) => [`d${i}/catalog-info.yaml`, '/etc/passwd'])),
    modes: { '': '120000' },
    ends: 'accepted, told',
    says: /symbolic link/,
  },
  {
    name: 'a file over the limit',
    files: yaml(fill(GOOD, 3 * MIB)),
    ends: 'accepted, told',
    says: /is larger than 1048576 bytes; it was not checked/,
  },
  {
    name: '200 files over the limit',
    files: Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`d${i}/catalog-info.yaml`, fill(`# ${i}\n`, MIB + 1000)]),
    ),
    ends: 'accepted, told',
    says: /not checked/,
  },
  { name: '100,000 documents', files: yaml(fill('--- a\n', 600_000)), ends: 'answered' },
  { name: '100,000 empty documents', files: yaml(fill('---\n#\n', 600_000)), ends: 'answered' },
  { name: '5,000 good documents', files: yaml(lines(5000, i => `---\n${component(`c${i}`)}`)), ends: 'answered' },
  {
    name: '1 MiB of bad tags',
    files: yaml(withMetadata(`  tags:\n${fill('    - A_\n', MIB - 1000)}`)),
    ends: 'answered',
  },
  {
    name: '35,000 bad labels',
    files: yaml(withMetadata(`  labels:\n${lines(35_000, i => `    a_${i}: "b c"`)}`)),
    ends: 'answered',
  },
  {
    name: '2,000 labels that differ in case',
    files: yaml(withMetadata(`  labels: {${Array.from({ length: 1000 }, (_, i) => `a${i}: b, A${i}: b`)}}`)),
    ends: 'rejected',
    says: /key-case/,
  },
  {
    name: 'a hostile file beside a bad one',
    files: {
      'catalog-info.yaml': component('"a b"'),
      'z/catalog-info.yaml': withMetadata(`  labels:\n${lines(35_000, i => `    a_${i}: "b c"`)}`),
    },
    ends: 'rejected',
    says: /not checked/,
  },
]

function escapesEverywhere(): string {
  const text = ESCAPES.join('')
  return `apiVersion: "backstage.io/v1${text}"
kind: "Comp${text}"
"${text}": a
metadata:
  name: "a${text}"
  namespace: "n${text}"
  labels: { "k${text}": "v${text}" }
  annotations: { "k${text}": a }
  tags: ["${text}"]
  links: [{ url: "${text}", title: "" }]
spec:
  "x${text}": { $text: "https://github.com/a/b/blob/main/${text}" }
  owner: ":${text}"
  dependsOn: ["${text}"]
`
}

function prototypeEverywhere(key: string): string {
  return `apiVersion: backstage.io/v1alpha1
kind: Component
${key}: { name: a }
metadata:
  ${key}: { name: a }
  name: payments
  labels: { ${key}: { a: b } }
  annotations: { ${key}: a }
  links: [{ ${key}: a }]
spec: { ${key}: { owner: a }, type: service, lifecycle: production }
`
}
