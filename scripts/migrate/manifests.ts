// What manifests say of a repository: what it is made of, what others call it, and what it needs. Nothing is run, and what cannot be read says nothing.
import { parse } from 'yaml'
import { fieldOf, isMap, jsonIn } from '../../schemas/unknown.ts'
import type { Repository } from './inventory.ts'

/** `npm:@acme/lib`, `go:ghe.test/acme/lib`, `maven:com.acme:lib` */
type PackageName = string

type Service = { folder: string; manifest: string }

export type Manifests = {
  /** By which other manifests name it. */
  provides: PackageName[]
  needs: { name: PackageName; manifest: string }[]
  /** Why it holds several things; undefined where it is one. */
  monorepo?: string
  /** Folders that are built and run by themselves. */
  services: Service[]
  /** Of package.json at the top. */
  npm?: { dependencies: string[]; hasStart: boolean; hasBin: boolean; name?: string }
}

const MANIFEST =
  /^(package\.json|go\.mod|pom\.xml|Cargo\.toml|pyproject\.toml|setup\.py|requirements\.txt|build\.gradle(\.kts)?|composer\.json|Gemfile|[^/]+\.(csproj|gemspec))$/
const IMAGE = /^(Dockerfile|Containerfile)$/
/** What is read of a repository, the top first. */
const READ = /^(package\.json|go\.mod|pom\.xml)$/
const MOST_READ = 30
const MOST_SERVICES = 50
const LONGEST_LINE = 300
const MOST_OF_A_POM = 100_000
/** A pom.xml has one of each, and profiles some more. */
const MOST_ELEMENTS = 100

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1)
const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')))
const isAside = (path: string) =>
  /(^|\/)(node_modules|vendor|third_party|testdata|tests?|examples?|fixtures|skeleton|templates?)\//i.test(path)

export const isManifest = (path: string): boolean => MANIFEST.test(baseName(path))
export const isImage = (path: string): boolean => IMAGE.test(baseName(path))

/** Paths of manifests whose contents are of use. */
export function manifestsToRead({ files }: Repository): string[] {
  return files
    .filter(({ path, type }) => type === 'file' && READ.test(baseName(path)) && !isAside(path))
    .map(({ path }) => path)
    .sort((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1))
    .slice(0, MOST_READ)
}

/** `texts`: contents by path, of those above that could be read. */
export function readManifests({ files }: Repository, texts: ReadonlyMap<string, string>): Manifests {
  const paths = new Set(files.map(({ path }) => path))
  const found: Manifests = { provides: [], needs: [], services: servicesIn(paths) }
  for (const [path, text] of texts) {
    const read = { 'package.json': npmIn, 'go.mod': goIn, 'pom.xml': mavenIn }[baseName(path)]
    const one = read?.(text)
    if (one === undefined) continue
    found.provides.push(...one.provides)
    found.needs.push(...one.needs.map(name => ({ name, manifest: path })))
    if (path === 'package.json' && one.npm !== undefined) found.npm = one.npm
  }
  const monorepo = whyMonorepo(paths, texts, found.services)
  return monorepo === undefined ? found : { ...found, monorepo }
}

function servicesIn(paths: ReadonlySet<string>): Service[] {
  const images = new Set([...paths].filter(path => isImage(path) && !isAside(path)).map(folderOf))
  const found = new Map<string, Service>()
  for (const path of [...paths].sort()) {
    const folder = folderOf(path)
    if (folder !== '' && images.has(folder) && isManifest(path) && !found.has(folder))
      found.set(folder, { folder, manifest: path })
  }
  return found.size < 2 ? [] : [...found.values()].slice(0, MOST_SERVICES)
}

function whyMonorepo(
  paths: ReadonlySet<string>,
  texts: ReadonlyMap<string, string>,
  services: readonly Service[],
): string | undefined {
  const text = (path: string) => texts.get(path) ?? ''
  if (fieldOf(jsonIn(text('package.json')), 'workspaces') !== undefined) return 'package.json has workspaces'
  for (const path of ['pnpm-workspace.yaml', 'go.work', 'lerna.json', 'nx.json', 'turbo.json'])
    if (paths.has(path)) return `${path} is there`
  if (/<modules>/.test(text('pom.xml'))) return 'pom.xml has modules'
  return services.length > 0 ? `${services.length} folders have a manifest and a Dockerfile of their own` : undefined
}

type Read = { provides: PackageName[]; needs: PackageName[]; npm?: NonNullable<Manifests['npm']> }

function npmIn(text: string): Read | undefined {
  const json = jsonIn(text)
  if (!isMap(json)) return undefined
  const dependencies = isMap(json['dependencies']) ? Object.keys(json['dependencies']) : []
  const name = typeof json['name'] === 'string' && json['name'] !== '' ? json['name'] : undefined
  const scripts = isMap(json['scripts']) ? json['scripts'] : {}
  return {
    provides: name === undefined ? [] : [`npm:${name}`],
    needs: dependencies.map(one => `npm:${one}`),
    npm: {
      dependencies,
      hasStart: typeof scripts['start'] === 'string',
      hasBin: json['bin'] !== undefined,
      ...(name === undefined ? {} : { name }),
    },
  }
}

/** Only what is needed directly. */
function goIn(text: string): Read {
  const lines = text.split('\n', 5000).flatMap(line => (line.length > LONGEST_LINE ? [] : [line.trim()]))
  const module = lines
    .find(line => line.startsWith('module '))
    ?.slice('module '.length)
    .trim()
  const needs = lines.flatMap(line => {
    const [, path] = /^(?:require )?([a-z0-9][^\s()"]*\.[^\s()"]*\/[^\s()"]+) v\S+$/.exec(line) ?? []
    return path === undefined ? [] : [`go:${path}`]
  })
  return { provides: module ? [`go:${module}`] : [], needs }
}

function mavenIn(all: string): Read {
  const text = all.slice(0, MOST_OF_A_POM)
  const [parent, rest] = without(text, 'parent')
  const [, plain] = without(rest, 'build', 'profiles', 'dependencyManagement', 'reporting', 'dependencies')
  const [needed] = without(without(rest, 'build', 'profiles', 'dependencyManagement')[1], 'dependencies')
  const [group, artifact] = [element(plain, 'groupId') ?? element(parent, 'groupId'), element(plain, 'artifactId')]
  const needs = needed.split('</dependency>', 500).flatMap(one => {
    const [of, name] = [element(one, 'groupId'), element(one, 'artifactId')]
    const isOurs = of?.includes('project.groupId') ? group : of
    return isOurs === undefined || name === undefined || element(one, 'scope') === 'test'
      ? []
      : [`maven:${isOurs}:${name}`]
  })
  return { provides: group && artifact ? [`maven:${group}:${artifact}`] : [], needs }
}

/** What stands in elements of these names, and the text without them. */
function without(text: string, ...names: string[]): [taken: string, rest: string] {
  let [taken, rest] = ['', text]
  for (const name of names) {
    for (let i = 0; i < MOST_ELEMENTS; i++) {
      const from = rest.indexOf(`<${name}>`)
      if (from < 0) break
      const end = rest.indexOf(`</${name}>`, from)
      const until = end < 0 ? rest.length : end + name.length + 3
      taken += rest.slice(from + name.length + 2, end < 0 ? rest.length : end)
      rest = rest.slice(0, from) + rest.slice(until)
    }
  }
  return [taken, rest]
}

function element(text: string, name: string): string | undefined {
  const from = text.indexOf(`<${name}>`)
  const end = text.indexOf('<', from + 1)
  return from < 0 || end < 0 ? undefined : text.slice(from + name.length + 2, end).trim()
}

/** YAML or JSON; undefined for what is neither, or a map of nothing. */
export function mapIn(text: string): Record<string, unknown> | undefined {
  const json = jsonIn(text)
  if (isMap(json)) return json
  try {
    const value: unknown = parse(text, { maxAliasCount: 100, logLevel: 'silent' })
    return isMap(value) ? value : undefined
  } catch {
    return undefined
  }
}
