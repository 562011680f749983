// The certificate of an authority that an administrator names.
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** PEM, looked at here: a wrong file would else show as a TLS failure much later. */
export function readAuthority(path: string, setting: string): { pem: string } | { problem: string } {
  let pem: string
  try {
    pem = readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    return { problem: `${setting}: ${path} cannot be read (${code})` }
  }
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g)
  if (!certificates)
    return { problem: `${setting}: ${path} holds no certificate; expected PEM ("-----BEGIN CERTIFICATE-----")` }
  try {
    for (const certificate of certificates) new X509Certificate(certificate)
    return { pem }
  } catch {
    return { problem: `${setting}: ${path} holds a certificate that cannot be read; expected PEM` }
  }
}
