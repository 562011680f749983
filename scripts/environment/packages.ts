// Debian's packages, resolved and verified by apt, unpacked into a folder. No maintainer script runs.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../../schemas/error-code.ts'
import { mmdebstrap } from './mmdebstrap.ts'

export type DebianPackage = {
  name: string
  version: string
  architecture: string
  sha256: string
  /** Its files, from the root, without a leading slash. */
  files: string[]
}

export type Unpack =
  | { result: 'unpacked'; folder: string; packages: DebianPackage[] }
  | { result: 'failed'; problem: string; remedy: string }

export type UnpackOptions = { suite: string; mirror: string; packages: readonly string[]; into: string }

/** mmdebstrap's `extract` is dpkg-deb for each package, and nothing of their scripts; the archives stay, to be named in the SBOM. */
export async function unpackPackages(options: UnpackOptions, interrupted: AbortSignal): Promise<Unpack> {
  const folder = join(options.into, 'packages')
  const ran = await mmdebstrap(
    [
      '--mode=root',
      '--variant=extract',
      '--architectures=amd64',
      '--skip=cleanup/apt',
      '--aptopt=APT::Install-Recommends "false"',
      `--include=${options.packages.join(',')}`,
      options.suite,
      folder,
      options.mirror,
    ],
    interrupted,
  )
  if (ran.result === 'failed') return ran
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    try {
      symlinkSync(`usr/${name}`, join(folder, name))
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
  }
  return { result: 'unpacked', folder, packages: packagesOf(join(folder, 'var/cache/apt/archives')) }
}

/** NAME_VERSION_ARCHITECTURE.deb, with `%3a` for the colon of an epoch. */
function packagesOf(archives: string): DebianPackage[] {
  return readdirSync(archives)
    .filter(file => file.endsWith('.deb'))
    .sort()
    .flatMap(file => {
      const [name, version, architecture] = decodeURIComponent(file.slice(0, -'.deb'.length)).split('_')
      if (name === undefined || version === undefined || architecture === undefined) return []
      const sha256 = createHash('sha256')
        .update(readFileSync(join(archives, file)))
        .digest('hex')
      return [{ name, version, architecture, sha256, files: filesOf(join(archives, file)) }]
    })
}

function filesOf(archive: string): string[] {
  const tar = execFileSync('dpkg-deb', ['--fsys-tarfile', archive], { maxBuffer: 1e9 })
  return execFileSync('tar', ['--list'], { input: tar, encoding: 'utf8', maxBuffer: 1e8 })
    .split('\n')
    .map(name => name.replace(/^\.\//, ''))
    .filter(name => name !== '' && !name.endsWith('/'))
}

/** Those that one of the files came from. Packages still say `/lib/…` for what is in `/usr/lib/…` since these were merged. */
export function packagesWith(packages: readonly DebianPackage[], taken: readonly string[]): DebianPackage[] {
  const files = new Set(taken)
  return packages.filter(one => one.files.some(file => files.has(file.replace(/^(bin|sbin|lib|lib64)\//, 'usr/$1/'))))
}
