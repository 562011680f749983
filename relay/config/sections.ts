// Each section of relay.yaml as its part of the relay takes it: defaults put in, files read, what is wrong noted.
import { createPrivateKey } from 'node:crypto'
import { resolve } from 'node:path'
import { count } from '../../schemas/count.ts'
import { parseSecret } from '../../schemas/signature.ts'
import { readCertificates } from './certificates.ts'
import { parseDurationMs } from './duration.ts'
import { headerProblem, openSecret, type Secret, type SecretSource } from './secrets.ts'
import { type StorePlace, storePlace } from './store-place.ts'
import { openTls, type Tls, type TlsFiles } from './tls.ts'
import type { Written, WrittenTarget } from './written.ts'

export type Address = { host: string; port: number }

/** `ca`: PEM, trusted besides Node's own. */
export type TargetConfig = { baseUrl: string; token: Secret; ca?: string }

/** GHES knows us by a token, or as a GitHub App. */
export type GhesTargetConfig = Omit<TargetConfig, 'token'> &
  ({ token: Secret } | { app: { id: string; privateKey: Secret } })

export type Reading = {
  /** Paths of files count from it. */
  folder: string
  now: () => number
  /** A file that became of no use while the relay runs. */
  onTrouble: (message: string) => void
  /** Where each section adds what is wrong. Once there is anything, nobody gets to see what else it has made of the section. */
  problems: string[]
  /** What works, and had better be otherwise. */
  warnings: string[]
}

export type Addresses = { listen: Address & { tls?: Tls }; admin: Address; adminHosts: string[] }

export function addressesIn(written: Pick<Written, 'listen' | 'admin' | 'adminHosts'>, reading: Reading): Addresses {
  const { listen: listens = '127.0.0.1:8080', admin: watches = '127.0.0.1:9090' } = written
  const listen =
    typeof listens === 'string'
      ? addressOf(listens, 'listen', reading)
      : addressOf(listens.address, 'listen.address', reading)
  const tls = typeof listens === 'string' ? {} : tlsIn(listens, reading)
  const admin = addressOf(watches, 'admin', reading)
  if (listen.port !== 0 && listen.port === admin.port && isSameHost(listen.host, admin.host)) {
    reading.problems.push(
      'admin: expected another address than listen: what senders reach must not show the admin pages',
    )
  }
  return { listen: { ...listen, ...tls }, admin, adminHosts: written.adminHosts ?? [] }
}

function tlsIn(files: TlsFiles, { folder, now, onTrouble, problems }: Reading): { tls?: Tls } {
  const opened = openTls(files, { folder, now, onTrouble })
  if ('tls' in opened) return opened
  problems.push(...opened.problems)
  return {}
}

function addressOf(text: string, setting: string, { problems }: Reading): Address {
  const colon = text.lastIndexOf(':')
  const port = Number(text.slice(colon + 1))
  if (port > 65_535) problems.push(`${setting}: port ${port} is out of range; expected 0 to 65535`)
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port }
}

const ANY_HOST = new Set(['0.0.0.0', '::'])
const isSameHost = (a: string, b: string) => a === b || ANY_HOST.has(a) || ANY_HOST.has(b)

/** A URL has a password in it, and so may stand in a file. It is read once, at the start. */
export function storeIn(source: SecretSource = './data/relay.db', reading: Reading): StorePlace {
  const place = storePlace(secretIn(source, 'store', reading)(), reading.folder)
  if (!('problem' in place)) return place
  reading.problems.push(`store: ${place.problem}`)
  return { kind: 'sqlite', path: '' }
}

export type RelaySecrets = { hook: Secret[]; webhook: Secret[]; backstage: Secret[]; admin?: Secret }

export function secretsIn(
  { hook, webhook = [], backstage = [], admin }: Written['secrets'],
  reading: Reading,
): RelaySecrets {
  const ownSecret = (source: SecretSource, setting: string) =>
    warnOfWeak(secretIn(source, setting, reading), setting, reading)
  return {
    hook: hook.map((source, i) => secretIn(source, `secrets.hook[${i}]`, reading, hookSecretProblem)),
    webhook: webhook.map((source, i) => ownSecret(source, `secrets.webhook[${i}]`)),
    backstage: backstage.map((source, i) => secretIn(source, `secrets.backstage[${i}]`, reading, hookSecretProblem)),
    ...(admin === undefined ? {} : { admin: ownSecret(admin, 'secrets.admin') }),
  }
}

/** `name` is the section's; `url` what it calls its address. */
export function targetIn(
  name: 'ghe' | 'backstage',
  url: string,
  { token, caFile }: WrittenTarget,
  reading: Reading,
): TargetConfig {
  if (name === 'ghe' && isPlainAndFar(url))
    reading.warnings.push(
      `${name}.apiBaseUrl: ${new URL(url).protocol}// sends the token over the network as plain text; expected https://`,
    )
  return {
    baseUrl: trimSlash(url),
    ...(caFile === undefined ? {} : { ca: certificatesIn(caFile, `${name}.caFile`, reading) }),
    token: secretIn(token, `${name}.token`, reading, headerProblem),
  }
}

export function ghesIn({ apiBaseUrl, token, app, caFile }: Written['ghe'], reading: Reading): GhesTargetConfig {
  const { problems } = reading
  if (token !== undefined && app !== undefined && problems.length === 0)
    problems.push('ghe.app: expected this or ghe.token, not both')
  if (token === undefined && app === undefined)
    problems.push('ghe.token: missing; expected it, or ghe.app with id and privateKey of a GitHub App')
  const written = { token: token ?? 'x', ...(caFile === undefined ? {} : { caFile }) }
  const { token: secret, ...target } = targetIn('ghe', apiBaseUrl, written, reading)
  if (app === undefined) return { ...target, token: secret }
  const privateKey = secretIn(app.privateKey, 'ghe.app.privateKey', reading, keyProblem)
  return { ...target, app: { id: String(app.id), privateKey } }
}

/** Of the private key of a GitHub App. */
export function keyProblem(text: string): string | undefined {
  const words = 'holds no RSA private key; expected the .pem that GHES gave for the App, unencrypted'
  try {
    return createPrivateKey(text).asymmetricKeyType === 'rsa' ? undefined : words
  } catch {
    return words
  }
}

export type RetryConfig = { firstMs: number; maxMs: number; giveUpAfterMs: number }

export function retryIn(written: Written['retry'], { problems }: Reading): RetryConfig {
  const { firstMs = 1000, maxMs = 600_000, giveUpAfter = '24h' } = written ?? {}
  if (maxMs < firstMs) {
    problems.push(`retry.maxMs: ${maxMs} is less than retry.firstMs, ${firstMs}; expected at least as much`)
  }
  return { firstMs, maxMs, giveUpAfterMs: durationMs(giveUpAfter) }
}

export type ChatConfig = { url: Secret; afterMs: number }

export function chatIn({ url, after = '10m' }: NonNullable<Written['chat']>, reading: Reading): ChatConfig {
  return { url: secretIn(url, 'chat.url', reading, urlProblem), afterMs: durationMs(after) }
}

const urlProblem = (text: string): string | undefined =>
  URL.canParse(text) && /^https?:\/\//i.test(text) ? undefined : 'is no URL; expected https://… as the chat gives it'

export type LandingConfig = { firstCheckMs: number; giveUpAfterMs: number }

export function landingIn(written: Written['landing']): LandingConfig {
  const { firstCheckMs = 250, giveUpAfter = '60s' } = written ?? {}
  return { firstCheckMs, giveUpAfterMs: durationMs(giveUpAfter) }
}

/** Only to refuse 0: one reconcile asks GHES some ten questions for each thousand repositories. */
const SHORTEST_RECONCILE_MS = 1000

export type ReconcileConfig = { organizations: string[]; everyMs: number; webhookUrl?: string }

export function reconcileIn(written: Written['reconcile'], { problems }: Reading): ReconcileConfig {
  const { organizations = [], every = '24h', webhookUrl } = written ?? {}
  const everyMs = durationMs(every)
  if (everyMs < SHORTEST_RECONCILE_MS) {
    problems.push(`reconcile.every: "${every}" is too often; expected 1s or longer, 24h is usual`)
  }
  return { organizations, everyMs, ...(webhookUrl === undefined ? {} : { webhookUrl: trimSlash(webhookUrl) }) }
}

function secretIn(
  source: SecretSource,
  setting: string,
  { folder, now, onTrouble, problems }: Reading,
  check?: (text: string) => string | undefined,
): Secret {
  const opened = openSecret(source, { setting, folder, now, onTrouble, ...(check ? { check } : {}) })
  if ('secret' in opened) return opened.secret
  problems.push(opened.problem)
  return () => ''
}

function certificatesIn(file: string, setting: string, { folder, problems }: Reading): string {
  const read = readCertificates({ setting, path: resolve(folder, file) })
  if (typeof read === 'string') return read
  problems.push(read.problem)
  return ''
}

/** Whoever guesses one can sign as GHES, or redrive. */
const WEAK_SECRET = 16

function warnOfWeak(secret: Secret, setting: string, { problems, warnings }: Reading): Secret {
  const { length } = secret()
  if (length < WEAK_SECRET && problems.length === 0)
    warnings.push(
      `${setting}: ${count(length, 'character')} can be guessed; expected ${WEAK_SECRET} or more, as in: openssl rand -hex 32`,
    )
  return secret
}

function isPlainAndFar(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

function hookSecretProblem(text: string): string | undefined {
  const parsed = parseSecret(text)
  if (parsed.result === 'key') return undefined
  return `${parsed.reason}; expected whsec_ and the base64 of 24 to 64 random bytes, as in: echo "whsec_$(openssl rand -base64 32)"`
}

/** The schema has seen that it is one. */
const durationMs = (text: string) => parseDurationMs(text) ?? 0

export const trimSlash = (url: string) => url.replace(/\/+$/, '')
