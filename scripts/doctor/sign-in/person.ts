// What GHES knows of who wants to sign in: the account, and the organisations whose members the org provider brings.
import { openGhesClient } from '../../../relay/clients/ghes/client.ts'
import { credentialOf } from '../../../relay/clients/ghes/ghes.ts'
import { field, map, nothing } from '../../../relay/clients/ghes/read.ts'
import { relayRemedies } from '../../../relay/clients/ghes/remedies.ts'
import type { RelayConfig } from '../../../relay/config/relay-config.ts'
import { type Finding, ok, skipped, warning, wrong } from '../finding.ts'

const TIMEOUT_MS = 10_000

export type Person = {
  findings: Finding[]
  /** Undefined: GHES was not asked, or does not know the login. */
  nodeId: string | undefined
  suspended: boolean
  /** Of those that were asked for. Undefined: not known. */
  memberOf: ReadonlyMap<string, boolean | undefined>
}

export const nobodyAsked: Person = {
  findings: [
    skipped(
      'GHES',
      'whether the account is there, suspended, and in an organization was not looked at',
      '--relay relay.yaml, whose ghe.token can ask',
    ),
  ],
  nodeId: undefined,
  suspended: false,
  memberOf: new Map(),
}

export async function personAt(
  { ghe }: RelayConfig,
  login: string,
  organizations: readonly string[],
  now: () => number,
): Promise<Person> {
  const client = openGhesClient({
    baseUrl: ghe.baseUrl,
    credential: credentialOf({ ...ghe, now }, TIMEOUT_MS),
    remedies: relayRemedies,
    now,
    timeoutMs: TIMEOUT_MS,
    ...(ghe.ca === undefined ? {} : { ca: ghe.ca }),
  })
  try {
    const account = await client.ask('GET /users/{login}', { login }, map)
    if (account.result === 'refused') {
      const gone = account.status === 404
      const finding = gone
        ? wrong(
            `${login} at GHES`,
            `${ghe.host} has no account ${login}; expected one`,
            'is the login right, and of this instance? A login can have been changed',
          )
        : wrong(`${login} at GHES`, account.message, account.remedy)
      return { ...nobodyAsked, findings: [finding] }
    }
    const nodeId = field(account.value, 'node_id', 'text')
    const suspended = typeof account.value['suspended_at'] === 'string'
    const memberOf = new Map<string, boolean | undefined>()
    const findings: Finding[] = [accountFinding(login, nodeId, suspended)]
    for (const organization of organizations) {
      const asked = await client.ask('GET /orgs/{organization}/members/{login}', { organization, login }, nothing)
      const isNo = asked.result === 'refused' && asked.status === 404
      memberOf.set(organization, asked.result === 'answered' ? true : isNo ? false : undefined)
      if (asked.result === 'refused' && !isNo) findings.push(hidden(organization, asked.message, asked.remedy))
    }
    return { findings, nodeId, suspended, memberOf }
  } finally {
    await client.close()
  }
}

function accountFinding(login: string, nodeId: string | undefined, suspended: boolean): Finding {
  const check = `${login} at GHES`
  if (suspended)
    return wrong(
      check,
      'the account is suspended: GHES lets nobody sign in with it, and the org provider (excludeSuspendedUsers) leaves it out; expected an active one',
      'a site administrator can unsuspend it; then the next scan brings the User',
    )
  return ok(check, `the account is active${nodeId === undefined ? '' : `, its id is ${nodeId}`}`)
}

function hidden(organization: string, message: string, remedy: string): Finding {
  const isSaml = /SAML/i.test(message)
  return warning(
    `members of ${organization}`,
    `not known: ${message}`,
    isSaml ? `authorize the token for ${organization} (SAML); people have to do the same for the OAuth App` : remedy,
  )
}
