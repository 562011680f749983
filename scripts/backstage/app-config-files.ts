// The app-config files that a command was given, read in their order: from the working folder, and what they include from where it is named.
import { resolve } from 'node:path'
import { fileTrouble } from '../../schemas/error-code.ts'
import { type ConfigFile, readAppConfig } from './app-config.ts'
import { appConfigInEnv } from './app-config-env.ts'

/** As what a setting's place is named. */
const OVERRIDES = 'APP_CONFIG_… in the environment'

/** `env`: Backstage's own, where its overrides count. */
export type AppConfigEdges = {
  cwd: string
  readFile: (path: string) => string
  env?: Readonly<Record<string, string | undefined>>
}

/** Everything that is wrong comes back at once, each problem naming its file. */
export function readAppConfigFiles(
  paths: readonly string[],
  { cwd, readFile, env = {} }: AppConfigEdges,
): ReturnType<typeof readAppConfig> {
  const problems: string[] = []
  const files = paths.flatMap((path): ConfigFile[] => {
    try {
      return [{ path, text: readFile(resolve(cwd, path)) }]
    } catch (error) {
      problems.push(`${path}: cannot be read (${fileTrouble(error)})`)
      return []
    }
  })
  const overrides = appConfigInEnv(env)
  problems.push(...(overrides?.problems ?? []))
  if (problems.length > 0) return { result: 'wrong', problems }
  const above = overrides && { path: OVERRIDES, value: overrides.value }
  // What is included is named from the file that does so, and that one from the working folder.
  return readAppConfig(files, path => readFile(resolve(cwd, path)), above)
}
