// catalog-gate doctor --sign-in LOGIN: why somebody cannot sign in to Backstage with GHES, from the account at GHES to the User in the catalog.
import type { RelayConfig } from '../../../relay/config/relay-config.ts'
import { isOpen } from '../../backstage/app-config.ts'
import { checkAuth, gitHubSignIn, orgProviders, resolversOf } from '../app-config/auth.ts'
import { type Inspected, listIn, textAt } from '../app-config/inspected.ts'
import { type Finding, ok, skipped, warning, wrong } from '../finding.ts'
import { type LiveSignIn, openLiveSignIn, type Scan } from './backstage.ts'
import { nobodyAsked, type Person, personAt } from './person.ts'
import { userFindings } from './user.ts'

export type SignInOptions = {
  login: string
  inspected?: Inspected
  relay?: RelayConfig
  backstage?: { baseUrl: string; token: () => string; ca?: string }
}

/** GHES's own rule for logins; what is no login is asked of nobody. */
export const isLogin = (login: string): boolean => /^[a-z0-9](?:[a-z0-9_-]{0,99})$/i.test(login)

export async function checkSignIn(options: SignInOptions, now: () => number): Promise<Finding[]> {
  const { login, inspected, relay, backstage } = options
  const organizations = inspected ? orgsOf(inspected) : (relay?.reconcile.organizations ?? [])
  const person = relay ? await personAt(relay, login, organizations, now) : nobodyAsked
  const live = backstage && openLiveSignIn(backstage)
  try {
    return [
      ...person.findings,
      ...(inspected
        ? checkAuth(inspected).map(found => ({ ...found, check: 'app-config' }))
        : [
            skipped(
              'app-config',
              'how people are bound, and who brings the users, was not looked at',
              '--app-config FILE',
            ),
          ]),
      ...(live
        ? await ofBackstage(live, options, person)
        : [
            skipped(
              'Backstage',
              'which Users it has, and where it sends people, was not looked at',
              '--backstage URL --token-file FILE',
            ),
          ]),
      ...membership(login, person, organizations),
      ...notVisible(inspected),
    ]
  } finally {
    await live?.close()
  }
}

const orgsOf = (inspected: Inspected): string[] =>
  orgProviders(inspected)
    .flatMap(one => listIn(one['orgs']))
    .filter(org => typeof org === 'string')
    .filter(org => !isOpen(org))

async function ofBackstage(live: LiveSignIn, { login, inspected }: SignInOptions, person: Person): Promise<Finding[]> {
  const [started, users, scans] = await Promise.all([
    startFindings(live, inspected),
    userFindings(live, login, person, resolverNames(inspected)),
    scanFindings(live, inspected),
  ])
  return [...started, ...users, ...scans]
}

/** Of the configuration; Backstage's recommended one where it is not known. */
function resolverNames(inspected: Inspected | undefined): string[] {
  const found = inspected && gitHubSignIn(inspected)
  const names = found ? resolversOf(found.map).map(one => String(one['resolver'])) : []
  return names.length > 0 ? names : ['userIdMatchingUserEntityAnnotation']
}

async function startFindings(live: LiveSignIn, inspected: Inspected | undefined): Promise<Finding[]> {
  const check = 'where people are sent'
  const signIn = inspected && gitHubSignIn(inspected)
  const environment = signIn?.keys.at(-1) ?? 'production'
  const start = await live.start(environment)
  if (start.result === 'unknown') return [skipped(check, start.reason, 'an address of the backend that answers here')]
  if (start.result === 'none')
    return [
      wrong(
        check,
        `/api/auth/github/start?env=${environment} answers ${start.status}; expected a redirect to GHES`,
        start.status === 404
          ? `is auth.providers.github.${environment} configured, and are plugin-auth-backend and its GitHub provider's module added to the backend?`
          : "look at the backend's log",
      ),
    ]
  const wanted = textAt(signIn?.map, 'enterpriseInstanceUrl')
  const expected = wanted === undefined || isOpen(wanted) || !URL.canParse(wanted) ? undefined : new URL(wanted).origin
  const needsTeams = inspected?.config.decided('catalogGate', 'signIn', 'teams') !== undefined
  return [
    expected === undefined || expected === start.instance
      ? ok(check, `to ${start.instance}, with scopes ${start.scopes.join(', ')}`)
      : wrong(
          check,
          `to ${start.instance}; expected ${expected}`,
          'the backend runs with other files than these: restart it, or name those that it has',
        ),
    ...(needsTeams && !start.scopes.includes('read:org')
      ? [
          wrong(
            'scopes',
            `${start.scopes.join(', ')}; expected read:org too, for catalogGate.signIn.teams`,
            `auth.providers.github.${environment}: { additionalScopes: [read:org] }`,
          ),
        ]
      : []),
    callbackFinding(start.callback),
  ]
}

function callbackFinding(callback: string): Finding {
  const check = 'callback URL'
  if (!/\/api\/auth\/github\/handler\/frame$/.test(callback) || !URL.canParse(callback))
    return warning(
      check,
      `Backstage asks GHES to come back to ${callback || 'nowhere'}; expected BACKEND/api/auth/github/handler/frame`,
      "backend.baseUrl, or callbackUrl of auth.providers.github, and the OAuth App's page",
    )
  return skipped(
    check,
    `Backstage asks GHES to come back to ${callback}; whether the OAuth App allows that, no API of GHES tells`,
    "a look at the OAuth App's page: its authorization callback URL has to be this, or above it",
  )
}

async function scanFindings(live: LiveSignIn, inspected: Inspected | undefined): Promise<Finding[]> {
  const scans = await live.scans()
  if (!Array.isArray(scans))
    return [
      skipped(
        'org provider',
        scans.reason,
        'a token that may reach plugin catalog whole; restricted ones do not see schedules',
      ),
    ]
  const ofOrg = scans.filter(({ id }) => /^Github(?:Multi)?OrgEntityProvider:/.test(id))
  const wanted = inspected ? orgProviders(inspected).length : 0
  if (ofOrg.length === 0)
    return [
      wrong(
        'org provider',
        `the backend runs none${wanted > 0 ? `, and app-config has ${wanted}` : ''}; expected one that brings the users`,
        "backend.add(import('@backstage/plugin-catalog-backend-module-github-org')), and catalog.providers.githubOrg",
      ),
    ]
  return ofOrg.map(scanFinding)
}

/** The provider catches its own errors: a run that ended says nothing of its success. */
function scanFinding({ id, lastRun, error, next }: Scan): Finding {
  const check = `org provider ${id.split(':')[1] ?? id}`
  const then = next === undefined ? '' : `, the next one is due at ${next}`
  if (error !== undefined)
    return wrong(
      check,
      `its last scan failed: ${error}${then}`,
      "look at the backend's log, and at the token of integrations.github",
    )
  if (lastRun === undefined)
    return warning(
      check,
      `it has not ended a scan since the backend has started${then}`,
      "wait for it; where it stays so, look at the backend's log",
    )
  return ok(
    check,
    `its last scan ended at ${lastRun}${then} (whether it failed stands in the backend's log alone: "refresh failed")`,
  )
}

function membership(login: string, { memberOf }: Person, organizations: readonly string[]): Finding[] {
  const check = 'organizations'
  if (memberOf.size === 0) return []
  const within = organizations.filter(name => memberOf.get(name) === true)
  if (within.length > 0)
    return [ok(check, `${login} is a member of ${within.join(', ')}: its scan should have brought the User`)]
  if ([...memberOf.values()].includes(undefined)) return []
  return [
    wrong(
      check,
      `${login} is a member of none of ${organizations.join(', ')}: no scan brings the User`,
      'make them a member, or add their organization to orgs of catalog.providers.githubOrg',
    ),
  ]
}

/** What happens between the browser and GHES is nobody else's to see. */
function notVisible(inspected: Inspected | undefined): Finding[] {
  const secrets = inspected && gitHubSignIn(inspected)?.map
  return [
    skipped(
      'client secret and SAML',
      `whether GHES takes ${secrets?.['clientId'] === undefined ? 'the client id and secret' : 'clientId and clientSecret'}, and whether the person has let the OAuth App through the organization's SAML, shows only when they sign in`,
      `what the page says then. "Failed to obtain access token": the secret, or a code used twice. "Failed to fetch user profile": GHES answered 403 (SAML: sign in at the organization first, and authorize the App) or 401. "unable to resolve user identity": no User, as above`,
    ),
  ]
}
