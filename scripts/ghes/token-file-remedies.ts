// The way out of each refusal for who runs a command with a token in a file: --api-url and --token-file, or the settings of a configuration.
import type { Remedies } from '../../relay/clients/ghes/refusal.ts'
import { ourFault, sharedRemedies } from '../../relay/clients/ghes/remedies.ts'

const OPTIONS = { address: '--api-url', authority: '--ca-file', token: 'the token in --token-file' }

/** `needs`: what the token has to be allowed, as `to read contents and metadata (classic: scopes repo and read:org)`; `names`: where it and the rest are set. */
export const tokenFileRemedies = (needs: string, names = OPTIONS): Remedies => ({
  ...sharedRemedies({
    ...{ address: names.address, authority: names.authority, again: 'run the same command again' },
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
