// catalog-gate.json in the hook repository: what is installed, and what was before. All that a roll-back needs stands there, none of it here.
import { createHash } from 'node:crypto'

export const MANIFEST = 'catalog-gate.json'

/** Which contents belong to which environment. `files`: git's id of each file, by path. */
export type Release = {
  version: string
  environment: string
  files: Record<string, string>
  /** When the hook was built, to the minute: `2026-11-27T19:05Z`. Not known of a release that was made by hand, or long ago. */
  built?: string
  /** What its hook.yaml says, by the path of the setting. */
  settings?: Settings
}

export type Settings = Record<string, unknown>

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
  const { version, environment, files, built, settings } = data as { [name: string]: unknown }
  if (typeof version !== 'string' || typeof environment !== 'string') return undefined
  if (typeof files !== 'object' || files === null || Object.values(files).some(id => typeof id !== 'string')) {
    return undefined
  }
  return {
    version,
    environment,
    files: files as Record<string, string>,
    ...(typeof built === 'string' ? { built } : {}),
    ...(typeof settings === 'object' && settings !== null ? { settings: settings as Settings } : {}),
  }
}

/** Alone, without what was before or after it. */
export const releaseOf = ({ version, environment, files, built, settings }: Release): Release => ({
  version,
  environment,
  files,
  ...(built === undefined ? {} : { built }),
  ...(settings === undefined ? {} : { settings }),
})

export const sameRelease = (a: Release, b: Release): boolean => a.environment === b.environment && idsOf(a) === idsOf(b)

const idsOf = ({ files }: Release) =>
  JSON.stringify(Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1)))

/** So that releases which differ in hook.yaml only can be told apart: `0.1.0, build 1a2b3c4d of 2026-11-27T19:05Z`. */
export function releaseName(release: Release): string {
  const digest = createHash('sha256').update(idsOf(release)).digest('hex').slice(0, 8)
  return `${release.version}, build ${digest}${release.built === undefined ? '' : ` of ${release.built}`}`
}

/** What changes in hook.yaml from one to the other: `enforce.otherBranches: warn -> enforce`. None where one of them is not known. */
export function settingChanges({ settings: from }: Release, { settings: to }: Release): string[] {
  if (from === undefined || to === undefined) return []
  const text = (settings: Settings, key: string) => (key in settings ? JSON.stringify(settings[key]) : 'default')
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .sort()
    .filter(key => text(from, key) !== text(to, key))
    .map(key => `${key}: ${text(from, key)} -> ${text(to, key)}`)
}
