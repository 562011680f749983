// A whole run of a hook as one function: what was pushed goes in, what the pusher sees and the verdict come out.
import { printable } from '../../schemas/printable.ts'
import type { Profile } from '../../schemas/profile.ts'
import { type Budget, type Checker, openChecker } from '../catalog/check-files.ts'
import type { Rules } from '../catalog/file.ts'
import { LOOKUP_CODES } from '../catalog/lookup.ts'
import { TREE_CODES } from '../catalog/tree-findings.ts'
import { type CatalogNames, catalogNames } from '../config/catalog-names.ts'
import type { Deadline } from '../config/deadline.ts'
import { type HookConfig, modeFor } from '../config/hook-config.ts'
import type { Note } from '../diagnostics/note.ts'
import { tellRelay } from '../notify/tell.ts'
import { type Handover, type PushedRef, readHandover, readMoreRefs } from '../push/handover.ts'
import { readBypass } from '../push/options.ts'
import { findBefore } from './before.ts'
import type { CheckedRef } from './check-lot.ts'
import { checkRefs, type JudgedRef, judgeInTree } from './check-refs.ts'
import { openComparison } from './compare-refs.ts'
import { openContents, treeIn } from './contents.ts'
import type { CorrectionEdges } from './correction.ts'
import type { HookEdges, HookSettings } from './hook-edges.ts'
import { type Lookup, startLookup } from './lookup.ts'
import { openNews } from './news.ts'
import { acceptedUpdates } from './notification.ts'
import { type PlanSettings, type RankedRef, rankRefs } from './plan.ts'
import { runGuarded } from './time-limit.ts'
import { isRefused, verdict } from './verdict.ts'

const NO_KINDS: Profile = { name: 'none', kinds: [] }

/** 0 accepts, 1 rejects. Rejects only for a diagnosed error in the pushed files; a bug throws, and the entry turns that into 0. */
export async function runHook(settings: HookSettings, edges: HookEdges): Promise<0 | 1> {
  const { config, gate } = settings
  const { deadline, env, write } = edges
  const connection = edges.connect()
  const handover = await readAll(edges, config.limits.fileBytes)
  const repository = env['GITHUB_REPO_NAME'] ?? ''
  const bypass = readBypass(env, config.enforce.bypass)

  const names = catalogNames(config.catalog)
  const paused = edges.paused()
  const plan = planSettings(settings, names, repository, edges.now(), paused !== undefined)
  const budget: Budget = {
    isOver: deadline.isOver,
    run: (work, share = 1) => runGuarded(work, Math.min(deadline.leftMs(), share * config.limits.timeMs)),
  }
  const rules = rulesOf(settings, repository, handover.refs)
  const checker = openChecker(rules, names, budget)
  const found = await checkRanked(rankRefs(handover.refs, plan), handover, plan, checker, config, edges)
  const ask = () => startLookup(found.checked, { connection, relay: config.relay, rules, checker, budget, deadline })
  // What can refuse the push is asked first, and all else behind the notification, which is not held up by it then.
  const isStrict = [...TREE_CODES, ...LOOKUP_CODES].some(code => config.enforce.rules[code] === 'error')
  const ahead = isStrict ? ask() : undefined
  const newsOf = openNews(edges)
  const { refs: checked, notes } = await newsOf(found.checked)

  const inTree = async (lookup: Lookup | undefined) => {
    const judged = await judgeInTree(checked, checker, deadline.isOver)
    // Whoever has an error to correct needs no advice on top.
    const isAdvised = lookup !== undefined && !isRefused(judged.judged, bypass)
    const looked = isAdvised ? await lookup.look(judged.judged) : judged.judged
    const news = await newsOf(looked)
    return { judged: news.refs, notes: [...judged.notes, ...news.notes] }
  }
  const pushedBy = { repository, pusher: env['GITHUB_USER_LOGIN'] ?? '', bypass }
  const tell = () => deliver(connection, checked, pushedBy, config, deadline)
  // What needs the tree, or the catalog, is waited for where it can refuse the push; else the relay is told meanwhile.
  const first = isStrict ? await inTree(ahead) : undefined
  const refused = isRefused(first?.judged ?? checked, bypass)
  // In testing GHES lets the push land all the same; the relay looks whether it has.
  const inTesting = refused && edges.isInTesting(repository)
  const delivery = refused && !inTesting ? undefined : ahead === undefined ? tell() : ahead.done.then(tell)
  const last = first ?? (await inTree(refused ? undefined : ask()))

  const allNotes = [...notesOf(handover), ...found.notes, ...notes, ...last.notes]
  const wasThere = await findBefore(last.judged, found.before)
  const reports = {
    ...reportSettings(config, env),
    refusesDefault: plan.modeOf(true) === 'enforce',
    wasThere,
    paused,
    inTesting,
  }
  const { text, rejected } = verdict(last.judged, bypass, allNotes, reports)
  write(text)
  if (rejected && gate !== undefined && !reports.isByWeb)
    write(await correction(last.judged, checked, { ...gate, checker, deadline, config }))
  if (rejected && !inTesting && typeof connection === 'object') connection.close()
  if ((!rejected || inTesting) && delivery !== undefined) write(await delivery)
  return rejected ? 1 : 0
}

/** A fault of ours in it must not cost the verdict, which stands: an error that is not caught accepts the push. */
async function correction(
  judged: readonly JudgedRef[],
  checked: readonly CheckedRef[],
  {
    config,
    correctionOf,
    ...edges
  }: Pick<CorrectionEdges, 'checker' | 'deadline'> & NonNullable<HookSettings['gate']> & { config: HookConfig },
): Promise<string> {
  const { limits, help } = config
  const trees = new Map(checked.map(({ plan, tree }) => [plan, tree]))
  try {
    const treeOf = ({ plan }: JudgedRef) => trees.get(plan)
    return await correctionOf(judged, { ...edges, treeOf, timeMs: limits.timeMs, fixCommand: help.fixCommand })
  } catch {
    return ''
  }
}

/** Of a push with many refs the prelude reads only the first ones. */
async function readAll({ input, moreRefs }: HookEdges, maxBytes: number): Promise<Handover> {
  const handover = await readHandover(input, maxBytes)
  if (!handover.isMore) return handover
  const more = await readMoreRefs(moreRefs(), handover.defaultRef)
  return {
    ...handover,
    refs: [...handover.refs, ...more.refs],
    unreadable: [...handover.unreadable, ...more.unreadable],
  }
}

const notesOf = ({ unreadable }: Handover): Note[] =>
  unreadable.map(line => ({
    text: `"${printable(line).slice(0, 200)}" of the push could not be read; what it names was not checked`,
  }))

function checkRanked(
  ranked: readonly RankedRef[],
  { blobs, named, tip, aside: ahead }: Handover,
  settings: PlanSettings,
  checker: Checker,
  { catalog, limits }: HookConfig,
  { git, deadline }: HookEdges,
): ReturnType<typeof checkRefs> {
  const readEdges = { git, deadline, maxBytes: limits.fileBytes }
  const contents = openContents(blobs, readEdges)
  const aside = { ahead, pathspecs: catalog.pathspecs.aside, baseNames: catalog.baseNames }
  return checkRefs(ranked, limits.files, {
    checker,
    comparison: openComparison(tip, ranked, { git, deadline, catalog }),
    contents,
    treeOf: treeIn(named, aside, contents, readEdges),
    settings,
    isOver: deadline.isOver,
  })
}

/** What the pusher is to read of it, mostly nothing. */
async function deliver(
  connection: ReturnType<HookEdges['connect']>,
  refs: readonly CheckedRef[],
  pushedBy: Parameters<typeof acceptedUpdates>[1],
  { relay }: HookConfig,
  deadline: Deadline,
): Promise<string> {
  if (connection === undefined) return ''
  if (typeof connection === 'string')
    return `warning: catalog-gate: ${connection}; Backstage learns of this push later\n`
  // A run that has used up its time can still tell the relay, but must not be killed over it.
  const times = { waitMs: relay?.waitMs ?? 0, mostMs: Math.max(50, deadline.leftMs()) }
  return tellRelay(connection, acceptedUpdates(refs, pushedBy), times)
}

function planSettings(
  { config, gate }: HookSettings,
  names: CatalogNames,
  repository: string,
  nowMs: number,
  isPaused: boolean,
): PlanSettings {
  // The first date of a process costs it 0.3 ms.
  const today = config.enforce.repositories.length === 0 ? '' : new Date(nowMs).toISOString().slice(0, 10)
  return {
    names,
    followLocations: config.catalog.followLocations,
    modeOf: isDefaultBranch => {
      const mode = modeFor(config, repository, isDefaultBranch, today)
      return isPaused && mode === 'enforce' ? 'warn' : mode
    },
    validates: gate !== undefined,
  }
}

function rulesOf({ config, gate }: HookSettings, repository: string, refs: readonly PushedRef[]): Rules {
  return {
    profile: gate?.profile ?? NO_KINDS,
    installation: config.catalog,
    repository: { folder: '', ...branchesOf(refs), ...(repository ? { fullName: repository } : {}) },
    severities: config.enforce.rules,
    helpUrl: config.help.url,
  }
}

/** From which branches files may be registered: the default one, as a rule, and those that were pushed. Nothing, where the former is not known. */
function branchesOf(refs: readonly PushedRef[]): { branches?: string[] } {
  const branches = refs.map(({ ref }) => ref.replace('refs/heads/', ''))
  return refs.some(({ isDefaultBranch }) => isDefaultBranch) ? { branches } : {}
}

const reportSettings = ({ enforce, help, limits }: HookConfig, env: NodeJS.ProcessEnv) => ({
  maxProblems: limits.problems,
  pushOption: enforce.bypass === false ? undefined : enforce.bypass.pushOption,
  footer: help.footer,
  isByWeb: (env['GITHUB_VIA'] ?? '') !== '',
})
