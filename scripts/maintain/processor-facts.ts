// What an installed catalog's processors do, one fact a line: placeholders, references, Locations, catalog.rules, YAML. By asking them.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type InstalledCatalog, installedCatalog, placeholderValue, type Relation } from './installed-catalog.ts'
import {
  CONTENTS,
  DOCUMENTS,
  ENTITIES,
  entityOf,
  FILE,
  HOST,
  OWNER,
  OWNERS_FILES,
  PLACEHOLDERS,
  REFERENCES,
  REFS,
  RULES,
  SELF,
  SPECS_WITH_KEYS,
  URLS,
  withReference,
} from './processor-probes.ts'

const location = { type: 'url', target: FILE }

/** Of the Backstage that is installed in `folder`. A GHES on loopback answers for it; nothing goes out. */
export async function processorFacts(folder: string): Promise<string[]> {
  const contents = { text: '{}' }
  const ghes = createServer(({ url = '' }, response) => {
    const isThere = !/absent|git\/trees|commits/.test(url)
    response.writeHead(isThere ? 200 : 404).end(isThere ? contents.text : '{}')
  }).listen(0, '127.0.0.1')
  await once(ghes, 'listening')
  const apiBaseUrl = `http://127.0.0.1:${(ghes.address() as AddressInfo).port}`
  try {
    const catalog = installedCatalog(folder, { integrations: { github: [{ host: HOST, apiBaseUrl, token: 'x' }] } })
    const parts: Record<string, () => string[] | Promise<string[]>> = {
      'set-up': () => setUp(catalog),
      placeholders: () => ofPlaceholders(catalog, contents),
      entities: () => ofEntities(catalog, contents),
      references: () => ofReferences(catalog),
      'catalog.rules': () => ofRules(catalog),
      YAML: () => ofYaml(catalog),
      keys: () => ofKeys(catalog),
      CODEOWNERS: () => ofOwners(catalog),
    }
    const facts: string[] = []
    for (const [name, ask] of Object.entries(parts)) facts.push(...(await asked(name, ask)))
    return [...new Set(facts)].sort()
  } finally {
    ghes.close()
    ghes.closeAllConnections()
  }
}

/** What a newer version has elsewhere cannot be asked: that is a fact of its own. */
async function asked(name: string, ask: () => string[] | Promise<string[]>): Promise<string[]> {
  try {
    return await ask()
  } catch (error) {
    return [`${name}: cannot be asked: ${lastOf(String(error))}`]
  }
}

const setUp = ({ processors, placeholders, policies, locationTypes }: InstalledCatalog): string[] => [
  ...processors.map((processor, i) => `processor ${i + 1}: ${processor.getProcessorName()}`),
  ...policies.map((policy, i) => `policy ${i + 1}: ${policy}`),
  ...placeholders.map(({ key, from }) => `placeholder $${key}: from ${from}`),
  ...locationTypes.map(type => `type of a Location: ${type}`),
]

async function ofPlaceholders(catalog: InstalledCatalog, contents: { text: string }): Promise<string[]> {
  const facts: string[] = []
  for (const target of URLS) facts.push(`placeholder URL ${target}: ${await readingBy(catalog, 'text', target)}`)
  for (const value of PLACEHOLDERS)
    facts.push(
      `placeholder ${JSON.stringify(value)}: ${await answer(() => placeholderValue(catalog, value, location))}`,
    )
  for (const text of CONTENTS) {
    contents.text = text
    for (const key of ['$json', '$yaml'])
      facts.push(
        `placeholder ${key} of ${JSON.stringify(text)}: ${await answer(() => placeholderValue(catalog, { [key]: './a' }, location))}`,
      )
  }
  contents.text = '{}'
  return facts
}

/** `not read`: a host without an integration, which backend.reading.allow may have. */
export type UrlReading = 'read' | 'another repository' | 'no file' | 'not read'

/** What becomes of a placeholder with this URL in FILE, or in the file at `at`. */
export async function readingBy(
  catalog: InstalledCatalog,
  key: string,
  target: string,
  at = location,
): Promise<UrlReading> {
  // The reader of S3 otherwise asks the network for credentials.
  process.env['AWS_EC2_METADATA_DISABLED'] = 'true'
  try {
    await placeholderValue(catalog, { [`$${key}`]: target }, at)
    return 'read'
  } catch (error) {
    const message = String(error)
    if (message.includes('same repository as the entity')) return 'another repository'
    const isRefusedHost = /Reading from '.*' is not allowed|Could not retrieve file from S3/.test(message)
    if (isRefusedHost && URL.canParse(target) && new URL(target).host !== '') return 'not read'
    if (isRefusedHost || /Incorrect URL|could not form a URL|URI malformed|exceeds maximum length/.test(message))
      return 'no file'
    throw error
  }
}

async function ofEntities(catalog: InstalledCatalog, contents: { text: string }): Promise<string[]> {
  contents.text = '# nothing'
  const facts: string[] = []
  for (const [name, entity] of Object.entries(ENTITIES)) {
    const { ok, errors } = await catalog.process(structuredClone(entity))
    facts.push(`entity ${name}: ${ok ? 'taken' : `refused: ${lastOf(errors[0]?.message ?? '')}`}`)
  }
  contents.text = '{}'
  return facts
}

async function ofReferences(catalog: InstalledCatalog): Promise<string[]> {
  const facts: string[] = []
  for (const [kind, fields] of Object.entries(REFERENCES))
    for (const field of fields)
      for (const ref of REFS) {
        const { ok, relations = [] } = await catalog.process(withReference(kind, field, ref))
        const found = relations.find(({ source, target }) => source.name === SELF && target.name !== OWNER)
        facts.push(`reference ${kind}.spec.${field} ${JSON.stringify(ref)}: ${ok ? toldRelation(found) : 'refused'}`)
      }
  return facts
}

const toldRelation = (relation: Relation | undefined): string =>
  relation === undefined
    ? 'no relation'
    : `${relation.type} ${relation.target.kind}:${relation.target.namespace}/${relation.target.name}`

function ofRules({ load, loadPrivate }: InstalledCatalog): string[] {
  const { ConfigReader } = load('@backstage/config')
  const { DefaultCatalogRulesEnforcer } = loadPrivate('ingestion/CatalogRules.cjs.js')
  return RULES.map(({ name, config, entity, location: place }) => {
    const enforcer = (DefaultCatalogRulesEnforcer as RulesEnforcer).fromConfig(new ConfigReader({ catalog: config }))
    return `catalog.rules ${name}: ${enforcer.isAllowed(entity, place) ? 'allowed' : 'refused'}`
  })
}
type RulesEnforcer = { fromConfig(config: object): { isAllowed(entity: object, location: object): boolean } }

function ofYaml({ load }: InstalledCatalog): string[] {
  const { parseEntityYaml } = load('@backstage/plugin-catalog-node')
  return DOCUMENTS.map(text => {
    const answers: string[] = []
    try {
      for (const { type, entity, error } of parseEntityYaml(Buffer.from(text), location))
        answers.push(type === 'entity' ? JSON.stringify(entity) : `refused: ${lastOf(String(error?.message))}`)
    } catch (error) {
      answers.push(`throws: ${lastOf(String(error))}`)
    }
    return `YAML ${JSON.stringify(text)}: ${answers.join(', then ') || 'nothing'}`
  })
}

/** The last step: what makes an entity searchable, and refuses keys that differ only in case. */
function ofKeys({ loadPrivate }: InstalledCatalog): string[] {
  const { buildEntitySearch } = loadPrivate('database/operations/stitcher/buildEntitySearch.cjs.js')
  return SPECS_WITH_KEYS.map(spec => {
    try {
      ;(buildEntitySearch as (id: string, entity: object) => unknown)('id', entityOf('Component', spec))
      return `keys ${JSON.stringify(spec)}: taken`
    } catch {
      return `keys ${JSON.stringify(spec)}: refused`
    }
  })
}

/** The community module: which files it reads, and whom their lines name. */
function ofOwners({ load, folder }: InstalledCatalog): string[] {
  const inside = (path: string) =>
    load(
      join(folder, 'node_modules/@backstage-community/plugin-catalog-backend-module-codeowners/dist/codeowners', path),
    )
  const { scmCodeOwnersPaths } = inside('scm.cjs.js')
  const { resolveCodeOwner } = inside('resolve.cjs.js')
  return [
    ...scmCodeOwnersPaths.github.map((path: string, i: number) => `CODEOWNERS ${i + 1}: ${path}`),
    ...OWNERS_FILES.map(text => `CODEOWNERS ${JSON.stringify(text)}: ${resolveCodeOwner(text, FILE) ?? 'nobody'}`),
  ]
}

async function answer(ask: () => Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await ask()) ?? 'undefined'
  } catch {
    return 'refused'
  }
}

/** The innermost cause, in one line, without what is different in every run. */
const lastOf = (message: string) =>
  (message.split('; caused by ').at(-1) ?? message)
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'GHES')
    .replace(/\s+/g, ' ')
    .slice(0, 160)
