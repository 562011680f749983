// The way out of each refusal for a site administrator: by install.yaml, and a classic token that may nearly everything.
import type { Refused, Remedies } from '../../relay/clients/ghes/refusal.ts'
import { ourFault, sharedRemedies } from '../../relay/clients/ghes/remedies.ts'
import { kindOfToken, missingScopes, TOKEN_SCOPES } from './token.ts'

const scopes = Object.keys(TOKEN_SCOPES).join(', ')
const newToken = `make a classic token (ghp_...) as a site administrator, with the scopes ${scopes}`

export const administratorRemedies = (token: () => string): Remedies => ({
  ...sharedRemedies({
    address: 'ghe.apiBaseUrl',
    authority: 'ghe.caFile',
    noWay: 'run this from a machine in the network of the appliance',
    again: 'run the same command again',
  }),
  'bad-credentials': () =>
    `the token in ghe.token is not valid there (expired, revoked or of another host); ${newToken}`,
  forbidden,
  hidden: refused => hidden(refused, token()),
  'not-found': () =>
    'it is not there, or the owner of the token is not allowed to see it; look at its name in install.yaml',
  invalid: refused,
  'repository-moved': () => 'the repository was renamed or transferred; put its new name into install.yaml',
})

function hidden({ request, headers }: Refused, token: string): string {
  const kind = kindOfToken(token)
  if (kind !== 'classic') return `the token in ghe.token is ${kind}, which these routes refuse; ${newToken}`
  const missing = missingScopes(headers)
  if (missing.length > 0) return `the token in ghe.token lacks the scope ${missing.join(', ')}; ${newToken}`
  // The hook itself exists when an id is asked for: what is missing is the organisation or repository.
  const where = /^\S+ \/(orgs|repos)\//.test(request)
    ? 'the hook is not offered there (it is disabled everywhere and cannot be changed below), the name is wrong, or '
    : ''
  return `${where}the owner of the token in ghe.token is no site administrator; ${newToken}`
}

function forbidden({ request, headers, said }: Refused): string {
  const missing = missingScopes(headers)
  if (missing.length > 0) return `the token in ghe.token lacks the scope ${missing.join(', ')}; ${newToken}`
  if (/archived/i.test(said)) return 'unarchive the repository, or name another in hooks.repository'
  if (/^POST \/orgs\/[^/]+\/repos/.test(request))
    return 'make the owner of the token an owner of the organisation, or create the repository by hand'
  const needed = headers['x-accepted-github-permissions'] ?? headers['x-accepted-oauth-scopes']
  return `the owner of the token is not allowed to do this${needed ? ` (needed: ${needed})` : ''}; ${newToken}`
}

/** What GHES is known to refuse, with the way out. The words are those of its documentation. */
const invalid: readonly { said: RegExp; remedy: string }[] = [
  {
    said: /cannot modify or delete the default environment/i,
    remedy: "GHES's own environment cannot be changed; give environment.name another name",
  },
  {
    said: /cannot delete environment that has hooks/i,
    remedy:
      'another hook uses this environment; give it another one first (Enterprise settings, Hooks), or leave the environment',
  },
  {
    said: /cannot delete environment when download is in progress/i,
    remedy: 'wait until its download is over, then run the same command again',
  },
  {
    said: /can ?not start a new download when a download is in progress/i,
    remedy: 'somebody else has started a download; wait until it is over, then run the same command again',
  },
  {
    said: /not a fast.forward/i,
    remedy: 'somebody pushed to the hook repository meanwhile; run the same command again',
  },
  {
    said: /protected|pull request|rule violation|required status/i,
    remedy:
      'the default branch of the hook repository does not take direct changes; allow the owner of the token to bypass its protection or ruleset',
  },
  {
    said: /already (exists|been taken)|name has already/i,
    remedy: 'something of this name was made meanwhile; run the same command again',
  },
  {
    said: /git repository is empty/i,
    remedy: 'the repository has no commit yet; run the same command again, or push a first commit',
  },
  {
    said: /pre-receive hook/i,
    remedy: 'another pre-receive hook refused the commit; exempt the hook repository from it',
  },
]

function refused({ request, said }: Refused): string {
  const known = invalid.find(one => one.said.test(said))
  if (known) return known.remedy
  if (/\/pre-receive-hooks/.test(request))
    return 'GHES does not take these values; is the script on the default branch, executable, and the environment downloaded?'
  return ourFault
}
