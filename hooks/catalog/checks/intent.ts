// What people mean by what they write: kinds of their own making, and the values others use.
import type { Path } from '../position.ts'

/** Words that people write for a kind, with the type that an entity of this kind then has. Each seen in real files or in questions to Backstage. */
const MEANT: Record<string, [kind: string, type?: string]> = {
  service: ['Component', 'service'],
  microservice: ['Component', 'service'],
  backend: ['Component', 'service'],
  website: ['Component', 'website'],
  frontend: ['Component', 'website'],
  webapp: ['Component', 'website'],
  library: ['Component', 'library'],
  package: ['Component', 'library'],
  module: ['Component', 'library'],
  application: ['Component', 'service'],
  app: ['Component', 'service'],
  documentation: ['Component', 'documentation'],
  database: ['Resource', 'database'],
  db: ['Resource', 'database'],
  bucket: ['Resource', 's3-bucket'],
  queue: ['Resource', 'queue'],
  topic: ['Resource', 'topic'],
  cluster: ['Resource', 'cluster'],
  infrastructure: ['Resource', 'infrastructure'],
  endpoint: ['API'],
  openapi: ['API', 'openapi'],
  asyncapi: ['API', 'asyncapi'],
  graphql: ['API', 'graphql'],
  grpc: ['API', 'grpc'],
  team: ['Group', 'team'],
  department: ['Group', 'department'],
  organization: ['Group', 'organization'],
  organisation: ['Group', 'organization'],
  squad: ['Group', 'team'],
  tribe: ['Group', 'team'],
  person: ['User'],
  member: ['User'],
  employee: ['User'],
  product: ['System', 'product'],
  platform: ['System', 'platform'],
  project: ['System', 'project'],
}

export function kindMeantBy(word: string): { kind: string; type?: string } | undefined {
  const key = word.toLowerCase()
  const singular = key.replace(/ies$/, 'y').replace(/s$/, '')
  const [kind, type] =
    (Object.hasOwn(MEANT, key) ? MEANT[key] : Object.hasOwn(MEANT, singular) ? MEANT[singular] : undefined) ?? []
  return kind === undefined ? undefined : { kind, ...(type ? { type } : {}) }
}

/** What to add where a field is missing, when Backstage's own examples say too little. */
const ADD: Record<string, string> = {
  'metadata.name': 'add "name: my-component": letters, digits, "-", "_" or ".", at most 63',
  'spec.owner': 'add "owner: my-team": the name of a group, or user:jane.doe',
  'spec.definition': 'add "definition:" and below it, indented, "$text: ./openapi.yaml", and commit that file, too',
  'spec.children': 'add "children: []", or the names of the groups below this one',
  'spec.memberOf': 'add "memberOf: []", or the names of the groups of this user',
  'spec.steps': 'add "steps:" and below it at least one entry with an action',
  metadata: 'add "metadata:" and below it, indented, "name: my-component"',
}

/** What to write where its key stands, and nothing behind it. */
const WRITE: Record<string, string> = {
  'spec.owner': 'write the owner, for example "owner: my-team": the name of a group, or user:jane.doe',
  'spec.definition':
    'write below "definition:", on a line of its own and indented, "$text: ./openapi.yaml", and commit that file, too',
  'spec.children': 'write "children: []", or the names of the groups below this one',
  'spec.memberOf': 'write "memberOf: []", or the names of the groups of this user',
  'spec.steps': 'write below it at least one entry with an action',
  'metadata.name': 'write the name, for example "name: my-component"',
  metadata: 'write below "metadata:", on a line of its own and indented: name: my-component',
}

/** A key with a dot in it is no way into a map. */
const dotted = (path: Path) => (path.some(part => String(part).includes('.')) ? '' : path.join('.'))

export const whatToAdd = (path: Path): string | undefined =>
  Object.hasOwn(ADD, dotted(path)) ? ADD[dotted(path)] : undefined

export function whatToWrite(path: Path, example: string | undefined): string {
  const known = Object.hasOwn(WRITE, dotted(path)) ? WRITE[dotted(path)] : undefined
  return known ?? `write its value${example === undefined ? '' : `, for example "${path.at(-1)}: ${example}"`}`
}

const KIND_WORDS = ['component', 'resource', 'api', 'system', 'domain', 'group', 'user', 'location', 'template']

/** `component`, as it begins a reference. */
export const isKindWord = (word: string): boolean => KIND_WORDS.includes(word.toLowerCase())

/** `dependsOn: orders-db` most likely means a resource. */
const RESOURCE =
  /(?:^|[-_.])(?:db|database|postgres(?:ql)?|mysql|mongo(?:db)?|redis|cache|bucket|s3|queue|topic|kafka|sqs|sns|cluster|table|storage|vault|rabbitmq|elasticsearch)(?:[-_.]|$)/i

export const likelyKind = (name: string): 'resource' | 'component' => (RESOURCE.test(name) ? 'resource' : 'component')
