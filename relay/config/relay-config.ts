// The relay's configuration: read, substituted, checked with every problem at once, and turned into what the parts take.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { CATALOG_DEFAULTS, type CatalogGlobs } from '../../schemas/catalog-globs.ts'
import { relayConfig } from '../../schemas/compiled/own.mjs'
import { configProblems } from '../../schemas/config-problems.ts'
import schema from '../../schemas/relay-config.schema.json' with { type: 'json' }
import { parseSecret } from '../../schemas/signature.ts'
import { readCertificates } from './certificates.ts'
import { parseDurationMs } from './duration.ts'
import { codeOf, openSecret, type Secret, type SecretSource } from './secrets.ts'
import { type StorePlace, storePlace } from './store-place.ts'
import { openTls, type Tls, type TlsFiles } from './tls.ts'

export type Address = { host: string; port: number }

type TargetConfig = { baseUrl: string; token: Secret; ca?: string }

export type RelayConfig = {
  listen: Address & { tls?: Tls }
  admin: Address
  store: StorePlace
  catalog: CatalogGlobs
  secrets: { hook: Secret[]; webhook: Secret[]; admin?: Secret }
  ghe: TargetConfig & { host: string }
  backstage: TargetConfig & { refreshesPerSecond: number; register: boolean; removed: 'refresh' | 'unregister' }
  landing: { firstCheckMs: number; giveUpAfterMs: number }
  retry: { firstMs: number; maxMs: number; giveUpAfterMs: number }
  reconcile: { organizations: string[]; everyMs: number; webhookUrl?: string }
}

export type ConfigResult = { result: 'config'; config: RelayConfig } | { result: 'wrong'; problems: string[] }

export type ConfigWorld = {
  env: Record<string, string | undefined>
  now: () => number
  /** A secret file that became of no use while the relay runs. */
  onTrouble: (message: string) => void
}

/** As the schema allows it, before defaults. */
type Written = {
  listen?: string | ({ address: string } & TlsFiles)
  admin?: string
  store?: SecretSource
  catalog?: Partial<CatalogGlobs>
  secrets: { hook: SecretSource[]; webhook?: SecretSource[]; admin?: SecretSource }
  ghe: { host: string; apiBaseUrl: string; token: SecretSource; caFile?: string }
  backstage: {
    baseUrl: string
    token: SecretSource
    caFile?: string
    refreshesPerSecond?: number
    register?: boolean
    removed?: 'refresh' | 'unregister'
  }
  landing?: { firstCheckMs?: number; giveUpAfter?: string }
  retry?: { firstMs?: number; maxMs?: number; giveUpAfter?: string }
  reconcile?: { organizations?: string[]; every?: string; webhookUrl?: string }
}

/** Reads `path`. Everything that is wrong comes back at once, each problem naming its setting. */
export function loadConfig(path: string, world: ConfigWorld): ConfigResult {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return wrong([`cannot read ${path}: ${codeOf(error)}`])
  }
  return parseConfig(text, dirname(resolve(path)), world)
}

export function parseConfig(text: string, folder: string, world: ConfigWorld): ConfigResult {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (document.errors.length > 0) {
    return wrong(
      document.errors.map(({ message, pos }) => `line ${lines.linePos(pos[0]).line}: ${message.split('\n')[0]}`),
    )
  }
  const problems: string[] = []
  const written = substitute(document.toJS({ maxAliasCount: 100 }) ?? {}, world.env, '', problems)
  problems.push(...configProblems(relayConfig, schema, written))
  // What the schema has refused must not be looked at as if it were right.
  if (problems.length > 0) return wrong(problems)
  return build(written as Written, folder, world)
}

/** Only to refuse 0: one reconcile asks GHES some ten questions for each thousand repositories. */
const SHORTEST_RECONCILE_MS = 1000

const wrong = (problems: string[]): ConfigResult => ({ result: 'wrong', problems })

/** `${NAME}` inside texts, after parsing, so that a value can never become YAML. `$${` is a plain `${`. */
function substitute(value: unknown, env: ConfigWorld['env'], at: string, problems: string[]): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\$\{|\$\{([^}]*)\}/g, (whole, name: string | undefined) => {
      if (name === undefined) return '${'
      const found = env[name]
      if (found === undefined) problems.push(`${at}: the environment has no variable "${name}"`)
      return found ?? whole
    })
  }
  if (Array.isArray(value)) return value.map((one, i) => substitute(one, env, `${at}[${i}]`, problems))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, substitute(one, env, at ? `${at}.${key}` : key, problems)]),
  )
}

function build(written: Written, folder: string, world: ConfigWorld): ConfigResult {
  const problems: string[] = []
  const note = <T>(value: T | { problem: string }): T | undefined => {
    if (typeof value === 'object' && value !== null && 'problem' in value) {
      problems.push(value.problem)
      return undefined
    }
    return value
  }
  const secret = (source: SecretSource, setting: string, check?: (text: string) => string | undefined): Secret => {
    const opened = note(openSecret(source, { setting, folder, ...world, ...(check ? { check } : {}) }))
    return opened?.secret ?? (() => '')
  }
  const listen = note(listenAddress(written.listen ?? '127.0.0.1:8080'))
  const tls = typeof written.listen === 'object' ? openTls(written.listen, { folder, ...world }) : undefined
  if (tls && 'problems' in tls) problems.push(...tls.problems)
  const admin = note(address(written.admin ?? '127.0.0.1:9090', 'admin'))
  if (listen && admin && listen.port !== 0 && listen.port === admin.port && sameHost(listen.host, admin.host)) {
    problems.push('admin: expected another address than listen: what senders reach must not show the admin pages')
  }
  const landing = { firstCheckMs: 250, giveUpAfter: '60s', ...written.landing }
  const retry = { firstMs: 1000, maxMs: 600_000, giveUpAfter: '24h', ...written.retry }
  const reconcile = { organizations: [], every: '24h', ...written.reconcile }
  if ((parseDurationMs(reconcile.every) ?? 0) < SHORTEST_RECONCILE_MS) {
    problems.push(`reconcile.every: "${reconcile.every}" is too often; expected 1s or longer, 24h is usual`)
  }
  if (retry.maxMs < retry.firstMs) {
    problems.push(`retry.maxMs: ${retry.maxMs} is less than retry.firstMs, ${retry.firstMs}; expected at least as much`)
  }
  const store = note(storeOf(written.store ?? './data/relay.db', folder, world))
  const ghesCa =
    written.ghe.caFile === undefined ? undefined : note(authority(written.ghe.caFile, 'ghe.caFile', folder))
  const backstageCa =
    written.backstage.caFile === undefined
      ? undefined
      : note(authority(written.backstage.caFile, 'backstage.caFile', folder))
  const { hook, webhook = [] } = written.secrets
  const config: RelayConfig = {
    listen: { ...(listen ?? { host: '', port: 0 }), ...(tls && 'tls' in tls ? tls : {}) },
    admin: admin ?? { host: '', port: 0 },
    store: store ?? { kind: 'sqlite', path: '' },
    catalog: { ...CATALOG_DEFAULTS, ...written.catalog },
    secrets: {
      hook: hook.map((source, i) => secret(source, `secrets.hook[${i}]`, hookSecretReason)),
      webhook: webhook.map((source, i) => secret(source, `secrets.webhook[${i}]`)),
      ...(written.secrets.admin === undefined ? {} : { admin: secret(written.secrets.admin, 'secrets.admin') }),
    },
    ghe: {
      host: written.ghe.host,
      baseUrl: trimSlash(written.ghe.apiBaseUrl),
      token: secret(written.ghe.token, 'ghe.token', headerReason),
      ...(ghesCa === undefined ? {} : { ca: ghesCa }),
    },
    backstage: {
      baseUrl: trimSlash(written.backstage.baseUrl),
      token: secret(written.backstage.token, 'backstage.token', headerReason),
      ...(backstageCa === undefined ? {} : { ca: backstageCa }),
      refreshesPerSecond: written.backstage.refreshesPerSecond ?? 40,
      register: written.backstage.register ?? false,
      removed: written.backstage.removed ?? 'refresh',
    },
    landing: { firstCheckMs: landing.firstCheckMs, giveUpAfterMs: parseDurationMs(landing.giveUpAfter) ?? 0 },
    retry: { firstMs: retry.firstMs, maxMs: retry.maxMs, giveUpAfterMs: parseDurationMs(retry.giveUpAfter) ?? 0 },
    reconcile: {
      organizations: reconcile.organizations,
      everyMs: parseDurationMs(reconcile.every) ?? 0,
      ...(reconcile.webhookUrl === undefined ? {} : { webhookUrl: trimSlash(reconcile.webhookUrl) }),
    },
  }
  return problems.length > 0 ? wrong(problems) : { result: 'config', config }
}

function listenAddress(written: NonNullable<Written['listen']>): Address | { problem: string } {
  return typeof written === 'string' ? address(written, 'listen') : address(written.address, 'listen.address')
}

function address(text: string, setting: string): Address | { problem: string } {
  const colon = text.lastIndexOf(':')
  const port = Number(text.slice(colon + 1))
  if (port > 65_535) return { problem: `${setting}: port ${port} is out of range; expected 0 to 65535` }
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port }
}

const anyHost = new Set(['0.0.0.0', '::'])
const sameHost = (a: string, b: string) => a === b || anyHost.has(a) || anyHost.has(b)

/** A URL has a password in it, and so may stand in a file. It is read once, at the start. */
function storeOf(source: SecretSource, folder: string, world: ConfigWorld): StorePlace | { problem: string } {
  const opened = openSecret(source, { setting: 'store', folder, ...world })
  if ('problem' in opened) return opened
  const place = storePlace(opened.secret(), folder)
  return 'problem' in place ? { problem: `store: ${place.problem}` } : place
}

const authority = (file: string, setting: string, folder: string) =>
  readCertificates({ setting, path: resolve(folder, file) })

function hookSecretReason(text: string): string | undefined {
  const parsed = parseSecret(text)
  if (parsed.result === 'key') return undefined
  return `${parsed.reason}; expected whsec_ and the base64 of 24 to 64 random bytes, as in: echo "whsec_$(openssl rand -base64 32)"`
}

/** A token goes into a header: a line break in it would be refused at every call, and much later. */
const headerReason = (text: string) =>
  /^[\x21-\x7e]+$/.test(text) ? undefined : 'has blanks, line breaks or characters that no token has'

const trimSlash = (url: string) => url.replace(/\/+$/, '')
