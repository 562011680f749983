// The way out of each refusal for who runs a survey: by the options of the command, and a token that may read.
import type { Remedies } from '../../relay/clients/ghes/refusal.ts'
import { ourFault, sharedRemedies } from '../../relay/clients/ghes/remedies.ts'

const mayNot = ({ said }: { said: string }) =>
  `the token in --token-file may not do this; it needs to read contents and metadata (classic: scopes repo and read:org)${said === '' ? '' : ` ("${said}")`}`

export const surveyRemedies: Remedies = {
  ...sharedRemedies({
    ...{ address: '--api-url', authority: '--ca-file', again: 'run the same command again' },
    noWay: 'run this from a machine in the network of the appliance',
  }),
  'bad-credentials': () => 'the token in --token-file is not valid there (expired, revoked, or of another host)',
  forbidden: mayNot,
  hidden: mayNot,
  'not-found': () => 'it is not there any more, or the token in --token-file may not see it',
  invalid: () => ourFault,
  'repository-moved': () => 'the repository was renamed or transferred meanwhile; run the same command again',
}
