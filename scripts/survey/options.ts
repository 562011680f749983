// What a survey is told on the command line: read and checked, every problem at once.
import { closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import { readCertificates } from '../../relay/config/certificates.ts'
import { headerProblem, openSecret, type Secret } from '../../relay/config/secrets.ts'
import { errorCode } from '../../schemas/error-code.ts'

export type SurveyOptions = {
  org: string[]
  apiUrl: string
  tokenFile: string
  caFile?: string
  config?: string
  format: 'table' | 'json'
  csv?: string
  html?: string
  deep?: boolean
  /** A path, or `false` by --no-cache. */
  cache?: string | false
}

export type Target = {
  organizations: string[]
  apiUrl: string
  /** `https://HOST`, where a person looks. */
  webUrl: string
  token: Secret
  ca?: string
}

export function readTarget(
  options: SurveyOptions,
  cwd: string,
  now: () => number,
): { target: Target } | { problems: string[] } {
  const apiUrl = options.apiUrl.replace(/\/+$/, '')
  const token = openSecret(
    { $file: options.tokenFile },
    {
      ...{ setting: '--token-file', folder: cwd, now, onTrouble: () => {} },
      check: headerProblem,
    },
  )
  const authority =
    options.caFile === undefined
      ? undefined
      : readCertificates({ setting: '--ca-file', path: resolve(cwd, options.caFile) })
  const organizations = options.org.filter(
    (org, i, all) => all.findIndex(one => one.toLowerCase() === org.toLowerCase()) === i,
  )
  const problems = [
    ...organizations
      .filter(org => !/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(org))
      .map(org => `--org: ${JSON.stringify(org)} is no name of an organisation`),
    ...apiUrlProblem(apiUrl),
    ...[token, authority].flatMap(part => (typeof part === 'object' && 'problem' in part ? [part.problem] : [])),
  ]
  if ('problem' in token || problems.length > 0) return { problems }
  return {
    target: {
      ...{ organizations, apiUrl, webUrl: webUrlOf(apiUrl), token: token.secret },
      ...(typeof authority === 'string' ? { ca: authority } : {}),
    },
  }
}

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

/** Whether a file can be written is better known before a survey of minutes than after it. */
export function unwritable(file: string): string[] {
  try {
    closeSync(openSync(file, 'a'))
    return []
  } catch (error) {
    return [`${file}: cannot be written (${errorCode(error) ?? error})`]
  }
}
