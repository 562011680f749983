// What install.yaml wants against what GHES shows: the hook, its bytes, its environment, where it is enforced.

import type { Refusal } from '../../relay/clients/ghes/refusal.ts'
import { pauseText } from '../../schemas/pause.ts'
import { askAccess } from '../ghes/access.ts'
import { openAdministratorClient } from '../ghes/client.ts'
import { preReceiveApi } from '../ghes/pre-receive.ts'
import { repositoriesApi } from '../ghes/repositories.ts'
import { DELETE_SCOPE, TOKEN_SCOPES } from '../ghes/token.ts'
import type { InstallConfig } from '../install/config.ts'
import { type Found, find } from '../install/found.ts'
import { Refused } from '../install/granted.ts'
import { releaseName } from '../install/manifest.ts'
import { planInstall } from '../install/plan-install.ts'
import { builtRelease } from '../install/release.ts'
import { stepText } from '../install/words.ts'
import { clockFinding, type Finding, ok, skipped, warning, wrong } from './finding.ts'
import { tokenFindings } from './token.ts'

/** The oldest whose API has all that install asks for; older ones are out of support since 2026-04. */
const OLDEST = { major: 3, minor: 16 }

export async function checkInstallation(config: InstallConfig, now: () => number): Promise<Finding[]> {
  const client = openAdministratorClient(config.ghe, { now, timeoutMs: 10_000 })
  try {
    const meta = await askAccess(client, config.ghe)
    if (meta.result === 'refused') return [refused('GHES', meta)]
    if (meta.result === 'wrong') return [wrong('GHES', meta.problem, meta.remedy)]
    const api = { preReceive: preReceiveApi(client), repositories: repositoriesApi(client) }
    return [
      versionFinding(meta.headers['x-github-enterprise-version']),
      clockFinding("GHES's clock", meta.headers['date'], now()),
      ...tokenFindings(
        'token of install.yaml',
        meta.headers,
        { needed: TOKEN_SCOPES, allowed: Object.keys(DELETE_SCOPE) },
        now(),
      ),
      ...(await find(api, config).then(
        found => installedFindings(config, found),
        (error: unknown) => {
          if (error instanceof Refused) return [refused('hook', error.refusal)]
          throw error
        },
      )),
    ]
  } finally {
    await client.close()
  }
}

const refused = (check: string, { message, remedy }: Refusal): Finding => wrong(check, message, remedy)

function versionFinding(header: string | undefined): Finding {
  if (header === undefined)
    return skipped('GHES', 'it does not tell its version', 'an appliance; this may be github.com or a proxy')
  const version = /(\d+)\.(\d+)/.exec(header)
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])]
  const isOld = major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)
  return isOld
    ? warning(
        'GHES',
        `it is ${header}, which nobody has tried with catalog-gate`,
        `upgrade it to ${OLDEST.major}.${OLDEST.minor} or newer; sandbox-probe shows what its hooks may do`,
      )
    : ok('GHES', `it answers, and is ${header.replace(/^enterprise-server@/, '')}`)
}

async function installedFindings(config: InstallConfig, found: Found): Promise<Finding[]> {
  const { hook } = found
  if (!hook) return [wrong('hook', `"${config.hook.name}" is not installed`, 'catalog-gate install --apply')]
  const release = await builtRelease(config)
  const { steps, problems } = planInstall(config, release, found)
  const asBuilt = steps.filter(({ do: what }) => what !== 'delete-environment')
  const findings: Finding[] = problems.map(problem => wrong('install.yaml', problem, 'put it right in install.yaml'))
  findings.push(
    asBuilt.length === 0
      ? ok('hook', `it is ${releaseName(release)}, this build, in the environment ${hook.environment.name}`)
      : wrong(
          'hook',
          `it is ${installedName(found)}, and not as install.yaml and this build (${releaseName(release)}) have it: ${asBuilt.map(stepText).join('; ')}`,
          'catalog-gate install shows all of it, --apply does it; or build what is installed',
        ),
  )
  return [...findings, environmentFinding(found), ...enforcementFindings(found), ...pauseFindings(found)]
}

const installedName = ({ repository }: Found) =>
  repository.state === 'there' && repository.manifest ? releaseName(repository.manifest) : 'something else'

function environmentFinding({ hook, environments }: Found): Finding {
  const environment = environments.find(({ id }) => id === hook?.environment.id)
  if (environment?.download.state === 'success') return ok('environment', `${environment.name} is on the appliance`)
  return wrong(
    'environment',
    `"${hook?.environment.name}" is not usable: ${environment?.download.message || environment?.download.state || 'gone'}`,
    'catalog-gate install --apply fetches it again',
  )
}

function pauseFindings({ repository }: Found): Finding[] {
  if (repository.state !== 'there' || repository.paused === undefined) return []
  const said = `the gate is paused, and refuses nothing, by ${pauseText(repository.paused)}`
  return [warning('pause', said, 'catalog-gate resume --apply ends it')]
}

function enforcementFindings({ hook, scopes }: Found): Finding[] {
  const where = [
    ...(hook && hook.enforcement !== 'disabled' ? [`everywhere: ${hook.enforcement}`] : []),
    ...scopes
      .filter(({ standing }) => standing.setHere)
      .map(({ scope, standing }) => `${scope.replace(/^(orgs|repos)\//, '')}: ${standing.enforcement}`),
  ]
  const enabled = where.filter(one => one.endsWith('enabled'))
  if (enabled.length > 0) return [ok('enforcement', where.slice(0, 8).join(', '))]
  return [
    warning(
      'enforcement',
      `nothing is enforced yet (${where.slice(0, 8).join(', ') || 'disabled everywhere'})`,
      'catalog-gate promote, when the survey and the time in testing say so',
    ),
  ]
}
