// catalog-gate.json in the hook repository: what is installed, and what was before. All that a roll-back needs stands there, none of it here.

export const MANIFEST = 'catalog-gate.json'

/** Which contents belong to which environment. `files`: git's id of each file, by path. */
export type Release = { version: string; environment: string; files: Record<string, string> }

export type Manifest = Release & {
  /** Where a roll-back goes. */
  previous?: Release
  /** Set by a roll-back: what was left. There is no previous then, so that a second roll-back goes nowhere. */
  rolledBackFrom?: Release
}

export function writeManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** `undefined` when it is not ours, or was edited beyond recognition. */
export function readManifest(text: string): Manifest | undefined {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return undefined
  }
  const current = releaseIn(data)
  if (!current) return undefined
  const { previous, rolledBackFrom } = data as { previous?: unknown; rolledBackFrom?: unknown }
  const [before, left] = [releaseIn(previous), releaseIn(rolledBackFrom)]
  return { ...current, ...(before ? { previous: before } : {}), ...(left ? { rolledBackFrom: left } : {}) }
}

function releaseIn(data: unknown): Release | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { version, environment, files } = data as { [name: string]: unknown }
  if (typeof version !== 'string' || typeof environment !== 'string') return undefined
  if (typeof files !== 'object' || files === null || Object.values(files).some(id => typeof id !== 'string')) {
    return undefined
  }
  return { version, environment, files: files as Record<string, string> }
}

export function sameRelease(a: Release, b: Release): boolean {
  const ids = ({ files }: Release) =>
    JSON.stringify(Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1)))
  return a.environment === b.environment && ids(a) === ids(b)
}
