// What files of a repository hold that a catalog file names, and how they are named.
import type { Random } from '../../agreement/random.ts'

const latin1 = Buffer.from([0x61, 0x3a, 0x20, 0xe9, 0x0a])
const utf16 = Buffer.from('\ufeff{"a": 1}', 'utf16le')

/** A text, a list, a map, each in several ways, and what is none of them. */
const CONTENTS: readonly (string | Buffer)[] = [
  'team-b',
  'team-b\n',
  'Team B',
  '"team-b"',
  '[java, go]',
  '["java", "go"]',
  '["Java"]',
  '- java\n- go\n',
  '{}',
  '{ "a": "b" }',
  'a: b\n',
  'a: { b: 1 }\n',
  '{"type": "service", "lifecycle": "production", "owner": "team-b"}',
  'type: service\nlifecycle: production\nowner: team-b\n',
  '- { id: a, action: b }\n',
  '- { url: https://example.com, title: x }\n',
  '- url: example.com\n',
  '["./a.yaml"]',
  '',
  '\n',
  '# only a comment\n',
  'null',
  '~',
  '5',
  '0o10',
  'yes',
  'true',
  '2020-01-01',
  '.inf',
  '---\na: 1\n',
  'a: 1\n---\nb: 2\n',
  '---\n---\n',
  'a: 1\n...\n',
  'a: [',
  'a: 1\na: 2\n',
  'a: b: c\n',
  '{"a": 1,}',
  '{"a": 1} x',
  '\ufeff{"a": 1}',
  '\ufeffa: 1\n',
  'a: &x 1\nb: *x\n',
  'a: *x\n',
  '<<: { a: 1 }\n',
  '%YAML 1.1\n---\nyes\n',
  '%YAML 1.1\n---\n<<: { a: b }\n',
  '{"$text": "./other.txt"}',
  '$text: ./other.txt\n',
  '{"a": 1, "A": 2}',
  '{"__proto__": {"a": 1}}',
  '__proto__: { a: 1 }\n',
  '? [a]\n: 1\n',
  'a: !!binary aGk=\n',
  'a: !x 1\n',
  '"a\\u0000b"',
  '"\\ud800"',
  `"${'x'.repeat(400)}"`,
  latin1,
  utf16,
]

const OPENAPI = 'openapi: 3.0.0\ninfo: { title: x, version: "1" }\npaths: {}\n'
/** Descriptions of APIs, whole or with references. `#REF#` is another file. */
const APIS: readonly string[] = [
  OPENAPI,
  JSON.stringify({ openapi: '3.0.0', info: { title: 'x', version: '1' }, paths: {} }),
  `${OPENAPI}components: { schemas: { A: { $ref: '#REF#' } } }\n`,
  `${OPENAPI}components: { schemas: { A: { $ref: '#REF##/B' } } }\n`,
  `${OPENAPI}components: { schemas: { A: { $ref: '#/components/schemas/A' } } }\n`,
  `${OPENAPI}components: { schemas: { A: { $ref: '#/components/schemas/C' } } }\n`,
  'asyncapi: 3.0.0\ninfo: { title: x, version: "1" }\nchannels: {}\n',
  "asyncapi: 2.6.0\ninfo: { title: x, version: '1' }\nchannels: { a: { $ref: '#REF#' } }\n",
]

export const someContent = (r: Random): Buffer => {
  const content = r.pick(CONTENTS)
  return typeof content === 'string' ? Buffer.from(content) : content
}

/** `reference`: what a `$ref` names. */
export const someApi = (r: Random, reference: string): Buffer =>
  r.chance(0.75) ? Buffer.from(r.pick(APIS).replaceAll('#REF#', reference)) : someContent(r)

/** Ways to write a path from the folder of the catalog file. Some lead elsewhere. */
const SPELLINGS: readonly ((path: string) => string)[] = [
  path => `./${path}`,
  path => `./${path}`,
  path => `./${path}`,
  path => path,
  path => path,
  path => `././${path}`,
  path => `x/../${path}`,
  path => `./x/.././${path}`,
  path => `/${path}`,
  path => `../${path}`,
  path => `.//${path}`,
  path => `./${path}?a=b`,
  path => `./${path}#b`,
  path => ` ./${path}`,
  path => `./${path} `,
  path => `./${path}/`,
  path => `./${path.toUpperCase()}`,
  path => `.\\${path}`,
  path => `./${path.replaceAll('.', '%2E')}`,
  path => `./${encodeURIComponent(path)}`,
  path => `./${path}.x`,
]
export const someSpelling = (r: Random, path: string): string => r.pick(SPELLINGS)(path)

/** Names of files, most of them plain. */
export const someFileName = (r: Random, end: string): string =>
  r.chance(0.8)
    ? `${r.pick(['part', 'docs/part', 'a.b', '.part'])}${end}`
    : `${r.pick(['a b', 'größe', 'x#y', 'x?y', 'x%y', 'x%20y', 'a+b', "it's", '日本', 'a&b', '[a]', '{a}'])}${end}`

/** Lines of CODEOWNERS. */
export const OWNERS: readonly string[] = [
  '* @org/team-b\n',
  '* @jdoe\n',
  '* jane@example.com\n',
  '* plain\n',
  '*.go @org/go\n',
  '* @org/a\n*.yaml @org/b @org/c\n',
  '* @org/a\n*.yaml\n',
  '# * @org/x\n',
  '/docs/ @org/x\n',
  'docs/ @org/x\n',
  '* @org/a/b\n',
  '* @a b@c.d\n',
  '*.yaml @org/team-é\n',
  '* @org/\n',
  '* @org/ # none\n',
  '*.yaml # none\n',
  '**/catalog-info.yaml @org/deep\n',
  '/catalog-info.yaml @org/root\n',
  'catalog-info.yaml    @org/tab\t@x\n',
  '[section]\n* @org/x\n',
  '!*.yaml @org/x\n',
  '\ufeff* @org/x\n',
  '* @org/x\r\n',
  '* group:default/x\n',
  '* a:b:c\n',
  '\n',
  '',
]
