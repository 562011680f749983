// Which GHES a command asks, and with what token: read from its options and checked, every problem at once.
import { resolve } from 'node:path'
import { readCertificates } from '../../relay/config/certificates.ts'
import { headerProblem, openSecret, type Secret } from '../../relay/config/secrets.ts'

export type GhesTargetOptions = { apiUrl: string; tokenFile: string; caFile?: string }

export type GhesTarget = {
  apiUrl: string
  /** `https://HOST`, where a person looks. */
  webUrl: string
  token: Secret
  ca?: string
}

export function readGhesTarget(
  options: GhesTargetOptions,
  cwd: string,
  now: () => number,
): { target: GhesTarget } | { problems: string[] } {
  const apiUrl = options.apiUrl.replace(/\/+$/, '')
  const token = openSecret(
    { $file: options.tokenFile },
    { setting: '--token-file', folder: cwd, now, onTrouble: () => {}, check: headerProblem },
  )
  const authority =
    options.caFile === undefined
      ? undefined
      : readCertificates({ setting: '--ca-file', path: resolve(cwd, options.caFile) })
  const problems = [
    ...apiUrlProblem(apiUrl),
    ...[token, authority].flatMap(part => (typeof part === 'object' && 'problem' in part ? [part.problem] : [])),
  ]
  if ('problem' in token || problems.length > 0) return { problems }
  return {
    target: {
      ...{ apiUrl, webUrl: webUrlOf(apiUrl), token: token.secret },
      ...(typeof authority === 'string' ? { ca: authority } : {}),
    },
  }
}

export const organizationProblem = (name: string): string[] =>
  /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name) ? [] : [`--org: ${JSON.stringify(name)} is no name of an organisation`]

function apiUrlProblem(apiUrl: string): string[] {
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined
  const isRight = url && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash
  return isRight ? [] : ['--api-url: expected the address of the REST API, as https://ghe.example.com/api/v3']
}

function webUrlOf(apiUrl: string): string {
  if (!URL.canParse(apiUrl)) return ''
  const { origin } = new URL(apiUrl)
  return origin === 'https://api.github.com' ? 'https://github.com' : origin
}
