// catalog-gate doctor --app-config: what is off in a Backstage's configuration, by the files and by what is installed beside them.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { appConfigInEnv } from '../../backstage/app-config-env.ts'
import { type AppConfigEdges, readAppConfigFiles } from '../../backstage/app-config-files.ts'
import { type Finding, ok, skipped, wrong } from '../finding.ts'
import { checkPackages } from '../packages.ts'
import { checkAccess } from './access.ts'
import { checkAuth } from './auth.ts'
import { checkConfigSchema } from './config-schema.ts'
import { checkEvents } from './events.ts'
import { checkGate } from './gate.ts'
import { type Inspected, installationAbove } from './inspected.ts'
import { checkIntegrations } from './integrations.ts'
import { checkScans } from './scans.ts'

export type AppConfigOptions = {
  appConfig: readonly string[]
  /** hook.yaml. */
  hook?: string
  backstageRoot?: string
}

/** The files as a whole, or what is wrong with them. */
export function inspect(
  { appConfig, backstageRoot }: AppConfigOptions,
  edges: AppConfigEdges,
): { result: 'inspected'; inspected: Inspected } | { result: 'wrong'; problems: string[] } {
  const read = readAppConfigFiles(appConfig, edges)
  if (read.result === 'wrong') return read
  const root = backstageRoot ?? installationAbove(dirname(resolve(edges.cwd, appConfig[0] ?? '')))
  return { result: 'inspected', inspected: { config: read.config, root } }
}

export async function checkAppConfig(options: AppConfigOptions, edges: AppConfigEdges): Promise<Finding[]> {
  const read = inspect(options, edges)
  if (read.result === 'wrong')
    return read.problems.map(problem =>
      wrong('app-config', problem, 'put it right, or name the files as Backstage gets them (--config), in its order'),
    )
  const { inspected } = read
  const hook =
    options.hook ?? ['hook.yaml', 'site/hook.yaml'].map(name => join(edges.cwd, name)).find(path => existsSync(path))
  return [
    ...overridesOf(edges),
    ...checkIntegrations(inspected),
    ...checkEvents(inspected),
    ...checkAccess(inspected),
    ...checkScans(inspected),
    ...checkAuth(inspected),
    ...(hook === undefined
      ? [
          skipped(
            'hook.yaml',
            'whether the gate refuses what this Backstage refuses was not looked at',
            '--hook hook.yaml',
          ),
        ]
      : checkGate(inspected, hook)),
    ...(inspected.root === undefined || options.backstageRoot !== undefined ? [] : checkPackages(inspected.root)),
    ...(await checkConfigSchema(inspected)),
  ]
}

/** What Backstage gets so elsewhere is not seen from here. */
function overridesOf({ env = {} }: AppConfigEdges): Finding[] {
  const names = appConfigInEnv(env)?.names ?? []
  if (names.length === 0) return []
  const said = `over all files, as Backstage does: ${names.join(', ')}; secrets in them are not read`
  return [ok('environment', said)]
}
