// What people mean by what they write: kinds of their own making, the values others use, and what a field looks like when it is right.
import { isMapValue } from '../check.ts'

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

/** What to add where a field is missing or empty, when Backstage's own examples say too little. */
const ADD: Record<string, string> = {
  'metadata.name': 'add "name: my-component": letters, digits, "-", "_" or ".", at most 63',
  'spec.owner': 'add "owner: my-team": the name of a group, or user:jane.doe',
  'spec.definition': 'add "definition:" and below it, indented, "$text: ./openapi.yaml"',
  'spec.children': 'add "children: []", or the names of the groups below this one',
  'spec.memberOf': 'add "memberOf: []", or the names of the groups of this user',
  'spec.system': 'remove the line, or write the name of a system: "system: payments"',
  'spec.dependsOn': 'remove the line, or write "dependsOn: [component:other]"',
  'spec.steps': 'add "steps:" and below it at least one entry with an action',
  metadata: 'add "metadata:" and below it, indented, "name: my-component"',
}

export const whatToAdd = (field: string) => {
  const ofLink = /^metadata\.links\[\d+\]\.(title|icon|type)$/.exec(field)?.[1]
  if (ofLink !== undefined) return `remove the line, or write a ${ofLink}`
  return Object.hasOwn(ADD, field) ? ADD[field] : undefined
}

/** `dependsOn: orders-db` most likely means a resource. */
const RESOURCE =
  /(?:^|[-_.])(?:db|database|postgres(?:ql)?|mysql|mongo(?:db)?|redis|cache|bucket|s3|queue|topic|kafka|sqs|sns|cluster|table|storage|vault|rabbitmq|elasticsearch)(?:[-_.]|$)/i

export const likelyKind = (name: string): 'resource' | 'component' => (RESOURCE.test(name) ? 'resource' : 'component')

/** The right form of a value that has the wrong type, as a line or a sentence. */
export function rightForm(field: string, value: unknown, expected: string): string | undefined {
  const name = field.slice(field.lastIndexOf('.') + 1)
  if (field === 'spec.definition' && isMapValue(value)) return definitionForm(value)
  if (/^metadata\.links\[\d+\]$/.test(field) && typeof value === 'string') return `write "- url: ${value}"`
  if (/\]$/.test(name) && (typeof value === 'number' || typeof value === 'boolean'))
    return `put it in quotes: "${value}"`
  if (expected === 'a list' && typeof value === 'string')
    return `write it as a list: ${name}: [${value
      .split(/[,\s]+/)
      .filter(Boolean)
      .map(item =>
        (name === 'dependsOn' || name === 'dependencyOf') && !item.includes(':') ? `${likelyKind(item)}:${item}` : item,
      )
      .join(', ')}]`
  if (expected === 'a list' && isMapValue(value) && name === 'tags')
    return `write it as a list: tags: [${Object.keys(value).slice(0, 5).join(', ')}]`
  if (expected === 'a text' && name === 'owner' && Array.isArray(value))
    return `an entity has one owner: owner: ${typeof value[0] === 'string' ? value[0] : 'my-team'}`
  if (expected === 'a text' && isMapValue(value) && typeof value.name === 'string' && /^spec\.\w+$/.test(field)) {
    const kind = typeof value.kind === 'string' ? `${value.kind.toLowerCase()}:` : ''
    const namespace = typeof value.namespace === 'string' ? `${value.namespace}/` : ''
    return `write the name itself: ${name}: ${kind}${namespace}${value.name}`
  }
  if (expected === 'a text' && Array.isArray(value) && value.length === 1 && typeof value[0] === 'string')
    return `write one value: ${name}: ${value[0]}`
  if (expected === 'a text' && value === null && /^metadata\.(?:annotations|labels)\./.test(field))
    return 'remove the line, or write "" for an empty text'
  return undefined
}

function definitionForm(value: Record<string, unknown>): string {
  // $yaml and $json are maps by now, and empty.
  if (Object.keys(value).length === 0)
    return 'write "$text" in the place of "$yaml" or "$json": the definition is the text of the file'
  return 'end the line with a sign: "definition: |", which makes a text of the lines below; or write "$text: ./openapi.yaml" below it'
}
