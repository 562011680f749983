// catalog-gate install, promote, rollback, uninstall: what each plans, and its options.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { interruption } from '../cli/interruption.ts'
import { processLines } from '../cli/process-edges.ts'
import { DELETE_SCOPE } from '../ghes/token.ts'
import type { InstallConfig } from './config.ts'
import { type InstallEdges, type PlanOptions, planAndApply } from './plan-and-apply.ts'
import { planRollback, planUninstall } from './plan-back.ts'
import { FIRST_STAGE, type Goal, planInstall, planPromote } from './plan-install.ts'
import { planPause, planResume } from './plan-pause.ts'
import { type BuiltRelease, builtRelease } from './release.ts'
import { type Offer, openOffer, parseServeAddress } from './serve.ts'
import type { Plan } from './step.ts'
import { mayHoldSecret } from './tarball-secret.ts'

/** Those of the process, made once: they hear its signals. */
export function installEdges(): InstallEdges {
  const interrupted = interruption()
  return {
    ...processLines,
    now: Date.now,
    // What was waited for is looked at again, and there an interruption is heard of.
    wait: async ms => void (await wait(ms, undefined, { signal: interrupted }).catch(() => undefined)),
    interrupted,
    ...(process.stdin.isTTY && process.stdout.isTTY ? { confirm: question => ask(question, interrupted) } : {}),
  }
}

/** Anything but yes is no; so are the end of the input and Ctrl-C. */
async function ask(question: string, interrupted: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  // readline takes Ctrl-C off the terminal; it is handed on to whoever listens for the signal.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return /^y(es)?$/i.test((await terminal.question(question, { signal: interrupted })).trim())
  } catch (error) {
    interrupted.throwIfAborted()
    // Ctrl-D
    if (error instanceof Error && error.name === 'AbortError') return false
    throw error
  } finally {
    terminal.close()
  }
}

export type InstallOptions = PlanOptions & {
  /** The stage that it may go to. */
  to?: string
  serve?: string
  serveCert?: string
  serveKey?: string
  /** Over plain HTTP, though it holds a secret. */
  servePlain?: boolean
}

export async function install(options: InstallOptions, edges: InstallEdges): Promise<number> {
  const serving = openServing(options, edges)
  if ('problems' in serving) {
    for (const problem of serving.problems) edges.sayError(`error: ${problem}`)
    return 2
  }
  let release: BuiltRelease | undefined
  return planAndApply(
    {
      name: 'install',
      nothing: 'nothing to do, all of it is there',
      problems: ({ environment, rollout }) => [
        ...stageProblems(rollout, options.to),
        ...(environment.source === 'url' && serving.offer
          ? [
              '--serve: environment.imageUrl says where the tarball is; expected environment.file instead, or no --serve',
            ]
          : []),
      ],
      plan: async (config, found) => {
        // Read once: what is verified at the end is what was planned.
        release ??= await builtRelease(config)
        const plan = planInstall(config, release, found, stageOf(config, options.to) ?? FIRST_STAGE)
        const problems = await servingProblems(plan, options)
        return { ...plan, problems: [...plan.problems, ...problems] }
      },
      ...(serving.offer ? { offer: serving.offer } : {}),
    },
    options,
    edges,
  )
}

function stageProblems(rollout: InstallConfig['rollout'], to: string | undefined): string[] {
  const known = rollout.map(({ name }) => name)
  if (to === undefined || known.includes(to)) return []
  return [`--to: there is no step "${to}" in rollout; expected ${known.join(', ')}`]
}

function stageOf({ rollout }: InstallConfig, to: string | undefined): number | undefined {
  return to === undefined ? undefined : rollout.findIndex(({ name }) => name === to)
}

const UNSERVED = 'environment.file: expected --serve HOST:PORT, by which the appliance fetches it from this machine'

async function servingProblems({ steps }: Plan, options: InstallOptions): Promise<string[]> {
  const file = steps.flatMap(step =>
    step.do === 'download' && step.tarball.from === 'us' ? [step.tarball.file] : [],
  )[0]
  if (file === undefined) return []
  if (options.serve === undefined) return options.apply === true ? [UNSERVED] : []
  if (options.serveCert !== undefined || options.servePlain === true || !(await mayHoldSecret(file))) return []
  return [
    `--serve: ${file} holds the relay's secret, and whoever reads the network on the way would have it; expected --serve-cert and --serve-key (HTTPS), or --serve-plain where that network is yours alone`,
  ]
}

export type PromoteOptions = PlanOptions & { to?: string; undo?: boolean }

export function promote(options: PromoteOptions, edges: InstallEdges): Promise<number> {
  return planAndApply(
    {
      name: options.undo === true ? 'promote --undo' : 'promote',
      nothing:
        options.undo === true ? 'nothing to do, nothing is enabled' : 'nothing to do, it is enabled there already',
      problems: ({ rollout }) => {
        if (options.undo === true && options.to !== undefined) return ['--undo and --to do not go together']
        return stageProblems(rollout, options.to)
      },
      plan: (config, found) => planPromote(config, found, goalOf(config, options)),
    },
    options,
    edges,
  )
}

function goalOf(config: InstallConfig, { to, undo }: PromoteOptions): Goal {
  if (undo === true) return { goal: 'testing' }
  return { goal: 'promote', stage: stageOf(config, to) ?? config.rollout.length - 1 }
}

export function rollback(options: PlanOptions, edges: InstallEdges): Promise<number> {
  return planAndApply({ name: 'rollback', nothing: 'nothing to do', plan: planRollback }, options, edges)
}

export type PauseOptions = PlanOptions & { reason: string }

export function pause({ reason, ...options }: PauseOptions, edges: InstallEdges): Promise<number> {
  const why = { at: new Date(edges.now()).toISOString(), reason: reason.trim() }
  return planAndApply(
    {
      name: 'pause',
      nothing: 'nothing to do, it is paused already',
      after: 'no push is refused anywhere, and what is wrong is only told',
      problems: () =>
        why.reason === '' || why.reason.length > 300 || /[^\P{C}]/u.test(why.reason)
          ? ['--reason: expected one line that says why, of 300 characters at the most']
          : [],
      plan: (config, found, api) => planPause(config, found, api, why),
    },
    options,
    edges,
  )
}

export function resume(options: PlanOptions, edges: InstallEdges): Promise<number> {
  return planAndApply(
    {
      name: 'resume',
      nothing: 'nothing to do, it is not paused',
      after: 'pushes are refused again, wherever the hook is enabled',
      plan: planResume,
    },
    options,
    edges,
  )
}

export type UninstallOptions = PlanOptions & { deleteRepository?: boolean }

export function uninstall(options: UninstallOptions, edges: InstallEdges): Promise<number> {
  const deleteRepository = options.deleteRepository === true
  return planAndApply(
    {
      name: 'uninstall',
      nothing: 'nothing to do, nothing of ours is there',
      plan: (config, found) => planUninstall(config, found, { deleteRepository }),
      ...(deleteRepository ? { scopes: DELETE_SCOPE } : {}),
    },
    options,
    edges,
  )
}

function openServing(options: InstallOptions, edges: InstallEdges): { offer?: Offer } | { problems: string[] } {
  const { serve, serveCert, serveKey } = options
  if ((serveCert === undefined) !== (serveKey === undefined))
    return { problems: ['--serve-cert and --serve-key: expected both, or none'] }
  if (serve === undefined)
    return serveCert === undefined ? {} : { problems: ['--serve-cert: expected --serve as well'] }
  const address = parseServeAddress(serve)
  if ('problem' in address) return { problems: [address.problem] }
  if (serveCert === undefined || serveKey === undefined) return { offer: openOffer({ ...address, say: edges.say }) }
  try {
    const tls = { cert: readFileSync(serveCert, 'utf8'), key: readFileSync(serveKey, 'utf8') }
    return { offer: openOffer({ ...address, tls, say: edges.say }) }
  } catch (error) {
    return { problems: [`--serve-cert, --serve-key: ${error instanceof Error ? error.message : error}`] }
  }
}
