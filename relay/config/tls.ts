// Our own certificate on `listen`: files that are checked at the start, and followed when they change.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import { errorCode, fileTrouble } from '../../schemas/error-code.ts'
import { readCertificates } from './certificates.ts'
import { openToOthers, versionOf } from './secrets.ts'

export type TlsFiles = { certFile: string; keyFile: string; clientCaFile?: string }

/** What `tls.Server` takes. Older versions than TLS 1.2 are deprecated (RFC 8996). */
type TlsMaterial = { cert: string; key: string; ca?: string; minVersion: 'TLSv1.2' }

export type Tls = {
  first: TlsMaterial
  /** Only clients with a certificate of the client CA get in. */
  asksClients: boolean
  /** The material of files that have changed since the last look, once it is of use. Cheap: looks once a second at most. */
  changed(): TlsMaterial | undefined
}

export type TlsOptions = {
  folder: string
  now: () => number
  /** Changed files that are of no use: the former certificate stays in force. Or one that ends soon. */
  onTrouble: (message: string) => void
}

type Part = { setting: string; path: string }
type Reading = { result: 'material'; material: TlsMaterial } | { result: 'unusable'; problems: string[] }

const LOOK_AGAIN_MS = 1000
const SOON_MS = 7 * 86_400_000

/** The files as they are now, or everything that is wrong with them. */
export function openTls(files: TlsFiles, options: TlsOptions): { tls: Tls } | { problems: string[] } {
  const paths = (['certFile', 'keyFile', 'clientCaFile'] as const).flatMap(name => {
    const file = files[name]
    return file === undefined ? [] : [{ setting: `listen.${name}`, path: resolve(options.folder, file) }]
  })
  const version = versions(paths)
  const first = read(paths)
  if (first.result === 'unusable') return { problems: first.problems }
  tellEnd(first.material, options)
  return {
    tls: {
      first: first.material,
      asksClients: files.clientCaFile !== undefined,
      changed: follow(paths, version, options),
    },
  }
}

/** Certificate and key are two files: a look between the writing of both finds a pair that does not fit, and waits for the next. */
function follow(paths: Part[], version: string, options: TlsOptions): Tls['changed'] {
  let current = version
  let lookedAtMs = options.now()
  let lastTrouble = ''
  return () => {
    const now = options.now()
    if (now - lookedAtMs < LOOK_AGAIN_MS) return undefined
    lookedAtMs = now
    const found = versions(paths)
    if (found === current) return undefined
    const next = read(paths)
    if (next.result === 'material') {
      current = found
      lastTrouble = ''
      tellEnd(next.material, options)
      return next.material
    }
    const trouble = `${next.problems.join('; ')}; the former certificate stays in force`
    if (trouble !== lastTrouble) options.onTrouble(trouble)
    lastTrouble = trouble
    return undefined
  }
}

const versions = (parts: Part[]) => parts.map(({ path }) => versionOf(path)).join('|')

function read(parts: Part[]): Reading {
  const problems: string[] = []
  const [cert, key, ca] = parts.map(part => {
    const text = part.setting === 'listen.keyFile' ? readKey(part) : readCertificates(part)
    if (typeof text !== 'string') problems.push(text.problem)
    return typeof text === 'string' ? text : ''
  })
  if (problems.length > 0 || cert === undefined || key === undefined) return { result: 'unusable', problems }
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    const problem = `listen.keyFile: ${parts[1]?.path} is not the key of the certificate in ${parts[0]?.path}; expected the two of one request`
    return { result: 'unusable', problems: [problem] }
  }
  const material: TlsMaterial = { cert, key, ...(ca === undefined ? {} : { ca }), minVersion: 'TLSv1.2' }
  try {
    createSecureContext(material) // a key that is too short, say, is refused only here
    return { result: 'material', material }
  } catch (error) {
    return { result: 'unusable', problems: [`listen.certFile: TLS cannot use it: ${messageOf(error)}`] }
  }
}

/** The reason never quotes the key. */
function readKey({ setting, path }: Part): string | { problem: string } {
  try {
    const open = openToOthers(path)
    if (open !== undefined) return { problem: `${setting}: ${open}` }
    const pem = readFileSync(path, 'utf8')
    if (/ENCRYPTED/.test(pem)) {
      return {
        problem: `${setting}: ${path} is encrypted; expected a key without passphrase, as in: openssl pkey -in ${path} -out plain.pem`,
      }
    }
    createPrivateKey(pem)
    return pem
  } catch (error) {
    // OpenSSL's complaints begin so; a failing system call has a code such as ENOENT.
    if (errorCode(error)?.startsWith('ERR_OSSL')) {
      return { problem: `${setting}: ${path} holds no private key; expected PEM ("-----BEGIN PRIVATE KEY-----")` }
    }
    return { problem: `${setting}: cannot read ${path}: ${fileTrouble(error)}` }
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Not a refusal to start: a relay that listens with an old certificate still takes in what senders are set to accept. */
function tellEnd({ cert }: TlsMaterial, { now, onTrouble }: TlsOptions): void {
  const { validTo, validToDate } = new X509Certificate(cert)
  const leftMs = validToDate.getTime() - now()
  if (leftMs < SOON_MS) onTrouble(`listen.certFile: the certificate ${leftMs < 0 ? 'ended' : 'ends'} on ${validTo}`)
}
