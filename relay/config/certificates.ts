// A file of certificates that a setting names.
import { readFileSync } from 'node:fs'
import { certificatesProblem } from '../../schemas/certificates.ts'
import { fileTrouble } from '../../schemas/error-code.ts'

/** Its PEM, or what is wrong with the file. */
export function readCertificates({ setting, path }: { setting: string; path: string }): string | { problem: string } {
  let pem: string
  try {
    pem = readFileSync(path, 'utf8')
  } catch (error) {
    return { problem: `${setting}: cannot read ${path}: ${fileTrouble(error)}` }
  }
  const reason = certificatesProblem(pem)
  return reason === undefined ? pem : { problem: `${setting}: ${path} ${reason}` }
}
