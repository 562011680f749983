// catalog-gate check: the hook's validation on files and folders, for laptops and CI.
//
// Built into dist/check.jsc, a script that starts at once: what only some calls need (reading a configuration) comes by way of the edges.
import { checkFiles } from '../../hooks/catalog/check-files.ts'
import type { CheckedFile, Rules } from '../../hooks/catalog/file.ts'
import { catalogNames } from '../../hooks/config/catalog-names.ts'
import type { HookConfig } from '../../hooks/config/hook-config.ts'
import type { Note } from '../../hooks/diagnostics/note.ts'
import { annotations } from '../../hooks/report/annotations.ts'
import { jsonReport } from '../../hooks/report/json.ts'
import { sarifReport } from '../../hooks/report/sarif.ts'
import { terminalReport } from '../../hooks/report/terminal.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { withOwnKinds } from '../../schemas/own-kinds.ts'
import type { OwnKind } from '../../schemas/profile.ts'
import type { ProcessEdges } from '../cli/process-edges.ts'
import { findCatalogFiles } from './catalog-files.ts'
import { diskTree } from './disk-tree.ts'
import { notLookedAt } from './not-looked-at.ts'
import type { CheckOptions } from './options.ts'
import { repositoryHere } from './repository-here.ts'
import { nothingOf, summaryOf } from './summary.ts'

/** Exit code: 0 nothing wrong (warnings allowed), 1 errors, or no file where some are expected; 2 wrong usage or configuration. */
export async function check(options: CheckOptions, edges: ProcessEdges): Promise<number> {
  const baked = await configFor(options.config, edges)
  if (baked.result === 'wrong') return refuse(baked.problems, edges)
  const { config } = baked
  const names = catalogNames(config.catalog)
  const named = options.stdinFiles
    ? edges
        .readStdin()
        .split(/[\0\n]/)
        .map(line => line.replace(/\r$/, ''))
        .filter(Boolean)
    : []
  const asked = [...named, ...options.paths]
  const found = findCatalogFiles(asked.length === 0 && !options.stdinFiles ? ['.'] : asked, names)
  if (found.result === 'unreadable') return refuse(found.problems, edges)

  const profile =
    config.catalog.profile === 'model'
      ? await import('../../schemas/compiled/model.mjs')
      : await import('../../schemas/compiled/builtin.mjs')
  const repository = repositoryHere(edges.cwd, edges.env)
  const rules: Rules = {
    profile: withOwnKinds(profile.profile, baked.kinds),
    installation: config.catalog,
    repository,
    severities: config.enforce.rules,
    helpUrl: config.help.url,
  }
  const progress = startProgress(found.paths.length, edges)
  const tree = diskTree({
    cwd: edges.cwd,
    ...(repository.root === undefined ? {} : { root: repository.root }),
    asked: new Set(found.paths),
    maxBytes: config.limits.fileBytes,
    onRead: progress.step,
  })
  const { followLocations } = config.catalog
  const { files, notes } = await checkFiles({ tree, paths: found.paths, followLocations }, rules, names)
  progress.end()
  const told = [...files, ...notes].flatMap(({ path }) => path ?? [])
  const unseen = notLookedAt(found.others, told)
  const isNothing = found.paths.length === 0
  if (isNothing)
    (options.format === 'text' ? edges.write : edges.writeError)(nothingOf(asked, options.stdinFiles === true))
  edges.write(render(options.format, files, { notes: [...found.notes, ...notes], unseen }, config))
  if (isNothing) return options.expectFiles === true ? 1 : 0
  return files.some(({ diagnostics }) => diagnostics.some(({ severity }) => severity === 'error')) ? 1 : 0
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

function render(
  format: CheckOptions['format'],
  files: readonly CheckedFile[],
  { notes, unseen }: { notes: readonly Note[]; unseen: readonly Note[] },
  config: HookConfig,
): string {
  if (format === 'json') return jsonReport(files, [...notes, ...unseen])
  if (format === 'sarif') return sarifReport(files, packageJson.version)
  if (format === 'github') return annotations(files)
  const diagnostics = files.flatMap(file => file.diagnostics)
  const texts = new Map(files.map(file => [file.path, file.text]))
  const report = terminalReport({
    headline: 'check',
    rejected: diagnostics.some(({ severity }) => severity === 'error'),
    diagnostics,
    linesOf: path => (texts.get(path) ?? '').split(/\r?\n/),
    notes: [...notes, ...unseen],
    maxProblems: Number.POSITIVE_INFINITY,
    short: false,
    footer: config.help.footer ? [config.help.footer] : [],
  })
  return `${files.length === 0 ? '' : summaryOf(files, notes.length > 0)}${report}`
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
