// The words of `catalog-gate doctor --sign-in` → what there is to look at.
import { resolve } from 'node:path'
import { loadConfig, type RelayConfig } from '../../../relay/config/relay-config.ts'
import { headerProblem, openSecret } from '../../../relay/config/secrets.ts'
import { inspect } from '../app-config/check-app-config.ts'
import { isLogin, type SignInOptions } from './check-sign-in.ts'

export type SignInWords = {
  signIn: string
  appConfig?: string[]
  backstageRoot?: string
  relay?: string
  backstage?: string
  tokenFile?: string
}
export type SignInEdges = {
  env: Record<string, string | undefined>
  cwd: string
  now: () => number
  readFile: (path: string) => string
}

/** Without `--backstage` the relay's own address and token of Backstage, where the token may read. */
export function signInOptions(
  words: SignInWords,
  edges: SignInEdges,
): { result: 'options'; options: SignInOptions } | { result: 'wrong'; problems: string[] } {
  const { signIn: login, appConfig = [] } = words
  const problems = isLogin(login) ? [] : ['--sign-in: expected the login of somebody at GHES']
  const read = appConfig.length === 0 ? undefined : inspect({ ...words, appConfig }, edges)
  if (read?.result === 'wrong') problems.push(...read.problems)
  const relay = words.relay === undefined ? undefined : relayIn(words.relay, edges)
  if (relay?.result === 'wrong') problems.push(...relay.problems)
  const config = relay?.result === 'config' ? relay.config : undefined
  const backstage = words.backstage === undefined ? config?.backstage : namedBackstage(words.backstage, words, edges)
  if (backstage && 'problems' in backstage) problems.push(...backstage.problems)
  if (problems.length > 0 || (backstage && 'problems' in backstage)) return { result: 'wrong', problems }
  return {
    result: 'options',
    options: {
      login,
      ...(read?.result === 'inspected' ? { inspected: read.inspected } : {}),
      ...(config ? { relay: config } : {}),
      ...(backstage ? { backstage } : {}),
    },
  }
}

function relayIn(path: string, { env, now }: SignInEdges): ReturnType<typeof loadConfig> {
  const loaded = loadConfig(path, { env, now, onTrouble: () => undefined })
  return loaded.result === 'wrong'
    ? { ...loaded, problems: loaded.problems.map(problem => `${path}: ${problem}`) }
    : loaded
}

type Backstage = Pick<RelayConfig['backstage'], 'baseUrl' | 'token'>

function namedBackstage(
  address: string,
  { tokenFile }: SignInWords,
  { cwd, now }: SignInEdges,
): Backstage | { problems: string[] } {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const isAddress = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash
  const token =
    tokenFile === undefined
      ? { problem: '--token-file: missing; expected a file with a token of backend.auth.externalAccess that may read' }
      : openSecret(
          { $file: resolve(cwd, tokenFile) },
          { setting: '--token-file', folder: cwd, now, onTrouble: () => {}, check: headerProblem },
        )
  const problems = [
    ...(isAddress ? [] : ['--backstage: expected the address of the backend, as https://backstage.example.com']),
    ...('problem' in token ? [token.problem] : []),
  ]
  if ('problem' in token || problems.length > 0) return { problems }
  return { baseUrl: address.replace(/\/+$/, ''), token: token.secret }
}
