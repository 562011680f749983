// The type and the lifecycle of a component, by rules that the README lists; the organisation's own come first.
import type { MigrateConfig, Rule } from './config.ts'
import { matcher } from './config.ts'
import type { Repository } from './inventory.ts'
import { isImage, isManifest, type Manifests } from './manifests.ts'

export type Said = { value: string; reason: string; isGuess: boolean }

type Field = 'type' | 'lifecycle' | 'system' | 'owner'

/** What the rules say of a field. */
export function ruled(rules: MigrateConfig['rules'], field: Field, repository: Repository): string | undefined {
  return rules.find(rule => rule[field] !== undefined && fits(rule, repository))?.[field]
}

function fits({ match, topic, file }: Rule, { repository, topics, files }: Repository): boolean {
  if (match !== undefined && !matcher([match])(repository)) return false
  if (topic !== undefined && !topics.includes(topic)) return false
  return file === undefined || files.some(({ path }) => path === file)
}

const WEB =
  /^(react-dom|next|vue|nuxt|@angular\/core|svelte|@sveltejs\/kit|gatsby|astro|@docusaurus\/core|preact|solid-js)$/
const RUNS = /^(Procfile|Chart\.yaml|(chart|charts|helm|deploy|k8s|kubernetes)\/.+|serverless\.ya?ml|skaffold\.yaml)$/

export function typeOf(repository: Repository, manifests: Manifests, rules: MigrateConfig['rules']): Said {
  const by = ruled(rules, 'type', repository)
  if (by !== undefined) return { value: by, reason: 'by the rules', isGuess: false }
  const paths = repository.files.map(({ path }) => path)
  const { npm } = manifests
  const web = npm?.dependencies.find(name => WEB.test(name))
  if (web !== undefined) return { value: 'website', reason: `package.json needs ${web}`, isGuess: false }
  const runs = paths.find(path => (isImage(path) && !path.includes('/')) || RUNS.test(path))
  if (runs !== undefined) return { value: 'service', reason: `${runs} is there`, isGuess: false }
  if (manifests.services.length > 0)
    return { value: 'service', reason: `${manifests.services[0]?.folder} is built and run`, isGuess: false }
  if (npm?.hasStart) return { value: 'service', reason: 'package.json has a script "start"', isGuess: true }
  if (paths.some(path => /^(main\.go|cmd\/.*main\.go|src\/main\.rs)$/.test(path)))
    return { value: 'service', reason: 'it has a main program and nothing that says where it runs', isGuess: true }
  const manifest = paths.find(path => !path.includes('/') && isManifest(path))
  if (manifest !== undefined)
    return { value: 'library', reason: `${manifest} is there, and nothing that runs it`, isGuess: true }
  if (
    paths.length > 0 &&
    paths.every(path => /\.(md|png|jpe?g|svg|txt)$|^(LICENSE|mkdocs\.ya?ml|\.[\w/-]+)/.test(path))
  )
    return { value: 'documentation', reason: 'it has texts and pictures only', isGuess: true }
  return { value: 'other', reason: 'nothing says what it is', isGuess: true }
}

const EXPERIMENTS = /^(experiment(al)?|poc|proof-of-concept|prototype|spike|sandbox|playground)$/
const ENDED = /^(deprecated|obsolete|end-of-life|eol|unmaintained|abandoned)$/

export function lifecycleOf(repository: Repository, rules: MigrateConfig['rules']): Said {
  const by = ruled(rules, 'lifecycle', repository)
  if (by !== undefined) return { value: by, reason: 'by the rules', isGuess: false }
  if (repository.archived) return { value: 'deprecated', reason: 'it is archived', isGuess: false }
  for (const [value, pattern] of [
    ['deprecated', ENDED],
    ['experimental', EXPERIMENTS],
  ] as const) {
    const topic = repository.topics.find(one => pattern.test(one))
    if (topic !== undefined) return { value, reason: `its topic ${topic}`, isGuess: false }
  }
  return { value: 'production', reason: 'it is not archived, and no topic says otherwise', isGuess: false }
}
