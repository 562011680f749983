// What is there on GHES, read with GET only.
import { PAUSE_FILE, type Pause, readPause } from '../../schemas/pause.ts'
import { STAGE_FILE } from '../../schemas/stage.ts'
import type { Environment, Hook, PreReceiveApi, Scope, Standing } from '../ghes/pre-receive.ts'
import type { RepositoriesApi, Repository, TreeEntry } from '../ghes/repositories.ts'
import type { InstallConfig } from './config.ts'
import { granted, grantedUnless } from './granted.ts'
import { MANIFEST, type Manifest, readManifest } from './manifest.ts'
import { isOurReadme, README } from './readme-text.ts'
import { emptyGlobs, namesToFind, type StagedScope, stagedScopes } from './scopes.ts'

export type Api = { preReceive: PreReceiveApi; repositories: RepositoriesApi }

export type FoundRepository =
  | { state: 'none' }
  | { state: 'empty' }
  | {
      state: 'there'
      branch: string
      /** Of its top folder. */
      entries: TreeEntry[]
      manifest: Manifest | undefined
      /** By `pause`. */
      paused: Pause | undefined
      /** Where the hook is told that it is enforced: the file's text. */
      stage: string | undefined
      /** False: somebody else's README, which stays. */
      readmeIsOurs: boolean
    }

/** A scope with what holds there now; `offered` false: GHES does not show the hook there. */
export type FoundScope = StagedScope & { standing: Standing & { offered: boolean } }

export type Found = {
  environments: Environment[]
  hook: Hook | undefined
  /** Of other names, that run something of the same repository. */
  otherHooks: Hook[]
  repository: FoundRepository
  scopes: FoundScope[]
  /** Names in install.yaml that GHES does not know: nothing can be done before they are right. */
  unknown: string[]
  /** Globs that match nothing. */
  unmatched: string[]
}

/** Throws `Refused` when GHES does not tell. */
export async function find(api: Api, config: InstallConfig): Promise<Found> {
  // First what only a site administrator may see: a wrong token is told at once.
  const environments = await granted(api.preReceive.environments.list())
  const hooks = await granted(api.preReceive.hooks.list())
  const hook = hooks.find(({ name }) => name === config.hook.name)
  const otherHooks = hooks.filter(one => one !== hook && sameName(one.repository, config.hooks.repository))
  const repository = await findRepository(api.repositories, config.hooks.repository)
  const names = await findNames(api.repositories, config)
  const scopes: FoundScope[] = []
  for (const staged of stagedScopes(config, names.known)) {
    scopes.push({ ...staged, standing: await standingOf(api, staged.scope, hook) })
  }
  const unmatched = emptyGlobs(config, names.known)
  return { environments, hook, otherHooks, repository, scopes, unknown: names.unknown, unmatched }
}

const sameName = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()

async function findRepository(api: RepositoriesApi, name: string): Promise<FoundRepository> {
  const repository = await grantedUnless([404], api.read(name))
  if (!repository) return { state: 'none' }
  const head = await grantedUnless([404, 409], api.branch(name, repository.defaultBranch))
  if (head === undefined) return { state: 'empty' }
  const tree = await granted(api.commitTree(name, head))
  const entries = await granted(api.tree(name, tree))
  return {
    state: 'there',
    branch: repository.defaultBranch,
    entries,
    manifest: await manifestOf(api, name, entries),
    paused: await pauseOf(api, name, entries),
    stage: await stageOf(api, name, entries),
    readmeIsOurs: await readmeIsOurs(api, repository, entries),
  }
}

async function manifestOf(api: RepositoriesApi, name: string, entries: TreeEntry[]): Promise<Manifest | undefined> {
  const entry = entries.find(({ path, type }) => path === MANIFEST && type === 'blob')
  return entry && readManifest((await granted(api.blob(name, entry.id))).toString('utf8'))
}

async function pauseOf(api: RepositoriesApi, name: string, entries: TreeEntry[]): Promise<Pause | undefined> {
  const entry = entries.find(({ path }) => path === PAUSE_FILE)
  if (!entry) return undefined
  return readPause(entry.type === 'blob' ? (await granted(api.blob(name, entry.id))).toString('utf8') : '')
}

async function stageOf(api: RepositoriesApi, name: string, entries: TreeEntry[]): Promise<string | undefined> {
  const entry = entries.find(({ path, type }) => path === STAGE_FILE && type === 'blob')
  return entry && (await granted(api.blob(name, entry.id))).toString('utf8')
}

async function readmeIsOurs(api: RepositoriesApi, repository: Repository, entries: TreeEntry[]): Promise<boolean> {
  const entry = entries.find(({ path }) => path === README)
  if (!entry) return true
  if (entry.type !== 'blob') return false
  return isOurReadme((await granted(api.blob(repository.fullName, entry.id))).toString('utf8'), repository)
}

/** Globs need lists; each other name is asked for, so that a misspelt one is told and not passed over. */
async function findNames(api: RepositoriesApi, config: InstallConfig) {
  const asked = namesToFind(config)
  const unknown: string[] = []
  const known = { organizations: [] as string[], repositories: [] as string[] }
  if (asked.allOrganizations) known.organizations.push(...(await granted(api.organizations())))
  for (const name of asked.organizations) {
    const found = await grantedUnless([404], api.organization(name))
    if (found === undefined) unknown.push(`the organisation "${name}"`)
    else known.organizations.push(found)
  }
  for (const owner of asked.owners) {
    const found = await grantedUnless([404], api.list(owner))
    if (found === undefined) unknown.push(`the organisation "${owner}", whose repositories a glob names`)
    else known.repositories.push(...found.map(({ fullName }) => fullName))
  }
  for (const name of asked.repositories) {
    const found = await grantedUnless([404, 301], api.read(name))
    if (found === undefined) unknown.push(`the repository "${name}"`)
    else known.repositories.push(found.fullName)
  }
  return { known, unknown }
}

async function standingOf({ preReceive }: Api, scope: Scope, hook: Hook | undefined): Promise<FoundScope['standing']> {
  const standing = hook && (await grantedUnless([404], preReceive.scopes.read(scope, hook.id)))
  return standing
    ? { ...standing, offered: true }
    : { enforcement: 'disabled', setHere: false, allowDownstream: false, offered: false }
}
