// The app-config files that a command was given, read in their order: from the working folder, and what they include from where it is named.
import { relative, resolve } from 'node:path'
import { errorCode } from '../../schemas/error-code.ts'
import { type ConfigFile, readAppConfig } from './app-config.ts'

export type AppConfigEdges = { cwd: string; readFile: (path: string) => string }

/** Everything that is wrong comes back at once, each problem naming its file. */
export function readAppConfigFiles(
  paths: readonly string[],
  { cwd, readFile }: AppConfigEdges,
): ReturnType<typeof readAppConfig> {
  const problems: string[] = []
  const files = paths.flatMap((path): ConfigFile[] => {
    try {
      return [{ path, text: readFile(resolve(cwd, path)) }]
    } catch (error) {
      problems.push(`${path}: cannot be read (${errorCode(error) ?? error})`)
      return []
    }
  })
  if (problems.length > 0) return { result: 'wrong', problems }
  // What is included is named from the file that does so, and that one from the working folder.
  return readAppConfig(files, path => readFile(resolve(cwd, relative('', path))))
}
