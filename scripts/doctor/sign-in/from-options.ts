// The words of `catalog-gate doctor --sign-in` → what there is to look at.
import { loadConfig } from '../../../relay/config/relay-config.ts'
import { namedBackend } from '../../backstage/backend.ts'
import { inspect } from '../app-config/check-app-config.ts'
import { isLogin, type SignInOptions } from './check-sign-in.ts'

export type SignInWords = {
  signIn: string
  appConfig?: string[]
  backstageRoot?: string
  relay?: string
  backstage?: string
  tokenFile?: string
  caFile?: string
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
  const named =
    words.backstage === undefined
      ? undefined
      : namedBackend({ ...words, address: words.backstage }, edges, ' that may read')
  if (named?.result === 'wrong') problems.push(...named.problems)
  if (problems.length > 0) return { result: 'wrong', problems }
  const backstage = named?.result === 'backend' ? named.backend : config?.backstage
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
