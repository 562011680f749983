// The certificate of an authority that an administrator names.
import { readFileSync } from 'node:fs'
import { certificatesProblem } from '../../schemas/certificates.ts'
import { errorCode } from '../../schemas/error-code.ts'

/** Its PEM, or what is wrong with the file, naming the setting. */
export function readAuthority(path: string, setting: string): { pem: string } | { problem: string } {
  let pem: string
  try {
    pem = readFileSync(path, 'utf8')
  } catch (error) {
    const code = errorCode(error) ?? error
    return { problem: `${setting}: ${path} cannot be read (${code})` }
  }
  const reason = certificatesProblem(pem)
  return reason === undefined ? { pem } : { problem: `${setting}: ${path} ${reason}` }
}
