// A whole run of a hook as one function: what was pushed and the world go in, what the pusher sees and the verdict come out.
import type { Profile } from '../schemas/profile.ts'
import { type CheckedFile, checkFile, type Rules } from './catalog/file.ts'
import { checkTree } from './catalog/tree.ts'
import { catalogPathTest, type HookConfig, ignoredPathTest, modeFor } from './config.ts'
import type { Deadline } from './deadline.ts'
import { runGuarded } from './guard.ts'
import type { Connection } from './notify/connection.ts'
import { messageFor, referencesOf } from './notify/message.ts'
import type { Blob } from './push/batch.ts'
import type { ChangedFile } from './push/changes.ts'
import type { Git } from './push/git.ts'
import { type PushedRef, readHandover } from './push/handover.ts'
import { followLocations } from './push/locations.ts'
import { type Bypass, readBypass } from './push/options.ts'
import type { Diagnostic } from './report/diagnostic.ts'
import { type Note, terminalReport } from './report/terminal.ts'
import { printable } from './report/wording.ts'

export type World = {
  config: HookConfig
  /** The kinds to validate against; undefined in the hook that only notifies. */
  profile: Profile | undefined
  input: AsyncIterable<Uint8Array>
  env: NodeJS.ProcessEnv
  git: Git
  deadline: Deadline
  now: () => number
  /** Starts connecting to the relay; undefined when none is configured, a text when its set-up is wrong. */
  connect: () => Connection | string | undefined
  write: (text: string) => void
}

/** One ref with what became of its files. */
type RefRun = {
  pushed: PushedRef
  mode: 'enforce' | 'warn' | 'off'
  files: ChangedFile[]
  checked: CheckedFile[]
  others: Map<string, Uint8Array>
}

const NO_KINDS: Profile = { name: 'none', kinds: [] }

/** 0 accepts, 1 rejects. Rejects only for a diagnosed error in the pushed files; a bug throws, and the entry turns that into 0. */
export async function runHook(world: World): Promise<0 | 1> {
  const { config, env, write } = world
  const connection = world.connect()
  const handover = await readHandover(world.input, config.limits.fileBytes)
  const repository = env['GITHUB_REPO_NAME'] ?? ''
  const bypass = readBypass(env, config.enforce.bypass)
  const notes: Note[] = []
  const runs = planRuns(handover.refs, repository, world, notes)
  const blobs = await fetchBlobs(runs, handover.blobs, world)
  await checkRuns(runs, blobs, repository, world, notes)

  const { text, rejected } = verdict(runs, bypass, world, notes)
  write(text)
  if (typeof connection === 'object') {
    if (rejected) connection.close()
    else await notify(connection, runs, repository, bypass, world)
  } else if (connection !== undefined && !rejected)
    write(`warning: catalog-gate: ${connection}; Backstage learns of this push later\n`)
  return rejected ? 1 : 0
}

/** Which changed files of which ref are looked at, and how much they matter. */
function planRuns(
  refs: readonly PushedRef[],
  repository: string,
  { config, now, profile }: World,
  notes: Note[],
): RefRun[] {
  const isCatalogPath = catalogPathTest(config)
  const today = new Date(now()).toISOString().slice(0, 10)
  let room = config.limits.files
  return refs.flatMap(pushed => {
    if (pushed.changes === undefined) {
      notes.push({ text: `git could not compare ${printable(pushed.ref)}; it was not checked` })
      return []
    }
    const all = pushed.changes.filter(({ path }) => isCatalogPath(path))
    const files = all.slice(0, room)
    room -= files.length
    if (files.length < all.length)
      notes.push({
        text: `only ${files.length} of ${all.length} catalog files in ${printable(pushed.ref)} were checked`,
      })
    const mode = profile ? modeFor(config, repository, pushed.isDefaultBranch, today) : 'off'
    return [{ pushed, mode, files, checked: [], others: new Map() }]
  })
}

/** Other YAML files of the push, which a Location may name. */
function otherYaml({ pushed, files }: RefRun, config: HookConfig): ChangedFile[] {
  if (!config.catalog.followLocations) return []
  const isIgnored = ignoredPathTest(config)
  const taken = new Set(files.map(({ path }) => path))
  return (pushed.changes ?? []).filter(
    ({ path, change, type }) =>
      change !== 'removed' && type === 'file' && /\.ya?ml$/.test(path) && !taken.has(path) && !isIgnored(path),
  )
}

async function fetchBlobs(
  runs: readonly RefRun[],
  prefetched: Map<string, Blob>,
  { config, git, deadline }: World,
): Promise<Map<string, Blob>> {
  const wanted = runs.flatMap(run => [
    ...run.files.filter(({ type }) => type === 'file'),
    ...otherYaml(run, config).slice(0, config.limits.files),
  ])
  const missing = [...new Set(wanted.map(({ blob }) => blob))].filter(id => !prefetched.has(id))
  const fetched = await git.readBlobs(missing, config.limits.fileBytes, deadline)
  return new Map([...prefetched, ...fetched])
}

async function checkRuns(
  runs: readonly RefRun[],
  blobs: Map<string, Blob>,
  repository: string,
  world: World,
  notes: Note[],
): Promise<void> {
  const { config, deadline } = world
  const rules: Rules = {
    profile: world.profile ?? NO_KINDS,
    repository: { ...(repository ? { fullName: repository } : {}) },
    severities: config.enforce.rules,
    helpUrl: config.help.url,
  }
  const done = new Map<string, CheckedFile>()
  const inTree = new Map<string, Map<CheckedFile, CheckedFile>>()
  const check = (path: string, bytes: Uint8Array, blob?: string): CheckedFile => {
    const key = `${blob}:${path}`
    const checked = (blob !== undefined && done.get(key)) || checkOne(path, bytes, rules, notes)
    if (blob !== undefined) done.set(key, checked)
    return checked
  }
  const work = () => {
    for (const run of runs) for (const file of run.files) checkChanged(run, file, blobs, check, config, notes)
  }
  const end = runGuarded(work, deadline.leftMs())
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
    if (end === 'done' && config.catalog.followLocations && !(await follow(run, blobs, check, world)))
      notes.push({ text: 'out of time: not every file that a Location names was checked' })
    await checkInTree(run, inTree, rules, world)
  }
}

/** Warnings that need the pushed tree. Git is asked only when a file names a relative path; a commit on two branches is asked about once. */
async function checkInTree(
  run: RefRun,
  known: Map<string, Map<CheckedFile, CheckedFile>>,
  rules: Rules,
  { git, deadline }: World,
): Promise<void> {
  const { after } = run.pushed
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
    const checked = await checkTree(present, exists, rules)
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

function checkChanged(
  run: RefRun,
  file: ChangedFile,
  blobs: Map<string, Blob>,
  check: Check,
  config: HookConfig,
  notes: Note[],
): void {
  const { path, type, change } = file
  const isJudged = change !== 'removed' && run.mode !== 'off'
  if (type !== 'file') {
    if (isJudged)
      notes.push({ path, text: `is a ${type === 'symlink' ? 'symbolic link' : 'submodule'}; it was not checked` })
    return
  }
  const blob = blobs.get(file.blob)
  if (blob === undefined || blob === 'missing') {
    if (isJudged) notes.push({ path, text: 'could not be read; it was not checked' })
  } else if (blob === 'too large') {
    if (isJudged) notes.push({ path, text: `is larger than ${config.limits.fileBytes} bytes; it was not checked` })
  } else run.checked.push(check(path, blob, file.blob))
}

/** Whether it was done in time. */
async function follow(run: RefRun, blobs: Map<string, Blob>, check: Check, world: World): Promise<boolean> {
  const { config, git, deadline } = world
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

function verdict(
  runs: readonly RefRun[],
  bypass: Bypass,
  world: World,
  notes: Note[],
): { text: string; rejected: boolean } {
  const { config, env } = world
  const bypassed = bypass.result === 'bypass'
  const told = new Set<CheckedFile>()
  const textOf = new Map<Diagnostic, string>()
  // Enforced refs first: a commit that was pushed to two branches is told once, as the stricter one has it.
  const strictFirst = [
    ...runs.filter(({ mode }) => mode === 'enforce'),
    ...runs.filter(({ mode }) => mode !== 'enforce'),
  ]
  const diagnostics = strictFirst.flatMap(run => {
    if (run.mode === 'off' || bypassed) return []
    const removed = new Set(run.files.filter(({ change }) => change === 'removed').map(({ path }) => path))
    return run.checked.flatMap(file => {
      if (removed.has(file.path) || told.has(file)) return []
      told.add(file)
      return file.diagnostics.map(diagnostic => {
        const shown = run.mode === 'warn' ? { ...diagnostic, severity: 'warning' as const } : diagnostic
        textOf.set(shown, file.text)
        return shown
      })
    })
  })
  const rejected = diagnostics.some(d => d.severity === 'error')
  const ordered = [
    ...diagnostics.filter(d => d.severity === 'error'),
    ...diagnostics.filter(d => d.severity === 'warning'),
  ]
  const report = terminalReport({
    rejected,
    diagnostics: ordered,
    linesOf: (_path, diagnostic) => (textOf.get(diagnostic) ?? '').split(/\r?\n/),
    notes: bypassed ? [] : notes,
    maxProblems: config.limits.problems,
    short: isByWeb(env),
    footer: footer(rejected, bypass, world),
  })
  const said =
    bypassed && runs.some(run => run.mode !== 'off')
      ? `warning: catalog-gate was bypassed: ${printable(bypass.reason)}\n`
      : ''
  return { text: said + report, rejected }
}

function footer(rejected: boolean, bypass: Bypass, { config: { enforce, help }, env }: World): string[] {
  const lines: string[] = []
  // The web page and the API have no push options.
  const canBypass = enforce.bypass && !isByWeb(env)
  if (rejected && bypass.result === 'reason missing')
    lines.push(`hint: a bypass needs its reason: git push -o ${bypass.pushOption}='why'`)
  else if (rejected && enforce.bypass && canBypass)
    lines.push(`hint: correct and push again. To bypass: git push -o ${enforce.bypass.pushOption}='why'`)
  if (help.footer) lines.push(help.footer)
  return lines
}

async function notify(
  connection: Connection,
  runs: readonly RefRun[],
  repository: string,
  bypass: Bypass,
  world: World,
): Promise<void> {
  const { config, env, write, deadline } = world
  const messages = runs.flatMap(run => {
    const files = filesOf(run)
    if (files.length === 0) return []
    const { ref, before, after, isDefaultBranch } = run.pushed
    const reason = bypass.result === 'bypass' && run.mode !== 'off' ? { bypass: bypass.reason } : {}
    return [
      messageFor({
        repository,
        ref,
        before,
        after,
        isDefaultBranch,
        pusher: env['GITHUB_USER_LOGIN'] ?? '',
        files,
        ...reason,
      }),
    ]
  })
  if (messages.length === 0) return connection.close()
  if (repository === '') {
    connection.close()
    return write('warning: catalog-gate: GITHUB_REPO_NAME is not set; the relay was not told of this push\n')
  }
  // A run that has used up its time can still tell the relay, but must not be killed over it.
  const delivery = await connection.deliver(
    messages,
    Math.min(config.relay?.waitMs ?? 0, Math.max(50, deadline.leftMs())),
  )
  if (delivery.result === 'stored') return
  const why = {
    unconfirmed: 'the relay did not answer in time',
    refused: `the relay refused the message${delivery.result === 'refused' ? ` (${delivery.status})` : ''}`,
    unreachable: `the relay cannot be reached${delivery.result === 'unreachable' ? ` (${delivery.reason})` : ''}`,
  }[delivery.result]
  write(`warning: catalog-gate: ${why}; Backstage learns of this push later\n`)
}

const isByWeb = (env: NodeJS.ProcessEnv) => (env['GITHUB_VIA'] ?? '') !== ''

function filesOf(run: RefRun) {
  const checked = new Map(run.checked.map(file => [file.path, file]))
  const changed = run.files.map(({ path, change, blob }) => ({ path, change, blob }))
  const followed = [...run.others.keys()]
    .filter(path => checked.has(path))
    .map(path => ({ path, change: 'modified' as const, blob: undefined }))
  const known = new Set(changed.map(({ path }) => path))
  return [...changed, ...followed.filter(({ path }) => !known.has(path))].map(({ path, change, blob }) => {
    const entities = checked.get(path)?.entities ?? []
    const references = change === 'removed' ? [] : referencesOf(path, entities)
    return {
      path,
      change,
      ...(change === 'removed' || blob === undefined ? {} : { blob }),
      ...(entities.length > 0 ? { entities: [...new Set(entities.map(({ ref }) => ref))] } : {}),
      ...(references.length > 0 ? { references } : {}),
    }
  })
}
