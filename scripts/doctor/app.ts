// The relay as a GitHub App: who has installed it, whether that is suspended, and whether it may do what is needed.
import type { GhesClient } from '../../relay/clients/ghes/client.ts'
import { complete, field, type Read } from '../../relay/clients/ghes/read.ts'
import type { RelayConfig } from '../../relay/config/relay-config.ts'
import { type Finding, ok, wrong } from './finding.ts'

type Installation = { owner: string; suspended: boolean; permissions: Record<string, unknown>; events: string[] }

/** What the installation in an organization sends by the App's webhook; undefined where there is none, or it is suspended. */
export type EventsOf = (organization: string) => string[] | undefined

/** Of each organization that is reconciled; without any, of each that has installed the App. */
export async function checkInstallations(
  { ghe, reconcile: { organizations } }: RelayConfig,
  asApp: GhesClient,
): Promise<{ findings: Finding[]; events: EventsOf }> {
  const answer = await asApp.list('GET /app/installations', {}, installationIn)
  if (answer.result === 'refused')
    return { findings: [wrong('ghe.app', answer.message, answer.remedy)], events: () => undefined }
  const found = (name: string) => answer.value.find(({ owner }) => owner.toLowerCase() === name.toLowerCase())
  const looked = organizations.length > 0 ? organizations : answer.value.map(({ owner }) => owner)
  const findings = looked.map(name => installationFinding(name, found(name), ghe.statuses))
  return {
    findings: findings.length > 0 ? findings : [wrong('ghe.app', 'nobody has installed the GitHub App', INSTALL)],
    events: name => (found(name)?.suspended ? undefined : found(name)?.events),
  }
}

const INSTALL = 'an owner of the organization installs it, with contents and metadata: read'

function installationFinding(name: string, installation: Installation | undefined, statuses: boolean): Finding {
  const check = `ghe.app in ${name}`
  if (!installation)
    return wrong(
      check,
      'the GitHub App is not installed there',
      `${INSTALL}; or take it out of reconcile.organizations`,
    )
  if (installation.suspended)
    return wrong(check, 'its installation is suspended', 'an owner of the organization can lift that')
  const needed = { contents: 'read', metadata: 'read', ...(statuses ? { statuses: 'write' } : {}) }
  const given = (permission: string, right: string) =>
    [right, 'write', 'admin'].includes(String(installation.permissions[permission]))
  const lacks = Object.entries(needed).filter(([permission, right]) => !given(permission, right))
  const words = (all: [string, string][]) => all.map(one => one.join(': ')).join(', ')
  return lacks.length > 0
    ? wrong(
        check,
        `it lacks ${words(lacks)}`,
        "add it to the App's permissions; an owner of the organization then has to accept it",
      )
    : ok(check, `it is installed, with ${words(Object.entries(needed))}`)
}

const installationIn: Read<Installation> = data =>
  complete<Installation>({
    owner: field(field(data, 'account', 'map'), 'login', 'text'),
    suspended: field(data, 'suspended_at', 'text') !== undefined,
    permissions: field(data, 'permissions', 'map') ?? {},
    events: (field(data, 'events', 'list') ?? []).filter(event => typeof event === 'string'),
  })
