// The build changes some lines of yaml: what it reads must stay what the package reads.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInThisContext } from 'node:vm'
import { parseAllDocuments } from 'yaml'
import { bundleHook } from '../../scripts/build/bundle.ts'

const WORDS = [
  'null',
  'true',
  'false',
  'yes',
  'no',
  'on',
  'off',
  'y',
  'n',
  'nan',
  'inf',
  'name',
  'e5',
  'x1f',
  'o17',
  'a1',
  'truer',
  'z',
]
const SIGNS = [
  '',
  '~',
  '12',
  '-7',
  '+1',
  '0x1f',
  '0o17',
  '1e3',
  '.5',
  '.inf',
  '-.Inf',
  '.nan',
  '2026-11-28',
  '1:30',

  '=',
  '@',
  '_',
  '{}',
  '[]',
]

/** What is written as YAML after all: keys that are no texts. And what is read by names and by tags. */
const WHOLE = [
  '{a: 1, b: [x, 2]}: c\n',
  '? - x\n  - {y: "z: 1"}\n: 1\n',
  '? |\n  a\n  b\n: 1\n',
  '&a x: [*a, &b {c: d}, *b]\n',
  '? &k {a: 1}\n: *k\n',
  'a: !!set {x, y}\n',
  'a: !!omap [{x: 1}]\n',
  'a: !!binary aGVsbG8=\n',
  '%TAG ! tag:example.com,2026:\n---\na: !x b\n',
  'a: 1\n---\nb: *c\n...\n%YAML 1.1\n---\nyes\n',
]

const cased = (word: string) => [
  word,
  word.toUpperCase(),
  `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`,
  `${word.slice(0, -1)}${word.slice(-1).toUpperCase()}`,
]
const PLAIN = [...WORDS.flatMap(cased), ...SIGNS].flatMap(value =>
  [`- ${value}\n`, `${value}: 1\n`, `a: ${value} # b\n`, `!!str ${value}\n`, `[${value}, b]\n`].flatMap(line => [
    line,
    `%YAML 1.1\n---\n${line}`,
  ]),
)

function readBy(parse: typeof parseAllDocuments, text: string): unknown {
  const documents = parse(text, { merge: false, logLevel: 'silent', prettyErrors: false })
  if (!Array.isArray(documents)) return documents
  return documents.map(document => {
    try {
      return [document.errors.map(({ code }) => code), document.toJSON()]
    } catch (error) {
      return String(error)
    }
  })
}

test('what the bundle reads is what the package reads: plain values and keys by either version of YAML, keys that are no texts, tags', async () => {
  const { text: script } = await bundleHook(
    'test/scripts/yaml-in-bundle.ts',
    { name: 'none', setup: () => undefined },
    {},
  )
  runInThisContext(script)
  const { parseByBundle } = globalThis as unknown as { parseByBundle: typeof parseAllDocuments }
  for (const text of [...PLAIN, ...WHOLE])
    assert.deepEqual(readBy(parseByBundle, text), readBy(parseAllDocuments, text), text)
})
