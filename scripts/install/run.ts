// A whole run of install, promote, rollback or uninstall: look, plan, and with --apply do it and look again.
import { openGhesClient } from '../ghes/client.ts'
import { preReceiveApi } from '../ghes/pre-receive.ts'
import type { RefusalKind } from '../ghes/refusal.ts'
import { repositoriesApi } from '../ghes/repositories.ts'
import { apply } from './apply.ts'
import { type InstallConfig, loadInstallConfig } from './config.ts'
import { Failed } from './failed.ts'
import { type Api, type Found, find } from './found.ts'
import { Refused } from './granted.ts'
import type { Offer } from './serve.ts'
import type { Plan } from './step.ts'
import { planLines } from './words.ts'

export type RunOptions = { config: string; apply?: boolean }

export type RunWorld = {
  /** The plan and what became of it. */
  say: (line: string) => void
  /** What is wrong. */
  sayError: (line: string) => void
  now: () => number
  wait: (ms: number) => Promise<void>
}

/** What distinguishes one command from another. */
export type Command = {
  name: string
  plan: (config: InstallConfig, found: Found) => Plan | Promise<Plan>
  /** Said when there is nothing to do. */
  nothing: string
  /** Of the options: found before GHES is asked anything. */
  problems?: (config: InstallConfig) => string[]
  offer?: Offer
}

/** 0 planned or done, 1 GHES did not come to it, 2 wrong usage, configuration, token or address, or what was asked cannot be. */
export async function run(command: Command, options: RunOptions, world: RunWorld): Promise<number> {
  const loaded = loadInstallConfig(options.config, world.now)
  const problems = loaded.result === 'wrong' ? loaded.problems : (command.problems?.(loaded.config) ?? [])
  if (loaded.result === 'wrong' || problems.length > 0) {
    for (const problem of problems) world.sayError(`error: ${options.config}: ${problem}`)
    return 2
  }
  const { config } = loaded
  const { apiBaseUrl, token, ca } = config.ghe
  const client = openGhesClient({ baseUrl: apiBaseUrl, token, now: world.now, ...(ca === undefined ? {} : { ca }) })
  const api: Api = { preReceive: preReceiveApi(client), repositories: repositoriesApi(client) }
  try {
    return await planAndApply(command, options, { config, api, world })
  } catch (error) {
    if (error instanceof Refused) return tellRefusal(error, world)
    if (!(error instanceof Failed)) throw error
    world.sayError(`error: ${error.message}`)
    world.sayError(`hint: ${error.remedy}`)
    return 1
  } finally {
    await Promise.all([client.close(), command.offer?.close()])
  }
}

type Running = { config: InstallConfig; api: Api; world: RunWorld }

async function planAndApply(command: Command, options: RunOptions, running: Running): Promise<number> {
  const { config, api, world } = running
  const found = await find(api, config)
  const plan = await command.plan(config, found)
  const count = plan.steps.length === 1 ? '1 change' : `${plan.steps.length} changes`
  if (plan.problems.length > 0) {
    for (const line of planLines({ ...plan, steps: [] })) world.sayError(line)
    return 2
  }
  world.say(
    `${command.name} on ${new URL(config.ghe.apiBaseUrl).host}: ${plan.steps.length === 0 ? command.nothing : count}`,
  )
  for (const line of planLines(plan)) world.say(line)
  if (plan.steps.length === 0) return 0
  if (options.apply !== true) {
    world.say('Nothing was changed; --apply does it.')
    return 0
  }
  world.say('')
  const serve = async (file: string) => {
    if (!command.offer) throw new Error('a tarball of this machine was to be offered without --serve')
    return command.offer.offer(file)
  }
  await apply(api, found, plan.steps, { ...world, serve })
  return verify(command, running)
}

/** Looks again: a plan made of what GHES now shows must have nothing left to do. */
async function verify(command: Command, { config, api, world }: Running): Promise<number> {
  const left = await command.plan(config, await find(api, config))
  if (left.steps.length === 0 && left.problems.length === 0) {
    world.say('Done, and read back: GHES shows all of it.')
    return 0
  }
  world.sayError('error: GHES took every change, but does not show all of them:')
  for (const line of planLines({ ...left, notes: [] })) world.sayError(line)
  world.sayError('hint: somebody else may be changing the same; run the same command again')
  return 1
}

/** What somebody has to put right here, as against what may do better later. */
const setUp = new Set<RefusalKind>(['token', 'permission', 'not-found', 'address', 'tls', 'dns'])

function tellRefusal({ refusal }: Refused, world: RunWorld): number {
  world.sayError(`error: ${refusal.message}`)
  world.sayError(`hint: ${refusal.remedy}`)
  return setUp.has(refusal.kind) ? 2 : 1
}
