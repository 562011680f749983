// catalog-gate check: the hook's validation on files and folders, for laptops and CI.
//
// Built into dist/check.jsc, a script that starts at once: what only some calls need (reading a configuration, fixes) comes later, or by way of the edges.
import { type Checked, checkFiles } from '../../hooks/catalog/check-files.ts'
import type { Rules } from '../../hooks/catalog/file.ts'
import { withContents } from '../../hooks/catalog/tree.ts'
import { type CatalogNames, catalogNames } from '../../hooks/config/catalog-names.ts'
import type { HookConfig } from '../../hooks/config/hook-config.ts'
import { withOwnKinds } from '../../schemas/own-kinds.ts'
import type { OwnKind } from '../../schemas/profile.ts'
import type { ProcessEdges } from '../cli/process-edges.ts'
import { findCatalogFiles } from './catalog-files.ts'
import { diskTree } from './disk-tree.ts'
import type { FixScope } from './fixes.ts'
import { notLookedAt } from './not-looked-at.ts'
import { type CheckOptions, wrongTogether } from './options.ts'
import { render } from './render.ts'
import { repositoryOf } from './repository-here.ts'
import { nothingOf } from './summary.ts'

/** Exit code: 0 nothing wrong (warnings allowed), 1 errors, or no file where some are expected; 2 wrong usage or configuration. */
export async function check(options: CheckOptions, edges: ProcessEdges): Promise<number> {
  const wrong = wrongTogether(options)
  if (wrong !== undefined) return refuse([wrong], edges)
  const baked = await configFor(options.config, edges)
  if (baked.result === 'wrong') return refuse(baked.problems, edges)
  const { config } = baked
  const lookUp = await lookingUp(options, config, edges)
  if (typeof lookUp === 'string') return refuse([lookUp], edges)
  const names = catalogNames(config.catalog)
  const asked = askedFor(options, edges)
  const found = filesFor(options, asked, names)
  if (found.result === 'unreadable') return refuse(found.problems, edges)

  const rules = await rulesFor(baked, found.paths, edges)
  const progress = startProgress(found.paths.length, edges)
  const disk = diskTree({
    cwd: edges.cwd,
    ...(rules.repository.root === undefined ? {} : { root: rules.repository.root }),
    asked: new Set(found.paths),
    maxBytes: config.limits.fileBytes,
    onRead: progress.step,
  })
  const given = new Map(options.filename === undefined ? [] : [[options.filename, edges.readStdin()]])
  const { followLocations } = config.catalog
  const request = { tree: withContents(disk, given), paths: found.paths, followLocations }
  const first = await checkFiles(request, rules, names)
  progress.end()
  const fixed = await withFixes(first, { request, rules, names }, options, edges)
  const { files, notes } = await lookUp({ ...fixed, request, rules, names, env: edges.env })
  const unseen = notLookedAt(
    found.others,
    [...files, ...notes].flatMap(({ path }) => path ?? []),
  )
  const isNothing = found.paths.length === 0
  // A patch is alone on standard output.
  const write = options.dryRun ? edges.writeError : edges.write
  if (isNothing) (options.format === 'text' ? write : edges.writeError)(nothingOf(asked, options.stdinFiles === true))
  write(render(options.format, files, { notes: [...found.notes, ...notes], unseen }, config))
  if (isNothing) return options.expectFiles === true ? 1 : 0
  return files.some(({ diagnostics }) => diagnostics.some(({ severity }) => severity === 'error')) ? 1 : 0
}

function askedFor({ stdinFiles, paths }: CheckOptions, edges: ProcessEdges): string[] {
  const named = stdinFiles
    ? Buffer.from(edges.readStdin())
        .toString('utf8')
        .split(/[\0\n]/)
    : []
  return [...named.map(line => line.replace(/\r$/, '')).filter(Boolean), ...paths]
}

function filesFor({ filename, stdinFiles }: CheckOptions, asked: string[], names: CatalogNames) {
  if (filename !== undefined) return { result: 'files' as const, paths: [filename], others: [], notes: [] }
  return findCatalogFiles(asked.length === 0 && !stdinFiles ? ['.'] : asked, names)
}

/** With the fixes, where somebody asks for them: applied, or beside each problem. */
async function withFixes(
  checked: Checked,
  scope: FixScope,
  options: CheckOptions,
  edges: ProcessEdges,
): Promise<Checked> {
  const isBeside = options.format === 'json' || options.format === 'sarif'
  const isWell = checked.files.every(({ diagnostics }) => diagnostics.length === 0)
  if (!options.fix && (isWell || !isBeside)) return checked
  const { fixInPlace, withFixesBeside } = await import('./fixes.ts')
  return options.fix ? fixInPlace(checked, scope, options, edges) : withFixesBeside(checked, scope)
}

type Scope = FixScope & Checked & { env: NodeJS.ProcessEnv }

/** How the live catalog is asked; a text: why it cannot be. */
async function lookingUp(
  options: CheckOptions,
  config: HookConfig,
  { cwd, writeError }: ProcessEdges,
): Promise<string | ((scope: Scope) => Promise<Checked>)> {
  if (options.relay === undefined) return async scope => scope
  const { relayFor, withCatalog } = await import('./relay.ts')
  const asked = relayFor(options.relay, options, config, cwd)
  if (asked.result === 'wrong') return asked.problem
  return async ({ files, notes, ...scope }) => {
    const looked = await withCatalog(files, asked.relay, { ...scope, ...scope.request })
    if (looked.trouble !== undefined) writeError(`warning: the catalog was not asked: ${looked.trouble}\n`)
    return { files: looked.files, notes }
  }
}

async function rulesFor(
  { config, kinds }: { config: HookConfig; kinds: OwnKind[] },
  [first = '']: readonly string[],
  edges: ProcessEdges,
): Promise<Rules> {
  const profile =
    config.catalog.profile === 'model'
      ? await import('../../schemas/compiled/model.mjs')
      : await import('../../schemas/compiled/builtin.mjs')
  return {
    profile: withOwnKinds(profile.profile, kinds),
    installation: config.catalog,
    repository: repositoryOf(first, edges),
    severities: config.enforce.rules,
    helpUrl: config.help.url,
  }
}

/** The defaults are compiled by the build: reading any configuration costs 10 ms. */
async function configFor(
  file: string | undefined,
  { readConfig }: ProcessEdges,
): Promise<{ result: 'config'; config: HookConfig; kinds: OwnKind[] } | { result: 'wrong'; problems: string[] }> {
  if (file === undefined && typeof BAKED_CONFIG === 'object')
    return { result: 'config', config: BAKED_CONFIG, kinds: [] }
  return readConfig(file)
}

function refuse(problems: readonly string[], { writeError }: ProcessEdges): number {
  for (const problem of problems) writeError(`error: ${problem}\n`)
  return 2
}

/** A line that is written over, for a person who watches a long list. */
function startProgress(total: number, { isWatched, writeError }: ProcessEdges) {
  if (total < 200 || !isWatched()) return { step: () => undefined, end: () => undefined }
  let done = 0
  return {
    step: () => {
      if (++done % 50 === 0) writeError(`\r${done} of ${total} files checked`)
    },
    end: () => writeError(`\r${' '.repeat(60)}\r`),
  }
}
