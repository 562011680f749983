// A whole run of install, promote, rollback or uninstall: look, plan, and with --apply do it and look again.
import type { GhesRequests } from '../../relay/clients/ghes/client.ts'
import { isSetUp } from '../../relay/clients/ghes/refusal.ts'
import { count } from '../../schemas/count.ts'
import { INTERRUPTED, Interrupted } from '../cli/interruption.ts'
import type { LineEdges } from '../cli/process-edges.ts'
import { askAccess, scopeProblem } from '../ghes/access.ts'
import { openAdministratorClient } from '../ghes/client.ts'
import { preReceiveApi } from '../ghes/pre-receive.ts'
import { repositoriesApi } from '../ghes/repositories.ts'
import { apply } from './apply.ts'
import { type InstallConfig, loadInstallConfig } from './config.ts'
import { Failed } from './failed.ts'
import { type Api, type Found, find } from './found.ts'
import { Refused } from './granted.ts'
import { planJson } from './plan-json.ts'
import { reachText } from './reach.ts'
import type { Offer } from './serve.ts'
import type { Plan } from './step.ts'
import { planLines } from './words.ts'

export type PlanOptions = {
  config: string
  apply?: boolean
  /** Nothing is asked. */
  yes?: boolean
  /** The plan as JSON; nothing is done. */
  json?: boolean
  /** 4 where the plan is not empty; nothing is done. */
  drift?: boolean
}

const DRIFT = 4

export type InstallEdges = LineEdges & {
  now: () => number
  wait: (ms: number) => Promise<void>
  interrupted: AbortSignal
  /** Asks the person at the terminal, where there is one. */
  confirm?: (question: string) => Promise<boolean>
}

/** What distinguishes one command from another. */
export type PlannedCommand = {
  name: string
  plan: (config: InstallConfig, found: Found, api: Api) => Plan | Promise<Plan>
  /** Said when there is nothing to do. */
  nothing: string
  /** Of the options: found before GHES is asked anything. */
  problems?: (config: InstallConfig) => string[]
  offer?: Offer
  /** What will be so afterwards, as a clause, where it is not about where the hook runs. */
  after?: string
  /** Scopes that it needs besides, each with its reason. */
  scopes?: Readonly<Record<string, string>>
}

/** 0 planned or done, 1 GHES did not come to it, 2 wrong usage, configuration, token or address, or what was asked cannot be; 4 a plan that is not empty, with `drift`; 130 interrupted. */
export async function planAndApply(
  command: PlannedCommand,
  options: PlanOptions,
  edges: InstallEdges,
): Promise<number> {
  const loaded = loadInstallConfig(options.config, edges.now)
  const problems = loaded.result === 'wrong' ? loaded.problems : (command.problems?.(loaded.config) ?? [])
  if (options.apply === true && (options.json === true || options.drift === true)) {
    edges.sayError('error: --json and --drift are about the plan; expected them without --apply')
    return 2
  }
  if (loaded.result === 'wrong' || problems.length > 0) {
    for (const problem of problems) edges.sayError(`error: ${options.config}: ${problem}`)
    return 2
  }
  const { config } = loaded
  const client = openAdministratorClient(config.ghe, { now: edges.now })
  const requests = untilInterrupted(client, edges.interrupted)
  const api: Api = { preReceive: preReceiveApi(requests), repositories: repositoriesApi(requests) }
  const running: Running = { config, api, edges, reached: undefined }
  try {
    const access = await askAccess(requests, config.ghe)
    if (access.result === 'refused') throw new Refused(access)
    if (access.result === 'wrong') {
      edges.sayError(`error: ${access.problem}`)
      edges.sayError(`hint: ${access.remedy}`)
      return 2
    }
    const lacked = scopeProblem(access.headers, command.scopes ?? {})
    for (const problem of lacked) edges.sayError(`error: ${problem}`)
    return lacked.length > 0 ? 2 : await applyWhenAsked(command, options, running)
  } catch (error) {
    return tellEnd(error, running)
  } finally {
    await Promise.all([client.close(), command.offer?.close()])
  }
}

type Running = {
  config: InstallConfig
  api: Api
  edges: InstallEdges
  /** How many of the steps are done, once they are begun. */
  reached: { done: number; of: number } | undefined
}

/** The same, but no request begins after an interruption. */
function untilInterrupted(client: GhesRequests, interrupted: AbortSignal): GhesRequests {
  const unless = <T>(ask: () => Promise<T>): Promise<T> =>
    interrupted.aborted ? Promise.reject(interrupted.reason) : ask()
  return {
    ask: (route, parameters, read) => unless(() => client.ask(route, parameters, read)),
    list: (route, parameters, readOne) => unless(() => client.list(route, parameters, readOne)),
    query: (text, variables, read) => unless(() => client.query(text, variables, read)),
  }
}

async function applyWhenAsked(command: PlannedCommand, options: PlanOptions, running: Running): Promise<number> {
  const { config, api, edges } = running
  const found = await find(api, config)
  const plan = await command.plan(config, found, api)
  const changes = count(plan.steps.length, 'change')
  if (plan.problems.length > 0) {
    for (const line of planLines({ ...plan, steps: [] })) edges.sayError(line)
    return 2
  }
  const { host } = new URL(config.ghe.apiBaseUrl)
  if (options.json === true) edges.say(JSON.stringify(planJson(command.name, host, found, plan), null, 2))
  else {
    edges.say(`${command.name} on ${host}: ${plan.steps.length === 0 ? command.nothing : changes}`)
    for (const line of planLines(plan)) edges.say(line)
  }
  if (plan.steps.length === 0) return 0
  if (options.apply !== true) {
    if (options.json !== true) edges.say('Nothing was changed; --apply does it.')
    return options.drift === true ? DRIFT : 0
  }
  if (edges.confirm && options.yes !== true) {
    const reach = command.after ?? (await reachText(api, found, plan.steps))
    if (!(await edges.confirm(`Do this on ${host}? After it ${reach}. [y/N] `))) {
      edges.say('Nothing was changed.')
      return 0
    }
  }
  edges.say('')
  const serve = async (file: string) => {
    if (!command.offer) throw new Error('a tarball of this machine was to be offered without --serve')
    return command.offer.offer(file)
  }
  const reached = { done: 0, of: plan.steps.length }
  running.reached = reached
  await apply(api, found, plan.steps, { ...edges, serve, done: () => void reached.done++ })
  return verify(command, running)
}

/** Looks again: a plan made of what GHES now shows must have nothing left to do. */
async function verify(command: PlannedCommand, { config, api, edges }: Running): Promise<number> {
  const left = await command.plan(config, await find(api, config), api)
  if (left.steps.length === 0 && left.problems.length === 0) {
    edges.say('Done, and read back: GHES shows all of it.')
    return 0
  }
  edges.sayError('error: GHES took every change, but does not show all of them:')
  for (const line of planLines({ ...left, notes: [] })) edges.sayError(line)
  edges.sayError('hint: somebody else may be changing the same; run the same command again')
  return 1
}

/** Why it ended early, how far it came, and how it goes on. */
function tellEnd(error: unknown, { edges, reached }: Running): number {
  const { sayError } = edges
  const far = reached === undefined ? 'nothing was changed' : `${reached.done} of ${count(reached.of, 'change')} done`
  if (error instanceof Interrupted) {
    sayError(`interrupted: ${far}; the same command goes on from there`)
    return INTERRUPTED
  }
  if (!(error instanceof Refused || error instanceof Failed)) throw error
  const { message, remedy } = error instanceof Refused ? error.refusal : error
  sayError(`error: ${message}`)
  sayError(`hint: ${remedy}`)
  if (reached !== undefined) sayError(`${far}; the same command goes on from there`)
  return error instanceof Refused && isSetUp(error.refusal.kind) ? 2 : 1
}
