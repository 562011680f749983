// Under which names the catalog may know a file.
import { registrationUrl } from '../../schemas/location-url.ts'
import { decoded, encodedPath } from '../../schemas/url-path.ts'
import { globTest } from '../runtime/globs.ts'

/**
 * The targets under which a file may be registered, likeliest first: `blob` as people and Backstage's GitHub provider write it, then
 * `tree`, as Backstage writes targets that it resolves itself. The name of a Location is a hash of the target verbatim, so letter
 * for letter counts: the provider puts branch and path in as they are, a browser's address bar percent-encodes them. Where the
 * two differ (blanks, "#", non-ASCII), both are tried; where they do not, as nearly always, there is one form.
 */
export function locationTargets(place: Branch & { path: string }): string[] {
  const branch = branchOf(place)
  const verbatim = `${branch}/${place.path}`
  const tails = [verbatim, `${encodedPath(branch)}/${encodedPath(place.path)}`, `${branch}/${encodeURI(place.path)}`]
  return [...new Set(tails.flatMap(tail => urlsAt(place, tail)))]
}

/** A provider with a pattern makes one Location of all files that fit, with the pattern in its name. */
export const patternTargets = (place: Branch & { path: string }, patterns: readonly string[]): string[] =>
  patterns
    .map(pattern => pattern.replace(/^\//, ''))
    .filter(pattern => globTest(pattern, { dot: false })(place.path))
    .flatMap(pattern => urlsAt(place, `${branchOf(place)}/${pattern}`))

/** All that can be said without asking. */
export const knownNames = (
  place: Branch & { path: string },
  { locations }: { locations: readonly string[] },
): string[] => [...locationTargets(place), ...patternTargets(place, locations)]

type Branch = { host: string; repository: string; ref: string }

const branchOf = ({ ref }: Branch) => ref.replace(/^refs\/heads\//, '')

const urlsAt = ({ host, repository }: Branch, tail: string) =>
  ['blob', 'tree'].map(form => `https://${host}/${repository}/${form}/${tail}`)

/** The path, or pattern, that a URL of the catalog names in this branch; undefined when it is of another repository or branch. */
export function placeIn(url: string, place: Branch): string | undefined {
  const parts = /^https?:\/\/([^/]+)\/([^/]+\/[^/]+)\/(?:blob|tree|raw|edit)\/(.*)$/s.exec(decoded(url))
  const [, host = '', repository = '', tail = ''] = parts ?? []
  const isOther = (a: string, b: string) => a.toLowerCase() !== b.toLowerCase()
  if (isOther(host, place.host) || isOther(repository, place.repository)) return undefined
  const branch = [branchOf(place), 'HEAD'].find(name => tail.startsWith(`${name}/`))
  return branch === undefined ? undefined : tail.slice(branch.length + 1)
}

/** The target to register: a URL that any reader of it takes as one. */
export function registrationTarget(place: Branch & { path: string }): string {
  const { host, repository, path } = place
  return registrationUrl({ host, repository, branch: branchOf(place), path })
}
