// catalog-gate learn against real Backstages: what it finds out of each is what was installed, and the gate, set so, says of entities what that Backstage says.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { parse } from 'yaml'
import { checkFiles } from '../../hooks/catalog/check-files.ts'
import type { CheckedFile } from '../../hooks/catalog/file.ts'
import { type Content, mapOf, type Tree } from '../../hooks/catalog/tree.ts'
import type { CatalogRule } from '../../hooks/config/hook-config.ts'
import { profile as builtin } from '../../schemas/compiled/builtin.mjs'
import { profile as model } from '../../schemas/compiled/model.mjs'
import { bakeHookConfig } from '../../scripts/config/hook-config.ts'
import { learn } from '../../scripts/learn/learn.ts'
import { mutant } from '../agreement/mutants.ts'
import { seed } from '../support/campaign.ts'
import { GhesTrees } from './agreement/ghes-trees.ts'
import { HOST, INSTALLATIONS, OWNER } from './agreement/installations.ts'
import { valuesIn } from './agreement/stand-alone.ts'
import { type Backstage, READER_TOKEN, startBackstage } from './backend.ts'

const { plain, openapi, codeowners, all, model: withModel } = INSTALLATIONS
const [template] = plain.modules
const kinds: CatalogRule[] = [{ allow: ['Component', 'System', 'API', 'Resource', 'Location'] }]
const none = ['text', 'json', 'yaml']
const both = [...none, 'openapi', 'asyncapi']

type Learned = { profile: string; placeholders: string[]; ownerFrom: string; rules: CatalogRule[] }
/** `asked`: placeholders of its own. */
type Configuration = { name: string; modules: readonly string[]; asked?: string[]; learned: Learned; notes?: RegExp }

const learned = (more: Partial<Learned> = {}): Learned => ({
  profile: 'builtin',
  placeholders: none,
  ownerFrom: 'none',
  rules: kinds,
  ...more,
})

const CONFIGURATIONS: Configuration[] = [
  {
    name: 'the catalog alone',
    modules: [],
    learned: learned({ rules: [{ allow: ['Component', 'Template'] }] }),
    notes: /it does not know Template/,
  },
  { name: 'plain', modules: plain.modules, learned: learned() },
  { name: 'openapi', modules: openapi.modules, learned: learned({ placeholders: both }) },
  { name: 'codeowners', modules: codeowners.modules, learned: learned({ ownerFrom: 'codeowners' }) },
  {
    name: 'openapi, codeowners and rules',
    modules: all.modules,
    learned: learned({ placeholders: both, ownerFrom: 'codeowners', rules: [...all.settings.rules] }),
  },
  { name: 'a model', modules: withModel.modules, learned: learned({ profile: 'model' }) },
  {
    name: 'a model, openapi and codeowners',
    modules: [...new Set([...withModel.modules, ...all.modules])],
    learned: learned({ profile: 'model', placeholders: both, ownerFrom: 'codeowners' }),
  },
  {
    name: 'a placeholder of its own',
    modules: [template, './topic.mjs'],
    asked: ['topic', 'subject'],
    learned: learned({ placeholders: [...none, 'topic'] }),
  },
]

const FILES = 120
const PROBE = `${OWNER}/probe`
const urlOf = (path: string) => `https://${HOST}/${PROBE}/blob/main/${path}`
/** The repository of the entities that are asked about. */
const REPOSITORY = new Map([['.github/CODEOWNERS', Buffer.from('/docs/\n* @acme/team-b\n')]])

const KINDS = [
  ...[['Component'], ['API'], ['group'], ['Group'], ['User'], ['Domain'], ['Foo']],
  ...[
    ['Resource', 'database'],
    ['Resource', 'bucket'],
  ],
]

suite('learn', { timeout: 600_000 }, () => {
  for (const configuration of CONFIGURATIONS)
    test(configuration.name, async t => {
      const directory = mkdtempSync(join(tmpdir(), 'learn-'))
      const ghes = await new GhesTrees().start()
      ghes.hold(PROBE, REPOSITORY)
      t.after(() => ghes.stop())
      const { modules, learned: expected, notes } = configuration
      const backstage = await startBackstage({
        ...{ directory, modules, relayToken: 'no-token-0123456789abcdef', logLevel: 'warn' },
        ghe: { host: HOST, apiBaseUrl: ghes.apiBaseUrl, token: 'x' },
        catalog: { rules: expected.rules },
      })
      t.after(async () => {
        await backstage.stop()
        rmSync(directory, { recursive: true })
      })
      const yaml = await learnFrom(backstage, directory, configuration.asked ?? [])
      const { catalog } = parse(yaml) as { catalog: Learned }
      assert.deepEqual(catalog, expected)
      const doubts = yaml.split('\n').filter(line => line.startsWith('# - ') && !line.includes('techdocs'))
      assert.ok(
        doubts.every(line => notes?.test(line)),
        doubts.join('\n'),
      )
      const held = await holdAgainst(backstage, yaml)
      t.diagnostic(`seed ${seed}: ${held.accepted} entities accepted by both, ${held.refused} refused by both`)
      assert.deepEqual(held.differences, [])
      assert.ok(held.accepted > 20 && held.refused > 20)
      assert.deepEqual(await holdRules(backstage, ghes, yaml), [])
    })
})

async function learnFrom({ url }: Backstage, cwd: string, placeholder: string[]): Promise<string> {
  writeFileSync(join(cwd, 'token'), READER_TOKEN, { mode: 0o600 })
  let out = ''
  let errors = ''
  const options = { backstage: url, tokenFile: 'token', appConfig: ['app-config.json'], placeholder }
  const code = await learn(options, {
    ...{ cwd, now: Date.now, readFile: (path: string) => readFileSync(path, 'utf8'), writeFile: writeFileSync },
    write: text => (out += text),
    writeError: text => (errors += text),
  })
  assert.deepEqual([code, errors], [0, ''])
  return out
}

type Entity = { kind: string; metadata: Record<string, unknown>; spec?: unknown }

/** What `validate-entity` judges as the catalog does: an envelope, annotations that are a map, nothing that only a file or a tree decides. */
function isAskable(value: unknown, placeholders: readonly string[]): value is Entity {
  const text = jsonOf(value)
  if (typeof value !== 'object' || value === null || text.includes('__proto__')) return false
  const { metadata, kind, spec } = value as Partial<Entity>
  const { annotations = {} } = metadata ?? {}
  const isMap = typeof annotations === 'object' && annotations !== null && !Array.isArray(annotations)
  const names = placeholders.some(name => new RegExp(`"\\$${name}":"`).test(text))
  const hasTargets = kind === 'Location' && JSON.stringify(spec ?? {}).includes('target')
  return isMap && !names && !hasTargets
}

/** Nothing for what holds itself, which no request can carry. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return '__proto__'
  }
}

async function holdAgainst(backstage: Backstage, yaml: string) {
  const held = { accepted: 0, refused: 0, differences: [] as string[] }
  const { placeholders } = (parse(yaml) as { catalog: Learned }).catalog
  const values = Array.from({ length: FILES }, (_, index) => valuesIn(mutant(seed, index).bytes)).flat()
  const ownerless = ['Component', 'System', 'API'].flatMap(kind =>
    [undefined, '', null].map(owner => ({
      apiVersion: 'backstage.io/v1alpha1',
      kind,
      metadata: { name: 'a' },
      spec: { type: 'x', lifecycle: 'x', definition: 'x', owner },
    })),
  )
  for (const entity of [...values, ...ownerless].filter(value => isAskable(value, placeholders))) {
    for (const path of ['catalog-info.yaml', 'docs/catalog-info.yaml']) {
      const response = await backstage.call('POST', '/validate-entity', { entity, location: `url:${urlOf(path)}` })
      const body = await response.text()
      const ours = await judge(jsonOf(entity), path, yaml)
      const codes = codesOf(ours)
      const isTemplated = ours.documents.some(({ status }) => status === 'templated')
      // Keys in two cases are the stitcher's, whom nobody asks here; a kind that it does not know, learn has said.
      if (isTemplated || codes.includes('key-case') || body.includes('No processor recognized the entity template:'))
        continue
      const theirs = response.status === 200 ? 'accepted' : 'refused'
      if ((codes.length === 0) === (theirs === 'accepted')) held[theirs]++
      else held.differences.push(`${path} ${JSON.stringify(entity)}: ${body.slice(0, 300)}; ours: ${codes.join()}`)
    }
  }
  return held
}

/** A Location is asked about: the kinds in its target are judged by the rules of where it lies. */
async function holdRules(backstage: Backstage, ghes: GhesTrees, yaml: string): Promise<string[]> {
  const differences: string[] = []
  const entity = (kind: string, spec: object) => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: { name: kind },
    spec,
  })
  const good = entity('Component', { type: 'x', lifecycle: 'x', owner: 'x' })
  for (const path of ['catalog-info.yaml', 'groups/a.yaml', 'a/groups/catalog-info.yaml']) {
    for (const [kind = '', type] of KINDS) {
      const text = `${JSON.stringify(good)}\n---\n${JSON.stringify(entity(kind, { type }))}\n`
      ghes.hold(PROBE, new Map([...REPOSITORY, [path, Buffer.from(text)]]))
      const question = { entity: entity('Location', { targets: [urlOf(path)] }), location: `url:${urlOf(path)}` }
      const response = await backstage.call('POST', '/validate-entity', question)
      const isRefused = (await response.text()).includes('is not of an allowed kind for that location')
      const [first] = (await judge(text, path, yaml, true)).documents
      if (isRefused !== (first?.status === 'withheld'))
        differences.push(
          `${path} ${kind} ${type}: ${isRefused ? 'refused' : 'taken'} there, and we say ${first?.status}`,
        )
    }
  }
  return differences
}

/** By the learned hook.yaml, without its rules unless these are asked for: a kind outside of them is no question to /validate-entity. */
async function judge(text: string, path: string, yaml: string, byRules = false): Promise<CheckedFile> {
  const baked = bakeHookConfig(parse(yaml))
  if (baked.result === 'wrong') throw new Error(baked.problems.join('\n'))
  const { catalog } = baked.config
  const files = new Map([...REPOSITORY, [path, Buffer.from(text)]])
  const contentAt = (asked: string): Content => {
    const bytes = files.get(asked)
    return bytes === undefined ? { result: 'absent' } : { result: 'bytes', bytes }
  }
  const tree: Tree = {
    read: async paths => mapOf(paths, contentAt),
    exists: async paths => mapOf(paths, () => 'there'),
    isKnown: () => true,
  }
  const checked = await checkFiles(
    { tree, paths: [path], followLocations: false },
    {
      profile: catalog.profile === 'model' ? model : builtin,
      installation: byRules ? catalog : { ...catalog, rules: [] },
      repository: { host: HOST, fullName: PROBE, folder: '', branches: ['main'] },
      ...{ severities: {}, helpUrl: '' },
    },
    { isCatalogPath: () => true, isIgnored: () => false, baseNames: [], hasWildNames: false },
  )
  const [file] = checked.files
  assert.ok(file, JSON.stringify(checked.notes))
  return file
}

const codesOf = ({ diagnostics }: CheckedFile) => [
  ...new Set(diagnostics.flatMap(({ severity, code }) => (severity === 'error' ? [code] : []))),
]
