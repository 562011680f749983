// Checks the files of a plan within the time there is: those that changed, those that a Location names, and what needs the whole tree.

import { printable } from '../../schemas/printable.ts'
import type { Profile } from '../../schemas/profile.ts'
import { type CheckedFile, checkFile, type Rules } from '../catalog/file.ts'
import { followLocations } from '../catalog/locations.ts'
import { checkTree, TREE_CODES } from '../catalog/tree.ts'
import { type HookConfig, ignoredPathTest } from '../config/hook-config.ts'
import type { Note } from '../diagnostics/note.ts'
import type { Blob } from '../push/batch.ts'
import type { ChangedFile } from '../push/changes.ts'
import type { HookEdges } from './hook-edges.ts'
import { otherYaml, type RefRun } from './plan.ts'
import { runGuarded } from './time-limit.ts'

const NO_KINDS: Profile = { name: 'none', kinds: [] }

/** Fills in what was checked of each ref. What could not be looked at becomes a note. */
export async function checkRuns(
  runs: readonly RefRun[],
  blobs: Map<string, Blob>,
  edges: HookEdges,
  notes: Note[],
): Promise<void> {
  const { config, deadline } = edges
  const rules = rulesOf(edges)
  const done = new Map<string, CheckedFile>()
  const check = (path: string, bytes: Uint8Array, blob?: string): CheckedFile => {
    const key = `${blob}:${path}`
    const checked = (blob !== undefined && done.get(key)) || checkOne(path, bytes, rules, notes)
    if (blob !== undefined) done.set(key, checked)
    return checked
  }
  // Ahead of the guarded part: what cannot be read at all is told as that, however little time is left.
  const readable = runs.flatMap(run =>
    run.files.flatMap(file => {
      const bytes = contentOf(run, file, blobs, config, notes)
      return bytes === undefined ? [] : [{ run, file, bytes }]
    }),
  )
  const work = () => {
    for (const { run, file, bytes } of readable) run.checked.push(check(file.path, bytes, file.blob))
  }
  const end = readable.length === 0 ? 'done' : runGuarded(work, deadline.leftMs())
  for (const run of runs) {
    const looked = new Set([...run.checked, ...notes].map(({ path }) => path))
    const late =
      end === 'done'
        ? []
        : run.files.filter(({ path, change, type }) => change !== 'removed' && type === 'file' && !looked.has(path))
    if (late.length > 0 && run.mode !== 'off')
      notes.push({
        ...(late.length === 1 ? { path: late[0]?.path ?? '' } : {}),
        text: late.length === 1 ? 'was not checked: out of time' : `${late.length} files were not checked: out of time`,
      })
    if (end === 'done' && config.catalog.followLocations && !(await follow(run, blobs, check, edges)))
      notes.push({ text: 'out of time: not every file that a Location names was checked' })
  }
}

/**
 * What only the pushed tree can tell, as warnings unless configured otherwise. Apart from the rest, since it costs a start of git (8 ms):
 * an accepted push tells the relay meanwhile.
 */
export async function checkTrees(
  runs: readonly RefRun[],
  named: ReadonlyMap<string, string>,
  edges: HookEdges,
): Promise<void> {
  const inTree = new Map<string, Map<CheckedFile, CheckedFile>>()
  const rules = rulesOf(edges)
  for (const run of runs) await checkInTree(run, named, inTree, rules, edges)
}

/** Whether what the tree tells can refuse the push. */
export const canTreeRefuse = ({ config }: HookEdges) => TREE_CODES.some(code => config.enforce.rules[code] === 'error')

function rulesOf({ config, profile, env }: HookEdges): Rules {
  const repository = env['GITHUB_REPO_NAME'] ?? ''
  return {
    profile: profile ?? NO_KINDS,
    installation: config.catalog,
    repository: { folder: '', ...(repository ? { fullName: repository } : {}) },
    severities: config.enforce.rules,
    helpUrl: config.help.url,
  }
}

/** Warnings that need the pushed tree. Git is asked only when a file names a relative path; a commit on two branches is asked about once. */
async function checkInTree(
  run: RefRun,
  named: ReadonlyMap<string, string>,
  known: Map<string, Map<CheckedFile, CheckedFile>>,
  rules: Rules,
  { git, deadline }: HookEdges,
): Promise<void> {
  const { after, changes } = run.pushed
  const pushed = new Set(changes.flatMap(({ path, change }) => (change === 'removed' ? [] : [path])))
  const removed = new Set(run.files.flatMap(({ path, change }) => (change === 'removed' ? [path] : [])))
  if (run.mode === 'off' || deadline.isOver()) return
  const exists = async (paths: readonly string[]) => {
    const found = await git.resolvePaths(after, paths, deadline)
    // Out of time, git gives less than there is: then nothing may be called missing.
    return deadline.isOver() ? new Set(paths) : new Set(found.keys())
  }
  const present = run.checked.filter(({ path }) => !removed.has(path))
  const told = known.get(after) ?? new Map<CheckedFile, CheckedFile>()
  known.set(after, told)
  if (present.some(file => !told.has(file))) {
    const checked = await checkTree(present, exists, rules, path => pushed.has(path) || named.has(`${after}:${path}`))
    for (const [i, file] of present.entries()) if (!told.has(file)) told.set(file, checked[i] ?? file)
  }
  run.checked = run.checked.map(file => told.get(file) ?? file)
}

/** A file that our checks cannot cope with costs only itself. */
function checkOne(path: string, bytes: Uint8Array, rules: Rules, notes: Note[]): CheckedFile {
  try {
    return checkFile(path, bytes, rules)
  } catch (error) {
    notes.push({
      path,
      text: `was not checked: an error of ours (${printable(error instanceof Error ? error.message : String(error)).slice(0, 200)})`,
    })
    return { path, text: '', documents: [], diagnostics: [], entities: [] }
  }
}

type Check = (path: string, bytes: Uint8Array, blob?: string) => CheckedFile

/** What there is to check of a changed file; a note when there should be something and is not. */
function contentOf(
  run: RefRun,
  file: ChangedFile,
  blobs: Map<string, Blob>,
  config: HookConfig,
  notes: Note[],
): Uint8Array | undefined {
  const { path, type, change } = file
  const isJudged = change !== 'removed' && run.mode !== 'off'
  const note = (text: string) => {
    if (isJudged) notes.push({ path, text })
    return undefined
  }
  if (type !== 'file') return note(`is a ${type === 'symlink' ? 'symbolic link' : 'submodule'}; it was not checked`)
  const blob = blobs.get(file.blob)
  if (blob === undefined || blob === 'missing') return note('could not be read; it was not checked')
  if (blob === 'too large') return note(`is larger than ${config.limits.fileBytes} bytes; it was not checked`)
  return blob
}

/** Whether it was done in time. */
async function follow(run: RefRun, blobs: Map<string, Blob>, check: Check, edges: HookEdges): Promise<boolean> {
  const { config, git, deadline } = edges
  for (const { path, blob } of otherYaml(run, config)) {
    const bytes = blobs.get(blob)
    if (typeof bytes === 'object') run.others.set(path, bytes)
  }
  const removed = new Set(run.files.filter(({ change }) => change === 'removed').map(({ path }) => path))
  const isIgnored = ignoredPathTest(config)
  let inTime = true
  const guarded = (path: string, bytes: Uint8Array): CheckedFile => {
    let checked: CheckedFile = { path, text: '', documents: [], diagnostics: [], entities: [] }
    const end = deadline.isOver()
      ? 'out of time'
      : runGuarded(() => {
          checked = check(path, bytes)
        }, deadline.leftMs())
    if (end === 'out of time') inTime = false
    return checked
  }
  const followed = await followLocations({
    pushed: run.checked.filter(({ path }) => !removed.has(path)),
    others: run.others,
    baseNames: ['catalog-info.yaml', 'catalog-info.yml'],
    isIgnored,
    check: guarded,
    tree: {
      async read(paths) {
        const ids = await git.resolvePaths(run.pushed.after, paths, deadline)
        const contents = await git.readBlobs([...new Set(ids.values())], config.limits.fileBytes, deadline)
        return new Map(
          [...ids].flatMap(([path, id]) => {
            const bytes = contents.get(id)
            return typeof bytes === 'object' ? [[path, bytes] as const] : []
          }),
        )
      },
    },
  })
  run.checked.push(...followed)
  return inTime
}
