// Backstage's packages as they are installed: two copies of one that is to be shared do not hear each other.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Finding, ok, skipped, warning } from './finding.ts'

/** With two of it Backstage's own events on pushes do nothing, and say nothing (measured). */
const SHARED = '@backstage/plugin-catalog-node'

/** Where npm and yarn put a second copy: below the package that wants another version, or below a workspace. */
const PLACES = ['', 'node_modules/*/', 'node_modules/@*/*/', 'packages/*/', 'plugins/*/']

/** `root`: the folder with `node_modules`. */
export function checkPackages(root: string): Finding[] {
  const copies = PLACES.flatMap(place => globSync(`${place}node_modules/${SHARED}/package.json`, { cwd: root }))
  const named = [...new Set(copies)].sort().map(path => `${versionIn(join(root, path))} in ${dirname(path)}`)
  const [only, ...others] = named
  if (only === undefined)
    return [skipped(SHARED, `it is not installed in ${root}`, '--backstage-root, the folder with its node_modules')]
  if (others.length === 0) return [ok(SHARED, `one copy, ${only}`)]
  return [
    warning(
      SHARED,
      `${named.length} copies: ${named.join('; ')}. Events on pushes (catalog.scmEvents) then do nothing, and say nothing`,
      `one version for all: "overrides" (npm) or "resolutions" (yarn) in Backstage's package.json: { "${SHARED}": "…" }`,
    ),
  ]
}

function versionIn(path: string): string {
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version?: string }
  return version ?? 'of no version'
}
