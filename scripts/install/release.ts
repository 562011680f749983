// What is to be installed, from this machine: the built hooks, the README beside them, and which environment they run in.
import { createHash } from 'node:crypto'
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { blobId } from '../../schemas/blob-id.ts'
import type { InstallConfig } from './config.ts'
import type { Release, Settings } from './manifest.ts'
import { README, readmeText } from './readme-text.ts'

type BuiltFile = { path: string; bytes: Buffer; id: string }

export type BuiltRelease = Release & { hooks: BuiltFile[]; readme: BuiltFile }

/** Every file of the folder is a hook. */
export async function builtRelease({ hooks, hook, environment }: InstallConfig): Promise<BuiltRelease> {
  const names = readdirSync(hooks.folder, { withFileTypes: true }).filter(entry => entry.isFile())
  const built = names.map(({ name }) => builtFile(name, readFileSync(join(hooks.folder, name))))
  return {
    version: packageJson.version,
    environment: `${environment.name}-${await environmentVersion(environment)}`,
    files: Object.fromEntries(built.map(({ path, id }) => [path, id])),
    ...buildOf(hooks.folder, hook.script),
    hooks: built,
    readme: builtFile(README, Buffer.from(readmeText(hook))),
  }
}

/** The settings stand in the head of the hook; the probe has none. */
function buildOf(folder: string, script: string): Pick<Release, 'built' | 'settings'> {
  const file = join(folder, script)
  const [, line] =
    /^# Settings, as hook\.yaml has them: (.*)$/m.exec(readFileSync(file, 'latin1').slice(0, 65_536)) ?? []
  const built = `${statSync(file).mtime.toISOString().slice(0, 16)}Z`
  return line === undefined ? { built } : { built, settings: JSON.parse(line) as Settings }
}

const builtFile = (path: string, bytes: Buffer): BuiltFile => ({ path, bytes, id: blobId(bytes) })

/** As many digits as nobody meets twice. */
const VERSION_DIGITS = 12

/** Of the tarball's SHA-256. Where only its address is known, of that: another tarball then needs another address. */
async function environmentVersion(environment: InstallConfig['environment']): Promise<string> {
  const { sha256 } = environment
  if (sha256 !== undefined) return sha256.slice(0, VERSION_DIGITS)
  const hash = createHash('sha256')
  if (environment.source === 'url') hash.update(environment.imageUrl)
  else for await (const chunk of createReadStream(environment.file)) hash.update(chunk as Buffer)
  return hash.digest('hex').slice(0, VERSION_DIGITS)
}

/** Whether an environment was made by `install`: its name and a version. */
export const isVersionOf = (name: string, environment: string): boolean =>
  environment.startsWith(`${name}-`) && /^[0-9a-f]{12}$/.test(environment.slice(name.length + 1))
