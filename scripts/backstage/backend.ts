// The Backstage backend that a command was given: --backstage, --token-file and --ca-file.
import { resolve } from 'node:path'
import { readCertificates } from '../../relay/config/certificates.ts'
import { headerProblem, openSecret, type Secret } from '../../relay/config/secrets.ts'

export type BackendOptions = {
  /** As https://backstage.example.com */
  address: string
  tokenFile?: string
  caFile?: string
}

export type Backend = { baseUrl: string; token: Secret; ca?: string }

/** `toDo`: what its token has to be good for, behind the words of a missing one: ` that may read`. */
export function namedBackend(
  { address, tokenFile, caFile }: BackendOptions,
  { cwd, now }: { cwd: string; now: () => number },
  toDo = '',
): { result: 'backend'; backend: Backend } | { result: 'wrong'; problems: string[] } {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const isAddress = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash
  const token =
    tokenFile === undefined
      ? { problem: `--token-file: missing; expected a file with a token of backend.auth.externalAccess${toDo}` }
      : openSecret(
          { $file: resolve(cwd, tokenFile) },
          { setting: '--token-file', folder: cwd, now, onTrouble: () => {}, check: headerProblem },
        )
  const ca = caFile === undefined ? undefined : readCertificates({ setting: '--ca-file', path: resolve(cwd, caFile) })
  const problems = [
    ...(isAddress ? [] : ['--backstage: expected the address of the backend, as https://backstage.example.com']),
    ...[token, ca].flatMap(part => (typeof part === 'object' && 'problem' in part ? [part.problem] : [])),
  ]
  if ('problem' in token || problems.length > 0) return { result: 'wrong', problems }
  const baseUrl = address.replace(/\/+$/, '')
  return { result: 'backend', backend: { baseUrl, token: token.secret, ...(typeof ca === 'string' ? { ca } : {}) } }
}
