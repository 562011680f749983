// A whole run of a hook as one function: what was pushed goes in, what the pusher sees and the verdict come out.
import type { Profile } from '../../schemas/profile.ts'
import { openChecker } from '../catalog/check-files.ts'
import { TREE_CODES } from '../catalog/tree-findings.ts'
import { catalogNames } from '../config/catalog-names.ts'
import { modeFor } from '../config/hook-config.ts'
import { tellRelay } from '../notify/tell.ts'
import { type PushedRef, readHandover } from '../push/handover.ts'
import { readBypass } from '../push/options.ts'
import { type CheckedRef, checkRefs, judgeInTree } from './check-refs.ts'
import { readContents, treesOf } from './contents.ts'
import type { HookEdges, HookSettings } from './hook-edges.ts'
import { acceptedUpdates } from './notification.ts'
import { planRefs } from './plan.ts'
import { runGuarded } from './time-limit.ts'
import { isRefused, verdict } from './verdict.ts'

const NO_KINDS: Profile = { name: 'none', kinds: [] }

/** From which branches files may be registered: the default one, as a rule, and those that were pushed. Nothing, where the former is not known. */
function branchesOf(refs: readonly PushedRef[]): { branches?: string[] } {
  const branches = refs.map(({ ref }) => ref.replace('refs/heads/', ''))
  return refs.some(({ isDefaultBranch }) => isDefaultBranch) ? { branches } : {}
}

/** 0 accepts, 1 rejects. Rejects only for a diagnosed error in the pushed files; a bug throws, and the entry turns that into 0. */
export async function runHook({ config, profile }: HookSettings, edges: HookEdges): Promise<0 | 1> {
  const { deadline, env, git, now, write } = edges
  const { fileBytes: maxBytes, files: maxFiles, problems: maxProblems } = config.limits
  const { followLocations } = config.catalog
  const connection = edges.connect()
  const handover = await readHandover(edges.input, maxBytes)
  const repository = env['GITHUB_REPO_NAME'] ?? ''
  const bypass = readBypass(env, config.enforce.bypass)

  const names = catalogNames(config.catalog)
  const today = new Date(now()).toISOString().slice(0, 10)
  const modeOf = (isDefaultBranch: boolean) => modeFor(config, repository, isDefaultBranch, today)
  const validates = profile !== undefined
  const { planned, notes } = planRefs(handover.refs, { names, followLocations, maxFiles, modeOf, validates })
  const readEdges = { git, deadline, maxBytes }
  const contents = await readContents(planned, handover.blobs, readEdges)
  const treeOf = treesOf(planned, handover.named, contents, readEdges)
  const checker = openChecker(
    {
      profile: profile ?? NO_KINDS,
      installation: config.catalog,
      repository: { folder: '', ...branchesOf(handover.refs), ...(repository ? { fullName: repository } : {}) },
      severities: config.enforce.rules,
      helpUrl: config.help.url,
    },
    names,
    { isOver: deadline.isOver, run: work => runGuarded(work, deadline.leftMs()) },
  )
  const found = await checkRefs(planned, { checker, contents, treeOf, followLocations })

  const inTree = () => judgeInTree(found.checked, checker, deadline.isOver)
  const tell = async (refs: readonly CheckedRef[]) => {
    if (typeof connection !== 'object') return ''
    const updates = acceptedUpdates(refs, { repository, pusher: env['GITHUB_USER_LOGIN'] ?? '', bypass })
    // A run that has used up its time can still tell the relay, but must not be killed over it.
    return tellRelay(connection, updates, Math.min(config.relay?.waitMs ?? 0, Math.max(50, deadline.leftMs())))
  }
  // What needs the tree is waited for where it can refuse the push; else the relay is told meanwhile.
  const first = TREE_CODES.some(code => config.enforce.rules[code] === 'error') ? await inTree() : undefined
  const delivery = isRefused(first?.judged ?? found.checked, bypass) ? undefined : tell(found.checked)
  const last = first ?? (await inTree())

  const { text, rejected } = verdict(last.judged, bypass, [...notes, ...found.notes, ...last.notes], {
    maxProblems,
    pushOption: config.enforce.bypass === false ? undefined : config.enforce.bypass.pushOption,
    footer: config.help.footer,
    isByWeb: (env['GITHUB_VIA'] ?? '') !== '',
  })
  write(text)
  if (typeof connection === 'object') {
    if (rejected) connection.close()
    if (delivery !== undefined) write(await delivery)
  } else if (connection !== undefined && !rejected)
    write(`warning: catalog-gate: ${connection}; Backstage learns of this push later\n`)
  return rejected ? 1 : 0
}
