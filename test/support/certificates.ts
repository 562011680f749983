// Certificates of an authority made for a test, by the openssl command.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Pair = { certFile: string; keyFile: string; cert: string; key: string }

export class Authority {
  readonly folder: string
  readonly name: string
  readonly caFile: string

  constructor(folder: string, name = 'ca') {
    this.folder = folder
    this.name = name
    this.caFile = join(folder, `${name}.pem`)
    openssl('req', '-x509', ...newKey(this.#file('key')), '-days', '2', '-subj', `/CN=${name}`, '-out', this.caFile)
  }

  get ca(): string {
    return readFileSync(this.caFile, 'utf8')
  }

  /** A certificate for 127.0.0.1 with its key, in files of this name. */
  issue(name: string, days = 2): Pair {
    const [certFile, keyFile] = [join(this.folder, `${name}.cert.pem`), join(this.folder, `${name}.key.pem`)]
    const request = join(this.folder, `${name}.csr`)
    const names = join(this.folder, 'names.cnf')
    writeFileSync(names, 'subjectAltName=IP:127.0.0.1\n')
    openssl('req', ...newKey(keyFile), '-subj', `/CN=${name}`, '-out', request)
    const signer = ['-CA', this.caFile, '-CAkey', this.#file('key'), '-CAcreateserial', '-extfile', names]
    openssl('x509', '-req', '-in', request, ...signer, '-days', String(days), '-out', certFile)
    return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  }

  #file(what: string): string {
    return join(this.folder, `${this.name}.${what}.pem`)
  }
}

const newKey = (file: string) =>
  ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file] as const

const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
