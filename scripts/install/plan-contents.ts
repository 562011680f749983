// The commit that makes the hook repository hold a release.
import { PAUSE_FILE } from '../../schemas/pause.ts'
import { STAGE_FILE, type Stage, writeStage } from '../../schemas/stage.ts'
import type { Found, FoundRepository } from './found.ts'
import {
  MANIFEST,
  type Manifest,
  type Release,
  releaseName,
  releaseOf,
  sameRelease,
  settingChanges,
  writeManifest,
} from './manifest.ts'
import { README } from './readme-text.ts'
import type { BuiltRelease } from './release.ts'
import type { FileChange, Step } from './step.ts'

type There = FoundRepository & { state: 'there' }

const EXECUTABLE = '100755'

export type Commit = Step & { do: 'commit' }

/** What is installed now, when that is known: by our own manifest, else by the hook that somebody made by hand. */
function installedRelease(found: Found, repository: string, paths: readonly string[]): Release | undefined {
  if (found.repository.state !== 'there') return undefined
  if (found.repository.manifest) return found.repository.manifest
  if (found.hook?.repository.toLowerCase() !== repository.toLowerCase()) return undefined
  const ours = found.repository.entries.filter(({ path, type }) => type === 'blob' && paths.includes(path))
  return {
    version: 'by hand',
    environment: found.hook.environment.name,
    files: Object.fromEntries(ours.map(({ path, id }) => [path, id])),
  }
}

/** Nothing when all of it is there already. */
export function installCommit(
  repository: string,
  release: BuiltRelease,
  found: Found,
  stage: Stage,
): Commit | undefined {
  const there = found.repository.state === 'there' ? found.repository : undefined
  const before = installedRelease(found, repository, Object.keys(release.files))
  const { manifest } = there ?? {}
  const current = releaseOf(release)
  const next: Manifest =
    manifest && sameRelease(manifest, current)
      ? manifest
      : { ...current, ...(before && !sameRelease(before, current) ? { previous: releaseOf(before) } : {}) }
  const files = [
    ...release.hooks.flatMap(({ path, id, bytes }): FileChange[] => {
      const change = changeOf(there, path, id)
      return change ? [{ path, change, give: 'bytes', bytes, id, executable: true }] : []
    }),
    ...removedFiles(there, manifest?.files ?? {}, release.files),
    ...readmeChange(there, release),
    ...stageChange(there, stage),
    ...manifestChange(there, next),
  ]
  if (files.length === 0) return undefined
  if (files.every(({ path }) => path === STAGE_FILE)) return stageCommit(repository, found, stage)[0]
  const settings = before ? settingChanges(before, current) : []
  return { do: 'commit', repository, message: installMessage(next), files, settings, leavesNothing: false }
}

/** Back to the release that the manifest names; its contents are in the repository already. */
export function rollbackCommit(repository: string, there: There, manifest: Manifest, target: Release): Commit {
  const next: Manifest = { ...releaseOf(target), rolledBackFrom: releaseOf(manifest) }
  const files = [
    ...Object.entries(target.files).flatMap(([path, id]): FileChange[] => {
      const change = changeOf(there, path, id)
      return change ? [{ path, change, give: 'id', id, executable: true }] : []
    }),
    ...removedFiles(there, manifest.files, target.files),
    ...manifestChange(there, next),
  ]
  const message = [
    `catalog-gate: rolled back to ${releaseName(target)} in ${target.environment}`,
    '',
    `Catalog-Gate-Environment: ${target.environment}`,
    `Catalog-Gate-Rolled-Back-From: ${manifest.environment}`,
  ].join('\n')
  return { do: 'commit', repository, message, files, settings: settingChanges(manifest, target), leavesNothing: false }
}

const ourFiles = (there: There) => [
  ...Object.keys(there.manifest?.files ?? {}),
  MANIFEST,
  PAUSE_FILE,
  STAGE_FILE,
  ...(there.readmeIsOurs ? [README] : []),
]

/** All that is ours goes; nothing when there is nothing of ours. */
export function uninstallCommit(repository: string, there: There): Commit | undefined {
  const ours = ourFiles(there)
  // Without a manifest nothing was installed: a README alone may be GitHub's own.
  const going = there.manifest ? there.entries.filter(({ path }) => ours.includes(path)) : []
  if (going.length === 0) return undefined
  return {
    do: 'commit',
    repository,
    message: 'catalog-gate: uninstalled',
    files: going.map(({ path }) => ({ path, change: 'removed', give: 'nothing' })),
    settings: [],
    leavesNothing: going.length === there.entries.length,
  }
}

/** Whether a repository holds nothing but what `install` has put there. */
export function holdsOnlyOurs(there: There): boolean {
  const ours = ourFiles(there)
  return there.entries.every(({ path }) => ours.includes(path))
}

function changeOf(there: There | undefined, path: string, id: string): 'added' | 'changed' | undefined {
  const entry = there?.entries.find(one => one.path === path)
  if (!entry) return 'added'
  return entry.id === id && entry.mode === EXECUTABLE ? undefined : 'changed'
}

function removedFiles(there: There | undefined, before: Release['files'], after: Release['files']): FileChange[] {
  return Object.keys(before)
    .filter(path => !(path in after) && there?.entries.some(entry => entry.path === path))
    .map(path => ({ path, change: 'removed', give: 'nothing' }))
}

function readmeChange(there: There | undefined, { readme }: BuiltRelease): FileChange[] {
  const entry = there?.entries.find(({ path }) => path === README)
  if (there && (!there.readmeIsOurs || entry?.id === readme.id)) return []
  const change = entry ? 'changed' : 'added'
  return [{ path: README, change, give: 'text', text: readme.bytes.toString('utf8') }]
}

/** So that hooks know where GHES lets a push land whatever they say; nothing where no release is. */
export function stageCommit(repository: string, found: Found, stage: Stage): Commit[] {
  if (found.repository.state !== 'there' || !found.repository.manifest) return []
  const files = stageChange(found.repository, stage)
  const message = 'catalog-gate: where it is enforced'
  return files.length === 0 ? [] : [{ do: 'commit', repository, message, files, settings: [], leavesNothing: false }]
}

function stageChange(there: There | undefined, stage: Stage): FileChange[] {
  const text = writeStage(stage)
  if (there?.stage === text) return []
  const change = there?.stage === undefined ? 'added' : 'changed'
  return [{ path: STAGE_FILE, change, give: 'text', text }]
}

function manifestChange(there: There | undefined, next: Manifest): FileChange[] {
  if (there?.manifest && writeManifest(there.manifest) === writeManifest(next)) return []
  const change = there?.entries.some(({ path }) => path === MANIFEST) ? 'changed' : 'added'
  return [{ path: MANIFEST, change, give: 'text', text: writeManifest(next) }]
}

const installMessage = ({ previous, ...release }: Manifest) =>
  [
    `catalog-gate ${releaseName(release)}`,
    '',
    `Catalog-Gate-Environment: ${release.environment}`,
    ...(previous ? [`Catalog-Gate-Previous-Environment: ${previous.environment}`] : []),
  ].join('\n')
