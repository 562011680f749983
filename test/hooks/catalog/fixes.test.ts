// What is certain is mended, and how: files with the mistakes that people make, and what stands there afterwards; and what is left alone since it is a guess.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { unbounded } from '../../../hooks/catalog/check-files.ts'
import { checkFile } from '../../../hooks/catalog/file.ts'
import { type FixEdges, findFixes } from '../../../hooks/catalog/fixes/find.ts'
import { plainInstallation } from '../../../hooks/config/hook-config.ts'
import { profile } from '../../../schemas/compiled/builtin.mjs'
import { fixAll } from '../../../scripts/check/fix-files.ts'

const rules = { profile, installation: plainInstallation, repository: {}, severities: {}, helpUrl: '' }
const check = (text: string) => checkFile('catalog-info.yaml', Buffer.from(text), rules)
const edges: FixEdges = {
  again: async bytes => checkFile('catalog-info.yaml', bytes, rules),
  taken: new Set(),
  budget: unbounded,
  profile,
}

const HEAD = 'apiVersion: backstage.io/v1alpha1\nkind: Component\n'
const METADATA = 'metadata:\n  name: shop # its name\n'
const SPEC = 'spec:\n  type: website\n  lifecycle: production\n  owner: team-web\n'

/** The whole file, or lines below metadata or spec of a good one; in the place of what they begin with. */
type Lines = { metadata?: string; spec?: string; file?: string }
const fileOf = ({ metadata = '', spec = '', file }: Lines) => file ?? HEAD + METADATA + metadata + SPEC + spec

const meta = (before: string, after: string): [Lines, Lines] => [{ metadata: before }, { metadata: after }]
const spec = (before: string, after: string): [Lines, Lines] => [{ spec: before }, { spec: after }]
const whole = (before: string, after: string): [Lines, Lines] => [{ file: before }, { file: after }]
const good = HEAD + METADATA + SPEC

const asEntry = (text: string) => text.replace(/^(?=.)/gm, '  ').replace('  api', '- api')
const inner = (text: string) => text.replace(/^ {2}/gm, '    ').replace(/^(?=\w)/gm, '  ')
const STEPS = `apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata:
  name: t
spec:
  type: service
  steps:
    - id: a
      action: debug:log
      input:
        message: |
          - id: not a step
    - id: b
      action: debug:log
`

const MENDED: Record<string, [before: Lines, after: Lines]> = {
  'a number, as it is written': meta('  title: 1.10\n', '  title: "1.10"\n'),
  'zeros, a sign, another base': meta(
    '  annotations:\n    a: 0123\n    b: +1\n    c: 0x1F\n',
    '  annotations:\n    a: "0123"\n    b: "+1"\n    c: "0x1F"\n',
  ),
  'a key with dots': meta(
    '  annotations:\n    pagerduty.com/service-id: 0482910\n',
    '  annotations:\n    pagerduty.com/service-id: "0482910"\n',
  ),
  'booleans in a list': meta('  tags: [2024, true]\n', '  tags: ["2024", "true"]\n'),
  'a blank in a name': whole(good.replace('shop #', 'web shop #'), good.replace('shop #', 'web-shop #')),
  'accents that leave a letter': meta('  tags: [sécurité]\n', '  tags: [securite]\n'),
  'a namespace in upper case': meta('  namespace: Team_A\n', '  namespace: team-a\n'),
  'tags with other signs': meta('  tags: ["Node.js", open source]\n', '  tags: ["node-js", open-source]\n'),
  'a kind in another case, and a misspelt key': whole(
    good.replace('kind: C', 'Kind: c').replace('metadata', 'metdata'),
    good,
  ),
  'a version without its host': whole(good.replace('backstage.io/', ''), good),
  'a field of spec at the root': whole(`${good.replace('  owner: team-web\n', '')}owner: team-web\n`, good),
  'nothing is indented': whole(good.replace(/^ {2}/gm, ''), good),
  'spec within metadata': whole(HEAD + METADATA + SPEC.replace(/^(?=.)/gm, '  '), good),
  'the line of spec is missing': whole(HEAD + METADATA + SPEC.replace('spec:\n', '').replace(/^ {2}/gm, ''), good),
  'entities as a list': whole(
    asEntry(good) + asEntry(good.replace('shop', 'b')),
    `${asEntry(good)}---\n${asEntry(good.replace('shop', 'b'))}`.replaceAll('- ', '  '),
  ),
  'the lines of an entity as a list': whole(good.replace(/^(?=\w)/gm, '- ').replace(/^ {2}/gm, '    '), inner(good)),
  'a step below a text': whole(STEPS.replace(/- id: b\n {6}action/, '  - id: b\n        action'), STEPS),
  'a list of one': whole(good.replace('kind: Component', 'kind: [Component]'), good),
  'words for a list': meta('  tags: java, go\n', '  tags: [java, go]\n'),
  'a link without its dash': meta(
    '  links:\n    url: https://a.test\n    title: A\n',
    '  links:\n    - url: https://a.test\n      title: A\n',
  ),
  'a link that is but a URL': meta('  links:\n    - https://a.test\n', '  links:\n    - url: https://a.test\n'),
  'a list in the place of a map': meta(
    '  annotations:\n    - a.test/b: c\n    - a.test/d: e\n',
    '  annotations:\n      a.test/b: c\n      a.test/d: e\n',
  ),
  'an annotation split at its slash': meta(
    '  annotations:\n    github.com:\n      project-slug: a/b\n',
    '  annotations:\n    github.com/project-slug: a/b\n',
  ),
  'JSON in an annotation': meta(
    '  annotations:\n    a.test/b: {"c": 1}\n',
    `  annotations:\n    a.test/b: '{"c": 1}'\n`,
  ),
  'a channel that is a comment': meta(
    '  annotations:\n    slack.com/channel: #shop\n',
    '  annotations:\n    slack.com/channel: "#shop"\n',
  ),
  'a reference with a blank': spec('  dependsOn:\n    - resource: db\n', '  dependsOn:\n    - resource:db\n'),
  'a reference as a map': spec('  system: { kind: System, name: pay }\n', '  system: system:pay\n'),
  'a colon in a text': meta('  description: Note: it sells\n', '  description: "Note: it sells"\n'),
  'quotes within quotes': meta(`  title: 'it's'\n`, `  title: "it's"\n`),
  'a sign at the beginning': meta('  annotations:\n    a.test/b: @x\n', '  annotations:\n    a.test/b: "@x"\n'),
  'blanks that are missing': meta('  tags:\n    -java\n    -go\n', '  tags:\n    - java\n    - go\n'),
  'a placeholder on the line of its key': whole(
    `${good.replace('Component', 'API')}  definition: $text: ./a.yaml\n`,
    `${good.replace('Component', 'API')}  definition:\n    $text: ./a.yaml\n`,
  ),
  tabs: whole(good.replace(/^ {2}/gm, '\t'), good),
  'no-break blanks': whole(good.replace('  name', '\u00a0\u00a0name'), good),
  'a line one step too far right': whole(good.replace('  lifecycle', '   lifecycle'), good),
  'a bracket, and no comma': meta('  tags: [java, go\n', '  tags: [java, go]\n'),
  'entries without a comma': meta('  labels: {\n    a: b\n    c: d\n  }\n', '  labels: {\n    a: b,\n    c: d\n  }\n'),
  'another separator': whole(`${good}--\n${good.replace('shop', 'b')}`, `${good}---\n${good.replace('shop', 'b')}`),
  'no separator': whole(good + good.replace('shop', 'b'), `${good}---\n${good.replace('shop', 'b')}`),
  'a key twice, once empty': meta('  title:\n  title: A\n', '  title: A\n'),
  'an equals sign': whole(good.replace('kind:', 'kind ='), good),
  'Windows line ends': whole(
    good.replace('production', 'true').replaceAll('\n', '\r\n'),
    good.replace('production', '"true"').replaceAll('\n', '\r\n'),
  ),
}

suite('what is certain', () => {
  for (const [what, [before, after]] of Object.entries(MENDED)) {
    test(what, async () => {
      const steps = { check: async (made: ReadonlyMap<string, Uint8Array>) => checkedAs(made), edgesFor: () => edges }
      const first = check(fileOf(before))
      assert.ok(
        first.diagnostics.some(({ severity }) => severity === 'error'),
        'it is refused as it is',
      )
      const { checked } = await fixAll({ files: [first], notes: [] }, steps, () => true)
      assert.equal(checked.files[0]?.text, fileOf(after))
      assert.deepEqual(checked.files[0]?.diagnostics, [])
    })
  }
})

const checkedAs = (made: ReadonlyMap<string, Uint8Array>) => ({
  files: [...made].map(([path, bytes]) => checkFile(path, bytes, rules)),
  notes: [],
})

/** Something would have to be invented, thrown away, or chosen. */
const GUESSES: Record<string, Lines> = {
  'a field that is missing': { file: good.replace('  owner: team-web\n', '') },
  'an empty field': { metadata: '  title:\n' },
  'null in a list': { metadata: '  tags: [a, null]\n' },
  'two values for one': { spec: '  system: [a, b]\n' },
  'a key twice': { metadata: '  title: A\n  title: B\n' },
  'a reference without its kind': { spec: '  dependsOn: [cart]\n' },
  'a reference that lost its kind': { spec: `  dependsOn: [':cart']\n` },
  'a name that is too long': { file: good.replace('shop', 's'.repeat(64)) },
  'a name that was to be filled in': { file: good.replace('shop', '<your-name>') },
  'letters with two spellings': { metadata: '  tags: [münchen]\n' },
  'letters without a plain form': { file: good.replace('shop', '支付') },
  'a name with signs': { file: good.replace('shop', '"pay & go"') },
  'a word for nothing': { metadata: '  tags: none\n' },
  'words that may be one tag': { metadata: '  tags: java go\n' },
  'two fields on a line': { file: good.replace('website\n  lifecycle:', 'website lifecycle:') },
  'an expression in brackets that is no template': { metadata: '  tags: [$a {b}]\n' },
  'an owner that is a comment': { file: good.replace('team-web', '#team-web') },
  'a link without a scheme': { metadata: '  links:\n    - url: a.test\n' },
  'a list as an annotation': { metadata: '  annotations:\n    a.test/b: ["c"]\n' },
  'a merge key': { file: `x: &x { owner: a }\n${good.replace('owner: team-web', '<<: *x')}` },
  'an address as a label': { metadata: '  labels: { a: me@a.test }\n' },
  'another kind of the model': { file: good.replace('Component', 'AiResource') },
  'an entity of another system': {
    file: good.replace('backstage.io', 'argoproj.io').replace('Component', 'Application'),
  },
  'a conflict': { file: good.replace('spec:', '<<<<<<< a\nspec:') },
  'text that is no entity': { file: 'hello\n' },
  'a line that could go to two places': { file: good.replace('spec:', '    system: a\nspec:') },
  'a field that may belong anywhere': { spec: '   x-own: a\n' },
  'what would become a template': {
    file: `${HEAD.replace('Component', 'User')}m{{ x }}profile:
    displayName: Jane
  memberOf:
    - team-a
`,
  },
  'a template': { file: good.replace('shop', '"{{ a }}"').replace('production', 'true') },
}

suite('what is no more than a guess', () => {
  for (const [what, lines] of Object.entries(GUESSES)) {
    test(what, async () => {
      const checked = check(fileOf(lines))
      const fixes = await findFixes(checked, edges)
      assert.deepEqual([...fixes.values()], [], fileOf(lines))
    })
  }
})
