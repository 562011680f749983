// catalog-gate doctor: all checks side by side, each failure with its remedy.
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { loadConfig, type RelayConfig } from '../../relay/config/relay-config.ts'
import type { LineEdges } from '../cli/process-edges.ts'
import { type InstallConfig, loadInstallConfig } from '../install/config.ts'
import { checkAppConfig } from './app-config/check-app-config.ts'
import { checkBackstage } from './backstage.ts'
import { bounded, type Finding, skipped, warning, wrong } from './finding.ts'
import { checkInstallation } from './installation.ts'
import { checkPackages } from './packages.ts'
import { checkQueue, checkRelay } from './relay.ts'
import { checkSignIn } from './sign-in/check-sign-in.ts'
import { signInOptions } from './sign-in/from-options.ts'
import { checkRelayToken } from './webhooks.ts'

export type DoctorOptions = {
  config?: string
  relay?: string
  relayUrl?: string
  relayCa?: string
  adminUrl?: string
  backstageRoot?: string
  appConfig?: string[]
  hook?: string
  signIn?: string
  backstage?: string
  tokenFile?: string
  caFile?: string
  json?: boolean
}

export type DoctorEdges = LineEdges & {
  env: Record<string, string | undefined>
  cwd: string
  now: () => number
  readFile: (path: string) => string
}

/** 0 all well, warnings allowed; 1 something is wrong; 2 wrong usage, or nothing to look at. */
export async function doctor(options: DoctorOptions, edges: DoctorEdges): Promise<number> {
  if (options.signIn !== undefined) return signIn({ ...options, signIn: options.signIn }, edges)
  const { appConfig = [] } = options
  const isNamed = options.config !== undefined || options.relay !== undefined || appConfig.length > 0
  const { config, relay } = isNamed ? options : lyingHere(edges)
  if (config === undefined && relay === undefined && appConfig.length === 0) {
    edges.sayError(
      `error: neither install.yaml nor relay.yaml is in this folder or in its "site"; --config FILE names what is installed on GHES, --relay FILE the relay, --app-config FILE Backstage's configuration`,
    )
    return 2
  }
  const found = [config, relay].flatMap(path => (path === undefined ? [] : relative(edges.cwd, path)))
  if (!isNamed && options.json !== true) edges.sayError(`note: looking at ${found.join(' and ')}`)
  for (const path of [config, relay, options.hook, ...appConfig]) {
    if (path === undefined || existsSync(path)) continue
    edges.sayError(`error: ${path}: no such file`)
    return 2
  }
  const findings = (
    await Promise.all([
      config === undefined
        ? [skipped('hook', 'what is installed was not looked at', '--config install.yaml')]
        : installation(config, edges),
      relay === undefined
        ? [skipped('relay', 'the relay was not looked at', '--relay relay.yaml, where its secrets can be read')]
        : relayAndBehind(relay, options, edges),
      options.backstageRoot === undefined ? [] : checkPackages(options.backstageRoot),
      appConfig.length === 0 ? [] : bounded('app-config', () => checkAppConfig({ ...options, appConfig }, edges)),
    ])
  ).flat()
  return told(findings, options, edges)
}

function told(findings: readonly Finding[], { json }: DoctorOptions, edges: DoctorEdges): number {
  if (json) edges.say(JSON.stringify({ findings, counts: countsOf(findings) }, null, 2))
  else print(findings, edges)
  return findings.some(({ state }) => state === 'wrong') ? 1 : 0
}

/** Nothing else is looked at then. */
async function signIn(options: DoctorOptions & { signIn: string }, edges: DoctorEdges): Promise<number> {
  const { relay = lyingHere(edges).relay } = options
  const read = signInOptions({ ...options, ...(relay === undefined ? {} : { relay }) }, edges)
  if (read.result === 'wrong') {
    for (const problem of read.problems) edges.sayError(`error: ${problem}`)
    return 2
  }
  return told(await bounded('sign-in', () => checkSignIn(read.options, edges.now)), options, edges)
}

/** Where the guide puts them, and where most stand when they call. */
function lyingHere({ cwd }: DoctorEdges): Pick<DoctorOptions, 'config' | 'relay'> {
  const find = (name: string) => [name, join('site', name)].find(path => existsSync(join(cwd, path)))
  const [config, relay] = [find('install.yaml'), find('relay.yaml')].map(path => path && join(cwd, path))
  return { ...(config ? { config } : {}), ...(relay ? { relay } : {}) }
}

async function installation(path: string, { now }: DoctorEdges): Promise<Finding[]> {
  const loaded = loadInstallConfig(path, now)
  if (loaded.result === 'wrong')
    return loaded.problems.map(problem => wrong('install.yaml', problem, `put it right in ${path}`))
  const config: InstallConfig = loaded.config
  return bounded('GHES', () => checkInstallation(config, now))
}

async function relayAndBehind(path: string, options: DoctorOptions, edges: DoctorEdges): Promise<Finding[]> {
  const { env, now } = edges
  const loaded = loadConfig(path, { env, now, onTrouble: () => undefined })
  if (loaded.result === 'wrong')
    return loaded.problems.map(problem => wrong('relay.yaml', problem, `put it right in ${path}`))
  const { config, warnings } = loaded
  const ca = options.relayCa === undefined ? {} : { ca: edges.readFile(options.relayCa) }
  const url = trimmed(options.relayUrl ?? addressOf(config.listen, config.listen.tls !== undefined))
  const groups = await Promise.all([
    bounded('relay', () => checkRelay(config, { url, ...ca }, now)),
    bounded('ghe.token', () => checkRelayToken(config, now)),
    bounded('Backstage', () => checkBackstage(config, now)),
    bounded('queue', () =>
      checkQueue(
        trimmed(options.adminUrl ?? addressOf(config.admin, false)),
        config.reconcile.organizations.length,
        now,
      ),
    ),
  ])
  return [...warnings.map(text => warning('relay.yaml', text, `put it right in ${path}`)), ...groups.flat()]
}

const trimmed = (url: string) => url.replace(/\/+$/, '')

/** As this machine reaches it: an address that stands for all is the local one. */
function addressOf({ host, port }: RelayConfig['admin'], tls: boolean): string {
  const name = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host)
  return `${tls ? 'https' : 'http'}://${name}:${port}`
}

const MARKS: Record<Finding['state'], string> = {
  ok: 'ok     ',
  warning: 'warning',
  wrong: 'WRONG  ',
  skipped: 'skipped',
}

function print(findings: readonly Finding[], { say }: DoctorEdges): void {
  for (const { state, check, said, remedy } of findings) {
    say(`${MARKS[state]}  ${check}: ${said}`)
    if (remedy !== undefined) say(`         ${state === 'skipped' ? 'needs' : '->'} ${remedy}`)
  }
  const { wrong: wrongs, warning: warnings, skipped: skips } = countsOf(findings)
  say('')
  say(wrongs === 0 && warnings === 0 ? 'All well.' : `${wrongs} wrong, ${warnings} to look at.`)
  if (skips > 0) say(`${skips} not looked at.`)
}

function countsOf(findings: readonly Finding[]): Record<Finding['state'], number> {
  const counts = { ok: 0, warning: 0, wrong: 0, skipped: 0 }
  for (const { state } of findings) counts[state]++
  return counts
}
