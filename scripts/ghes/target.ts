// Which GHES a command asks, and with what token: read from its options and checked, every problem at once.
import { resolve } from 'node:path'
import type { GhesAccess } from '../../relay/clients/ghes/app.ts'
import { readCertificates } from '../../relay/config/certificates.ts'
import { headerProblem, openSecret } from '../../relay/config/secrets.ts'
import { keyProblem } from '../../relay/config/sections.ts'

/** A token in a file, or a GitHub App. */
export type GhesTargetOptions = {
  apiUrl: string
  tokenFile?: string
  appId?: string
  appKeyFile?: string
  caFile?: string
}

export type GhesTarget = {
  apiUrl: string
  /** `https://HOST`, where a person looks. */
  webUrl: string
  access: GhesAccess
  ca?: string
}

export function readGhesTarget(
  options: GhesTargetOptions,
  cwd: string,
  now: () => number,
): { target: GhesTarget } | { problems: string[] } {
  const apiUrl = options.apiUrl.replace(/\/+$/, '')
  const opened = accessIn(options, cwd, now)
  const authority =
    options.caFile === undefined
      ? undefined
      : readCertificates({ setting: '--ca-file', path: resolve(cwd, options.caFile) })
  const problems = [
    ...apiUrlProblem(apiUrl),
    ...[opened, authority].flatMap(part => (typeof part === 'object' && 'problem' in part ? [part.problem] : [])),
  ]
  if ('problem' in opened || problems.length > 0) return { problems }
  return {
    target: {
      apiUrl,
      webUrl: webUrlOf(apiUrl),
      access: opened.access,
      ...(typeof authority === 'string' ? { ca: authority } : {}),
    },
  }
}

/** An App that is installed in the organisations. */
function accessIn(
  { tokenFile, appId, appKeyFile }: GhesTargetOptions,
  cwd: string,
  now: () => number,
): { access: GhesAccess } | { problem: string } {
  const secret = (file: string, setting: string, check: (text: string) => string | undefined) =>
    openSecret({ $file: file }, { setting, folder: cwd, now, onTrouble: () => {}, check })
  if (tokenFile !== undefined && appId === undefined && appKeyFile === undefined) {
    const token = secret(tokenFile, '--token-file', headerProblem)
    return 'problem' in token ? token : { access: { token: token.secret } }
  }
  if (tokenFile !== undefined || appId === undefined || appKeyFile === undefined)
    return { problem: 'expected --token-file, or --app-id and --app-key-file' }
  const key = secret(appKeyFile, '--app-key-file', keyProblem)
  return 'problem' in key ? key : { access: { app: { id: appId, privateKey: key.secret } } }
}

export const organizationProblem = (name: string): string[] =>
  /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name) ? [] : [`--org: ${JSON.stringify(name)} is no name of an organisation`]

function apiUrlProblem(apiUrl: string): string[] {
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined
  const isRight = url && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash
  return isRight ? [] : ['--api-url: expected the address of the REST API, as https://ghe.example.com/api/v3']
}

/** `https://HOST`, where a person looks. */
export function webUrlOf(apiUrl: string): string {
  if (!URL.canParse(apiUrl)) return ''
  const { origin } = new URL(apiUrl)
  return origin === 'https://api.github.com' ? 'https://github.com' : origin
}
