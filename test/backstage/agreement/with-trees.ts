// Files whose verdict lies in their tree: placeholders and what they name, Locations and their targets, owners from CODEOWNERS, kinds by rules,
// and what one bad document does to the others of its file.
import { posix } from 'node:path'
import { stringify } from 'yaml'
import { bases, type Value } from '../../agreement/bases.ts'
import { set } from '../../agreement/entity-operators.ts'
import { type Random, randomFrom } from '../../agreement/random.ts'
import { formOperators } from '../../agreement/text-forms.ts'
import type { Case } from './case.ts'
import { OWNERS, someApi, someContent, someFileName, someSpelling } from './file-values.ts'
import { someLocation } from './locations.ts'
import type { Making } from './making.ts'
import { neighbours } from './neighbours.ts'

type Operator = (making: Making) => void

const PATHS = [
  ...Array.from({ length: 12 }, () => 'catalog-info.yaml'),
  'svc/catalog-info.yaml',
  'svc/catalog-info.yaml',
  'docs/catalog-info.yaml',
  'groups/catalog-info.yaml',
  'groups/.hidden/catalog-info.yaml',
  'a b/catalog-info.yaml',
  'größe/catalog-info.yaml',
]

export function withTree(seed: number, index: number): Case {
  const r = randomFrom(Math.imul(seed, 999_983) + index)
  const name = `t${index}`
  const path = r.pick(PATHS)
  const making: Making = { r, name, path, entity: someEntity(r, name), tree: new Map() }
  const operators = [r.pick(names), ...(r.chance(0.3) ? [r.pick(names)] : [])]
  for (const operator of operators) OPERATORS[operator]?.(making)
  const documents = [making.entity, ...neighbours(making)].map(document => write(r, document))
  making.tree.set(path, Buffer.from(documents.join('---\n').replace(/([^\n])---\n/g, '$1\n---\n')))
  return { name, operators, path, tree: making.tree }
}

function someEntity(r: Random, name: string): Value {
  const base = structuredClone(r.pick(bases))
  return { ...base, metadata: { ...(base['metadata'] as Value), name } }
}

/** One in eight also in another of YAML's forms, or in nearly one. */
function write(r: Random, document: Value | string): string {
  if (typeof document === 'string') return document
  const text = r.chance(0.2) ? `${JSON.stringify(document)}\n` : stringify(document)
  return r.chance(0.125) ? (formOperators[r.pick(forms)]?.(r, text) ?? text) : text
}
const forms = Object.keys(formOperators)

const spec = (entity: Value): Value => (Object(entity['spec']) === entity['spec'] ? (entity['spec'] as Value) : {})
const metadata = (entity: Value): Value => entity['metadata'] as Value

/** Where a placeholder may stand, and where it has no business. */
const FIELDS: readonly (readonly [string, (entity: Value, value: unknown) => void])[] = [
  ...[
    'owner',
    'type',
    'lifecycle',
    'definition',
    'definition',
    'system',
    'dependsOn',
    'children',
    'memberOf',
    'extra',
  ].map(field => [`spec.${field}`, (entity: Value, value: unknown) => set(spec(entity), field, value)] as const),
  ...['steps', 'parameters', 'targets', 'target', 'profile', 'remotes', 'presence'].map(
    field => [`spec.${field}`, (entity: Value, value: unknown) => set(spec(entity), field, value)] as const,
  ),
  ...['description', 'title', 'tags', 'labels', 'annotations', 'links', 'namespace', 'name', 'extra'].map(
    field => [`metadata.${field}`, (entity: Value, value: unknown) => set(metadata(entity), field, value)] as const,
  ),
  ['spec.dependsOn[]', (entity, value) => set(spec(entity), 'dependsOn', [value])],
  ['metadata.tags[]', (entity, value) => set(metadata(entity), 'tags', ['java', value])],
  ['metadata.labels.a', (entity, value) => set(metadata(entity), 'labels', { a: value })],
  ['metadata.annotations.a', (entity, value) => set(metadata(entity), 'annotations', { a: value })],
  ['metadata.links[].url', (entity, value) => set(metadata(entity), 'links', [{ url: value }])],
  ['spec', (entity, value) => set(entity, 'spec', value)],
  ['kind', (entity, value) => set(entity, 'kind', value)],
  ['apiVersion', (entity, value) => set(entity, 'apiVersion', value)],
  ['relations', (entity, value) => set(entity, 'relations', value)],
]
const KEYS = ['$text', '$text', '$json', '$json', '$yaml', '$yaml', '$yaml', '$openapi', '$asyncapi', '$file', '$own']

function placeholder({ r, path, tree, entity }: Making): void {
  const key = r.pick(KEYS)
  const isApi = key === '$openapi' || key === '$asyncapi'
  const file = someFileName(r, r.pick(['.yaml', '.json', '.txt']))
  const folder = posix.dirname(path)
  const reference = r.pick(['./ref.yaml', 'ref.yaml', './ref.yaml', './absent.yaml', 'https://example.org/ref.yaml'])
  if (r.chance(0.85)) tree.set(posix.join(folder, file), isApi ? someApi(r, reference) : someContent(r))
  if (r.chance(0.8))
    tree.set(
      posix.join(folder, posix.dirname(file), 'ref.yaml'),
      r.chance(0.8) ? Buffer.from('B: { type: string }\n') : someContent(r),
    )
  const target = r.chance(0.15) ? r.pick([posix.dirname(file), '.', '', '..', './', '/']) : someSpelling(r, file)
  const value = r.chance(0.05) ? { [key]: target, also: 1 } : { [key]: target }
  const [, put] = isApi && r.chance(0.7) ? (FIELDS[3] ?? r.pick(FIELDS)) : r.pick(FIELDS)
  put(entity, value)
}

function owner({ r, tree, entity }: Making): void {
  const value = r.pick<unknown>([undefined, undefined, undefined, null, '', 0, false, true, [], {}, ' ', 'team-a'])
  if (value === undefined) delete spec(entity)['owner']
  else set(spec(entity), 'owner', value)
  if (r.chance(0.1)) set(entity, 'spec', r.pick<unknown>([undefined, null, 'x', [], 0, {}]))
  // One at most: of several the module takes the one that answers first.
  if (r.chance(0.8))
    tree.set(
      r.pick(['CODEOWNERS', '.github/CODEOWNERS', 'docs/CODEOWNERS', 'codeowners', '.gitlab/CODEOWNERS']),
      Buffer.from(r.pick(OWNERS)),
    )
}

function kindByRule({ r, entity }: Making): void {
  const change = r.pick([
    () =>
      Object.assign(entity, {
        kind: 'Resource',
        spec: { type: r.pick(['database', 'Database', 'DATABASE', 'bucket', 5, { $text: './x' }]), owner: 'a' },
      }),
    () => Object.assign(entity, { kind: 'Group', spec: { type: 'team', children: [] } }),
    () => Object.assign(entity, { kind: 'User', spec: { memberOf: [] } }),
    () => Object.assign(entity, { kind: 'Domain', spec: { owner: 'a' } }),
    () => Object.assign(entity, { kind: r.pick(['component', 'COMPONENT', 'Foo', 'group']) }),
  ])
  Object.assign(entity, { apiVersion: 'backstage.io/v1alpha1' })
  change()
}

const OPERATORS: Record<string, Operator> = {
  placeholder,
  'placeholder again': placeholder,
  'placeholder once more': placeholder,
  location: someLocation,
  'location again': someLocation,
  owner,
  'kind by rule': kindByRule,
  nothing: () => {},
}
const names = Object.keys(OPERATORS)
