// Backstage's packages as they are installed: two copies of one that is to be shared do not hear each other.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Finding, ok, skipped, warning } from './finding.ts'

/** Packages that hold what a backend shares, and what two copies of one do. */
const SHARED: Readonly<Record<string, string>> = {
  '@backstage/plugin-catalog-node': 'Events on pushes (catalog.scmEvents) then do nothing, and say nothing', // measured
  '@backstage/plugin-events-node': 'An event that goes by one of them is not heard by who listens to the other',
  '@backstage/backend-plugin-api': 'A module for one of them is not taken by a backend of the other, or half of it',
  '@backstage/backend-defaults': 'Services then are there twice',
  '@backstage/plugin-auth-node': 'A module for sign-in then meets an auth backend of another version',
  '@backstage/plugin-permission-node': 'Rules of permissions then are known to one of them only',
}
const FIRST = '@backstage/plugin-catalog-node'

/** Where npm and yarn put a second copy: below the package that wants another version, or below a workspace. */
const PLACES = ['', 'node_modules/*/', 'node_modules/@*/*/', 'packages/*/', 'plugins/*/']

/** `root`: the folder with `node_modules`. */
export function checkPackages(root: string): Finding[] {
  return Object.keys(SHARED).flatMap(name => copiesOf(name, root))
}

function copiesOf(name: string, root: string): Finding[] {
  const copies = PLACES.flatMap(place => globSync(`${place}node_modules/${name}/package.json`, { cwd: root }))
  const named = [...new Set(copies)].sort().map(path => `${versionIn(join(root, path))} in ${dirname(path)}`)
  const [only, ...others] = named
  if (only === undefined && name !== FIRST) return []
  if (only === undefined)
    return [skipped(name, `it is not installed in ${root}`, '--backstage-root, the folder with its node_modules')]
  if (others.length === 0) return [ok(name, `one copy, ${only}`)]
  return [
    warning(
      name,
      `${named.length} copies: ${named.join('; ')}. ${SHARED[name]}`,
      `one version for all: "overrides" (npm) or "resolutions" (yarn) in Backstage's package.json: { "${name}": "…" }`,
    ),
  ]
}

function versionIn(path: string): string {
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version?: string }
  return version ?? 'of no version'
}
