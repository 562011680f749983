// What is to be installed, from this machine: the built hooks, the README beside them, and which environment they run in.
import { createHash } from 'node:crypto'
import { createReadStream, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { blobId } from '../../schemas/blob-id.ts'
import type { InstallConfig } from './config.ts'
import type { Release } from './manifest.ts'
import { README, readmeText } from './readme-text.ts'

type BuiltFile = { path: string; bytes: Buffer; id: string }

export type BuiltRelease = Release & { built: BuiltFile[]; readme: BuiltFile }

/** Every file of the folder is a hook. */
export async function builtRelease({ hooks, hook, environment }: InstallConfig): Promise<BuiltRelease> {
  const names = readdirSync(hooks.folder, { withFileTypes: true }).filter(entry => entry.isFile())
  const built = names.map(({ name }) => builtFile(name, readFileSync(join(hooks.folder, name))))
  return {
    version: packageJson.version,
    environment: `${environment.name}-${await environmentVersion(environment)}`,
    files: Object.fromEntries(built.map(({ path, id }) => [path, id])),
    built,
    readme: builtFile(README, Buffer.from(readmeText(hook))),
  }
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
