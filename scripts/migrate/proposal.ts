// A catalog file for a repository that has none: what is known becomes entities, and where a person should look stands beside it.
import { isName, proposeTag } from '../../hooks/catalog/checks/formats.ts'
import type { ApiFile } from './apis.ts'
import { lifecycleOf, ruled, typeOf } from './component-type.ts'
import type { MigrateConfig } from './config.ts'
import { firstSentence, oneLine } from './description.ts'
import type { Repository } from './inventory.ts'
import type { Manifests } from './manifests.ts'
import { type Names, titleOf } from './names.ts'
import { type OwnerFound, reviewersOf } from './owner.ts'
import { type EntityText, yamlOf } from './yaml-text.ts'

/** What was found out about a repository. */
export type Facts = {
  repository: Repository
  manifests: Manifests
  apis: readonly ApiFile[]
  readme: string | undefined
  codeowners: readonly { path: string; text: string }[]
  owner: OwnerFound
}

export type Reason = { field: string; value: string; reason: string; isGuess: boolean }

export type Proposal = {
  path: string
  text: string
  /** Refs of its entities, the component first. */
  entities: string[]
  reasons: Reason[]
  reviewers: { teams: string[]; people: string[] }
}

export type ProposalEdges = {
  names: Names
  /** The entity that a package belongs to, by its name in manifests. */
  entityOfPackage: (name: string) => { ref: string; repository: string } | undefined
  config: Pick<MigrateConfig, 'rules' | 'organizations'>
  /** Where the file will stand. */
  path: string
  /** Placeholders that hook.yaml names. */
  placeholders: readonly string[]
  /** Without APIs, where the organisation's rules do not take them. */
  withApis: boolean
}

/** Undefined: nobody owns it, and somebody has to. */
export function propose(facts: Facts, edges: ProposalEdges): Proposal | undefined {
  const { repository, owner } = facts
  if (owner.isMissing) return undefined
  const [organization = '', own = ''] = repository.repository.split('/')
  const { name, collision } = edges.names.give('component', [own, `${organization}-${own}`], repository.repository)
  const reasons: Reason[] = []
  const say = (field: string, value: string, reason: string, isGuess = false) => {
    reasons.push({ field, value, reason, isGuess })
    return isGuess ? reason : undefined
  }
  say(
    'name',
    name,
    collision ?? (name === own ? "the repository's" : `the nearest valid name to ${own}`),
    collision !== undefined,
  )
  const component = componentOf(facts, edges, { name, collision }, say)
  const apis = edges.withApis ? facts.apis.map(api => apiOf(api, facts, edges, name, say)) : []
  if (apis.length > 0) component.spec['providesApis'] = { value: apis.map(api => api.name) }
  const services = facts.manifests.services.map(service =>
    serviceOf(service.folder, service.manifest, component, facts, edges, say),
  )
  const entities = [component, ...services, ...apis]
  return {
    path: edges.path,
    text: yamlOf(entities, repository.repository),
    entities: entities.map(one => `${one.kind}:default/${one.name}`.toLowerCase()),
    reasons,
    reviewers: facts.codeowners[0] ? reviewersOf(facts.codeowners[0].text, edges.path) : { teams: [], people: [] },
  }
}

type Say = (field: string, value: string, reason: string, isGuess?: boolean) => string | undefined

function componentOf(
  facts: Facts,
  edges: ProposalEdges,
  { name, collision }: { name: string; collision: string | undefined },
  say: Say,
): EntityText {
  const { repository, manifests, owner } = facts
  const own = repository.repository.split('/')[1] ?? ''
  const title = titleOf(own)
  const description = descriptionOf(facts, say)
  const tags = [...new Set(repository.topics.flatMap(topic => proposeTag(topic) ?? []))].sort()
  const type = typeOf(repository, manifests, edges.config.rules)
  const lifecycle = lifecycleOf(repository, edges.config.rules)
  const system = ruled(edges.config.rules, 'system', repository)
  const annotations: Record<string, string> = { 'github.com/project-slug': repository.repository }
  if (repository.files.some(({ path }) => /^mkdocs\.ya?ml$/.test(path)))
    annotations['backstage.io/techdocs-ref'] = 'dir:.'
  const needs = dependenciesOf(facts, edges, say)
  say('lifecycle', lifecycle.value, lifecycle.reason, lifecycle.isGuess)
  return {
    kind: 'Component',
    name,
    nameComment: collision,
    title: title !== undefined && title !== name ? title : undefined,
    description,
    annotations,
    tags,
    spec: {
      type: { value: type.value, comment: say('type', type.value, type.reason, type.isGuess) },
      lifecycle: { value: lifecycle.value },
      ...ownerField(owner, say),
      ...(system === undefined ? {} : { system: { value: system } }),
      ...(needs.length === 0 ? {} : { dependsOn: { value: needs } }),
    },
  }
}

const ownerField = ({ owner, reason, isGuess }: OwnerFound, say: Say): EntityText['spec'] => {
  const comment = say('owner', owner ?? '', reason, isGuess)
  return owner === undefined ? {} : { owner: { value: owner, comment } }
}

function descriptionOf(
  { repository, readme }: Facts,
  say: Say,
): { value: string; comment?: string | undefined } | undefined {
  const own = oneLine(repository.description)
  if (own !== '') {
    say('description', own, "the repository's")
    return { value: own }
  }
  const sentence = readme === undefined ? undefined : firstSentence(readme)
  if (sentence === undefined) {
    say('description', '', 'neither the repository nor its README says what it is', true)
    return undefined
  }
  return { value: sentence, comment: say('description', sentence, "the README's first sentence", true) }
}

/** Only where a manifest here names a package that a manifest of another repository says to be its own. */
function dependenciesOf({ repository, manifests }: Facts, { entityOfPackage }: ProposalEdges, say: Say): string[] {
  const found = new Map<string, string>()
  for (const { name, manifest } of manifests.needs) {
    const entity = entityOfPackage(name)
    if (entity === undefined || entity.repository === repository.repository || found.has(entity.ref)) continue
    found.set(entity.ref, `${manifest} needs ${name.slice(name.indexOf(':') + 1)} of ${entity.repository}`)
  }
  for (const [ref, reason] of found) say('dependsOn', ref, reason)
  return [...found.keys()].sort()
}

function apiOf(api: ApiFile, facts: Facts, edges: ProposalEdges, component: string, say: Say): EntityText {
  const base = api.path.slice(api.path.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '')
  const only = facts.apis.length === 1
  const { name, collision } = edges.names.give(
    'api',
    [only ? `${component}-api` : `${component}-${base}`, `${component}-${api.path.replace(/\.[^.]+$/, '')}`],
    `${facts.repository.repository}:${api.path}`,
  )
  say('api', name, `${api.path} holds ${api.type === 'grpc' ? 'a gRPC service' : api.type}`)
  const placeholder = edges.placeholders.includes(api.type) ? `$${api.type}` : '$text'
  return {
    kind: 'API',
    name,
    nameComment: collision,
    title: api.title === undefined ? undefined : oneLine(api.title).slice(0, 200),
    description:
      api.description === undefined
        ? undefined
        : { value: firstSentence(api.description) ?? oneLine(api.description).slice(0, 300) },
    annotations: { 'github.com/project-slug': facts.repository.repository },
    tags: [],
    spec: {
      type: { value: api.type },
      lifecycle: { value: lifecycleOf(facts.repository, edges.config.rules).value },
      ...(facts.owner.owner === undefined ? {} : { owner: { value: facts.owner.owner } }),
      definition: { value: { [placeholder]: `./${api.path}` } },
    },
  }
}

function serviceOf(
  folder: string,
  manifest: string,
  component: EntityText,
  facts: Facts,
  edges: ProposalEdges,
  say: Say,
): EntityText {
  const base = folder.slice(folder.lastIndexOf('/') + 1)
  const { name, collision } = edges.names.give(
    'component',
    [`${component.name}-${base}`, `${component.name}-${folder.replaceAll('/', '-')}`],
    `${facts.repository.repository}:${folder}`,
  )
  say('component', name, `${manifest} and a Dockerfile beside it`)
  const { lifecycle, owner, system } = component.spec
  return {
    kind: 'Component',
    name: isName(name) ? name : component.name,
    nameComment: collision,
    title: undefined,
    description: undefined,
    annotations: { 'github.com/project-slug': facts.repository.repository },
    tags: [],
    spec: {
      type: { value: 'service' },
      ...(lifecycle === undefined ? {} : { lifecycle: { value: lifecycle.value } }),
      ...(owner === undefined ? {} : { owner: { value: owner.value } }),
      ...(system === undefined ? {} : { system }),
      subcomponentOf: { value: component.name },
    },
  }
}
