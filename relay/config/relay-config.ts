// The relay's configuration: read, substituted, checked with every problem at once, and turned into what the parts take.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { CATALOG_DEFAULTS, type CatalogGlobs } from '../../schemas/catalog-globs.ts'
import { relayConfig } from '../../schemas/compiled/own.mjs'
import { configProblems, keysOf } from '../../schemas/config-problems.ts'
import { fileTrouble } from '../../schemas/error-code.ts'
import { readYaml } from '../../schemas/read-yaml.ts'
import schema from '../../schemas/relay-config.schema.json' with { type: 'json' }
import * as section from './sections.ts'
import type { StorePlace } from './store-place.ts'
import { substitute } from './substitute.ts'
import type { Written } from './written.ts'

export type RelayConfig = section.Addresses & {
  store: StorePlace
  catalog: CatalogGlobs
  secrets: section.RelaySecrets
  ghe: section.GhesTargetConfig & { host: string; statuses: boolean }
  backstage: section.TargetConfig & {
    refreshesPerSecond: number
    /** Where people see it, without a slash at the end. */
    appUrl: string
    register: boolean
    removed: 'refresh' | 'unregister'
    locations: string[]
  }
  chat?: section.ChatConfig
  /** Where the latest survey lies. */
  survey?: string
  /** Where an administrator's latest plan lies. */
  enforcement?: string
  lookups: { enabled: boolean }
  landing: section.LandingConfig
  retry: section.RetryConfig
  reconcile: section.ReconcileConfig
}

/** `warnings`: what works, and had better be otherwise. */
export type ConfigResult =
  | { result: 'config'; config: RelayConfig; warnings: string[] }
  | { result: 'wrong'; problems: string[] }

export type ConfigEdges = {
  env: Record<string, string | undefined>
  now: () => number
  /** A secret file that became of no use while the relay runs. */
  onTrouble: (message: string) => void
}

/** Reads `path`. Everything that is wrong comes back at once, each problem naming its setting. */
export function loadConfig(path: string, edges: ConfigEdges): ConfigResult {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return wrong([`cannot read ${path}: ${fileTrouble(error)}`])
  }
  return parseConfig(text, dirname(resolve(path)), edges)
}

export function parseConfig(text: string, folder: string, { env, now, onTrouble }: ConfigEdges): ConfigResult {
  const read = readYaml(text)
  if ('problems' in read) return wrong(read.problems)
  const problems: string[] = []
  const written = substitute(read.value, env, problems)
  problems.push(...configProblems(relayConfig, schema, written))
  const warnings: string[] = []
  const config = configOf(soundIn(written, problems), { folder, now, onTrouble, problems, warnings })
  return problems.length > 0 ? wrong(problems) : { result: 'config', config, warnings }
}

/** With what is right in the place of what was found wrong: so the rest is looked at, too. */
function soundIn(written: unknown, problems: readonly string[]): Written {
  if (problems.length === 0) return written as Written // its schema has seen it
  const sound: Record<string, unknown> = { ...RIGHT, ...mapIn(written) }
  for (const [section = '', key = ''] of problems.map(keysOf)) {
    const right = mapIn(RIGHT[section])
    const { [key]: _wrong, ...rest } = mapIn(sound[section])
    sound[section] = RIGHT[section] && { ...right, ...(key === '' ? {} : rest) }
  }
  return sound as Written
}

const mapIn = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}

const RIGHT: Readonly<Record<string, object | undefined>> = {
  secrets: { hook: [`whsec_${'A'.repeat(44)}`] },
  ghe: { host: 'ghe.example.com', apiBaseUrl: 'https://ghe.example.com/api/v3', token: 'x' },
  backstage: { baseUrl: 'https://backstage.example.com', token: 'x' },
  catalog: {},
  lookups: {},
  landing: {},
  retry: {},
  reconcile: {},
}

const wrong = (problems: string[]): ConfigResult => ({ result: 'wrong', problems })

function configOf(written: Written, reading: section.Reading): RelayConfig {
  const { ghe, backstage } = written
  return {
    ...section.addressesIn(written, reading),
    store: section.storeIn(written.store, reading),
    catalog: { ...CATALOG_DEFAULTS, ...written.catalog },
    secrets: section.secretsIn(written.secrets, reading),
    ghe: { host: ghe.host, statuses: ghe.statuses ?? false, ...section.ghesIn(ghe, reading) },
    backstage: {
      ...section.targetIn('backstage', backstage.baseUrl, backstage, reading),
      refreshesPerSecond: backstage.refreshesPerSecond ?? 40,
      appUrl: section.trimSlash(backstage.appUrl ?? backstage.baseUrl),
      register: backstage.register ?? false,
      removed: backstage.removed ?? 'refresh',
      locations: backstage.locations ?? [],
    },
    ...(written.chat === undefined ? {} : { chat: section.chatIn(written.chat, reading) }),
    ...(written.survey === undefined ? {} : { survey: resolve(reading.folder, written.survey) }),
    ...(written.enforcement === undefined ? {} : { enforcement: resolve(reading.folder, written.enforcement) }),
    lookups: { enabled: written.lookups?.enabled ?? false },
    landing: section.landingIn(written.landing),
    retry: section.retryIn(written.retry, reading),
    reconcile: section.reconcileIn(written.reconcile, reading),
  }
}
