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

test('a plain value, and a key, is what it is to the package, by either version of YAML', async () => {
  const { text } = await bundleHook('test/scripts/yaml-in-bundle.ts', { name: 'none', setup: () => undefined }, {})
  runInThisContext(text)
  const { parseByBundle } = globalThis as unknown as { parseByBundle: typeof parseAllDocuments }
  const cased = (word: string) => [
    word,
    word.toUpperCase(),
    `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`,
    `${word.slice(0, -1)}${word.slice(-1).toUpperCase()}`,
  ]
  for (const value of [...WORDS.flatMap(cased), ...SIGNS])
    for (const head of ['', '%YAML 1.1\n---\n'])
      for (const line of [
        `- ${value}\n`,
        `${value}: 1\n`,
        `a: ${value} # b\n`,
        `!!str ${value}\n`,
        `[${value}, b]\n`,
      ]) {
        const read = (parse: typeof parseAllDocuments) => {
          const documents = parse(`${head}${line}`, { merge: false, logLevel: 'silent', prettyErrors: false })
          return Array.isArray(documents)
            ? documents.map(one => [one.errors.map(({ code }) => code), one.toJSON()])
            : []
        }
        assert.deepEqual(read(parseByBundle), read(parseAllDocuments), `${head}${line}`)
      }
})
