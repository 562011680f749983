// The way out of each refusal for who runs a command with a token in a file, or as a GitHub App: --api-url and --token-file, or the settings of a configuration.
import type { GhesAccess } from '../../relay/clients/ghes/app.ts'
import type { Remedies } from '../../relay/clients/ghes/refusal.ts'
import { ourFault, sharedRemedies } from '../../relay/clients/ghes/remedies.ts'

const OPTIONS = { address: '--api-url', authority: '--ca-file', token: 'the token in --token-file' }

/** Of a request by a token of an installation; those that the App makes as itself have their own. */
const asInstallation = (needs: string): Partial<Remedies> => {
  const lacks = ({ said }: { said: string }) =>
    `the installation of the GitHub App there may not do this; the App needs ${needs}, and an owner of the organisation has to accept that${said === '' ? '' : ` ("${said}")`}`
  return {
    'bad-credentials': () => 'GHES does not know the token that it gave the GitHub App; run the same command again',
    forbidden: lacks,
    hidden: lacks,
    'not-found': () => 'it is not there any more, or the GitHub App is not installed there',
  }
}

/** In the words of how we are known there. */
export const accessRemedies = (access: GhesAccess, needs: Needs, names = OPTIONS): Remedies => ({
  ...tokenFileRemedies(needs.token, names),
  ...('app' in access ? asInstallation(needs.app) : {}),
})

/** As `to read contents`, of a token, and `contents: read`, of an App. */
export type Needs = { token: string; app: string }

/** `needs`: what the token has to be allowed, as `to read contents and metadata (classic: scopes repo and read:org)`; `names`: where it and the rest are set. */
const tokenFileRemedies = (needs: string, names = OPTIONS): Remedies => ({
  ...sharedRemedies({
    address: names.address,
    authority: names.authority,
    again: 'run the same command again',
    noWay: 'run this from a machine in the network of the appliance',
  }),
  'bad-credentials': () => `${names.token} is not valid there (expired, revoked, or of another host)`,
  forbidden: notAllowed(names.token, needs),
  hidden: notAllowed(names.token, needs),
  'not-found': () => `it is not there any more, or ${names.token} may not see it`,
  invalid: () => ourFault,
  'repository-moved': () => 'the repository was renamed or transferred meanwhile; run the same command again',
})

const notAllowed =
  (token: string, needs: string) =>
  ({ said }: { said: string }) =>
    `${token} may not do this; it needs ${needs}${said === '' ? '' : ` ("${said}")`}`
