// The reference for placeholders' URLs: which the catalog refuses before it reads anything. By Backstage's own integrations and git-url-parse;
// what is private to the backend is stated anew. Held against the backend's own code by test/backstage/placeholder-url.test.ts.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
type GitUrl = {
  owner: string | undefined
  name: string | undefined
  filepath: string | undefined
  filepathtype: string | undefined
  ref: string | undefined
  resource: string
  full_name: string
}
export const parseGitUrl = require('git-url-parse') as (url: string) => GitUrl

type Integration = typeof import('@backstage/integration')
type Integrations = import('@backstage/integration').ScmIntegrations
const known = new Map<string, { integrations: Integrations; integration: Integration }>()

/** A Backstage with an integration for this GHES, and the built-in ones. */
function backstageOf(host: string) {
  const found = known.get(host)
  if (found) return found
  const integration = require('@backstage/integration') as Integration
  const { ConfigReader } = require('@backstage/config') as typeof import('@backstage/config')
  const github = [{ host, apiBaseUrl: `https://${host}/api/v3`, token: 'x' }]
  const made = {
    integration,
    integrations: integration.ScmIntegrations.fromConfig(new ConfigReader({ integrations: { github } })),
  }
  known.set(host, made)
  return made
}

export type Refusal = 'other repository' | 'no file' | undefined

/** `location`: the URL of the catalog file, on a GHES. Undefined: not refused before something is read. */
export function refusalOf(target: string, location: string): Refusal {
  const { integrations, integration } = backstageOf(new URL(location).host)
  let url: string
  try {
    url = integrations.resolveUrl({ url: target, base: location })
  } catch {
    return 'no file'
  }
  if (isElsewhere(url, location, integrations, integration)) return 'other repository'
  // backend: UrlReaderPredicateMux; what another host may have is not known here
  if (new URL(url).host === '') return 'no file'
  const github = integrations.github.byUrl(url)
  try {
    if (github) integration.getGithubFileFetchUrl(url, github.config, { token: 'x', type: 'token' })
    return undefined
  } catch {
    return 'no file'
  }
}

// backend: PlaceholderProcessor 4.0.5, assertSameRepository
function isElsewhere(url: string, location: string, integrations: Integrations, integration: Integration): boolean {
  const type = integrations.byUrl(url)?.type
  if (type !== undefined && new URL(url).host !== new URL(location).host) return true
  if (type === 'azure') return !isSameAzure(url, location, integration)
  let there: GitUrl
  let here: GitUrl
  try {
    there = parseGitUrl(url)
    here = parseGitUrl(location)
  } catch {
    return false
  }
  for (const part of [there.owner, there.name, here.owner, here.name])
    if (part?.includes('%') || part?.split('/').includes('..')) return true
  const filesAreMarked = ['github', 'gitlab', 'bitbucketCloud'].includes(type ?? '')
  const isFile = filesAreMarked ? there.filepath || here.filepath : there.filepath && here.filepath
  if (!there.owner || !there.name || !here.owner || !here.name || !isFile) return false
  if (type === undefined && there.resource !== here.resource) return false
  return there.resource !== here.resource || there.full_name !== here.full_name
}

function isSameAzure(url: string, location: string, { getAzureDownloadUrl }: Integration): boolean {
  const identity = (of: string) => {
    const { host, pathname } = new URL(getAzureDownloadUrl(of))
    return host + pathname
  }
  try {
    return identity(url) === identity(location)
  } catch {
    return false
  }
}
