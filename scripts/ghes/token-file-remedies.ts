// The way out of each refusal for who runs a command with --api-url and --token-file.
import type { Remedies } from '../../relay/clients/ghes/refusal.ts'
import { ourFault, sharedRemedies } from '../../relay/clients/ghes/remedies.ts'

/** `needs`: what the token has to be allowed, as `to read contents and metadata (classic: scopes repo and read:org)`. */
export const tokenFileRemedies = (needs: string): Remedies => ({
  ...sharedRemedies({
    ...{ address: '--api-url', authority: '--ca-file', again: 'run the same command again' },
    noWay: 'run this from a machine in the network of the appliance',
  }),
  'bad-credentials': () => 'the token in --token-file is not valid there (expired, revoked, or of another host)',
  forbidden: notAllowed(needs),
  hidden: notAllowed(needs),
  'not-found': () => 'it is not there any more, or the token in --token-file may not see it',
  invalid: () => ourFault,
  'repository-moved': () => 'the repository was renamed or transferred meanwhile; run the same command again',
})

const notAllowed =
  (needs: string) =>
  ({ said }: { said: string }) =>
    `the token in --token-file may not do this; it needs ${needs}${said === '' ? '' : ` ("${said}")`}`
