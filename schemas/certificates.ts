// Certificates in a file that a setting names, looked at where it is read: a wrong one would else show as a TLS failure much later.
import { X509Certificate } from 'node:crypto'

/** What keeps this text from being of use as certificates in PEM, as the end of a sentence about its file; undefined when they can be read. */
export function certificatesProblem(pem: string): string | undefined {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g)
  if (!certificates) return 'holds no certificate; expected PEM ("-----BEGIN CERTIFICATE-----")'
  try {
    for (const certificate of certificates) new X509Certificate(certificate)
    return undefined
  } catch {
    return 'holds a certificate that cannot be read; expected PEM'
  }
}
