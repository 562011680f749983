// A whole run of a hook as one function: what was pushed goes in, what the pusher sees and the verdict come out.
import type { Profile } from '../../schemas/profile.ts'
import { type Checker, openChecker } from '../catalog/check-files.ts'
import type { Rules } from '../catalog/file.ts'
import { TREE_CODES } from '../catalog/tree-findings.ts'
import { type CatalogNames, catalogNames } from '../config/catalog-names.ts'
import type { Deadline } from '../config/deadline.ts'
import { type HookConfig, modeFor } from '../config/hook-config.ts'
import { tellRelay } from '../notify/tell.ts'
import { type Handover, type PushedRef, readHandover } from '../push/handover.ts'
import { readBypass } from '../push/options.ts'
import { type CheckedRef, checkRefs, judgeInTree } from './check-refs.ts'
import { readContents, treesOf } from './contents.ts'
import type { HookEdges, HookSettings } from './hook-edges.ts'
import { acceptedUpdates } from './notification.ts'
import { type PlannedRef, type PlanSettings, planRefs } from './plan.ts'
import { runGuarded } from './time-limit.ts'
import { isRefused, type ReportSettings, verdict } from './verdict.ts'

const NO_KINDS: Profile = { name: 'none', kinds: [] }

/** 0 accepts, 1 rejects. Rejects only for a diagnosed error in the pushed files; a bug throws, and the entry turns that into 0. */
export async function runHook(settings: HookSettings, edges: HookEdges): Promise<0 | 1> {
  const { config } = settings
  const { deadline, env, write } = edges
  const connection = edges.connect()
  const handover = await readHandover(edges.input, config.limits.fileBytes)
  const repository = env['GITHUB_REPO_NAME'] ?? ''
  const bypass = readBypass(env, config.enforce.bypass)

  const names = catalogNames(config.catalog)
  const { planned, notes } = planRefs(handover, planSettings(settings, names, repository, edges.now()))
  const budget = { isOver: deadline.isOver, run: (work: () => void) => runGuarded(work, deadline.leftMs()) }
  const checker = openChecker(rulesOf(settings, repository, handover.refs), names, budget)
  const found = await checkPlanned(planned, handover, checker, settings, edges)

  const inTree = () => judgeInTree(found.checked, checker, deadline.isOver)
  const tell = () => {
    const pushedBy = { repository, pusher: env['GITHUB_USER_LOGIN'] ?? '', bypass }
    return deliver(connection, found.checked, pushedBy, config, deadline)
  }
  // What needs the tree is waited for where it can refuse the push; else the relay is told meanwhile.
  const first = TREE_CODES.some(code => config.enforce.rules[code] === 'error') ? await inTree() : undefined
  const delivery = isRefused(first?.judged ?? found.checked, bypass) ? undefined : tell()
  const last = first ?? (await inTree())

  const allNotes = [...notes, ...found.notes, ...last.notes]
  const { text, rejected } = verdict(last.judged, bypass, allNotes, reportSettings(config, env))
  write(text)
  if (rejected && typeof connection === 'object') connection.close()
  if (!rejected && delivery !== undefined) write(await delivery)
  return rejected ? 1 : 0
}

async function checkPlanned(
  planned: readonly PlannedRef[],
  { blobs, named }: Handover,
  checker: Checker,
  { config }: HookSettings,
  { git, deadline }: HookEdges,
): ReturnType<typeof checkRefs> {
  const readEdges = { git, deadline, maxBytes: config.limits.fileBytes }
  const contents = await readContents(planned, blobs, readEdges)
  const treeOf = treesOf(planned, named, contents, readEdges)
  return checkRefs(planned, { checker, contents, treeOf, followLocations: config.catalog.followLocations })
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
  const waitMs = Math.min(relay?.waitMs ?? 0, Math.max(50, deadline.leftMs()))
  return tellRelay(connection, acceptedUpdates(refs, pushedBy), waitMs)
}

function planSettings(
  { config, profile }: HookSettings,
  names: CatalogNames,
  repository: string,
  nowMs: number,
): PlanSettings {
  const today = new Date(nowMs).toISOString().slice(0, 10)
  return {
    names,
    followLocations: config.catalog.followLocations,
    maxFiles: config.limits.files,
    modeOf: isDefaultBranch => modeFor(config, repository, isDefaultBranch, today),
    validates: profile !== undefined,
  }
}

function rulesOf({ config, profile }: HookSettings, repository: string, refs: readonly PushedRef[]): Rules {
  return {
    profile: profile ?? NO_KINDS,
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

const reportSettings = ({ enforce, help, limits }: HookConfig, env: NodeJS.ProcessEnv): ReportSettings => ({
  maxProblems: limits.problems,
  pushOption: enforce.bypass === false ? undefined : enforce.bypass.pushOption,
  footer: help.footer,
  isByWeb: (env['GITHUB_VIA'] ?? '') !== '',
})
