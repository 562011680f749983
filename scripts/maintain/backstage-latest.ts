// npm run backstage-latest: what npm's newest Backstage packages would change, so that a release is known before somebody installs it.
//
// Names what is newer than our pinned versions, installs it into a temporary folder (some 460 MB, gone afterwards), and compares its facts with
// the committed ones. It never fails: a registry that cannot be reached is one line.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const SCHEMAS = ['@backstage/catalog-model', '@backstage/plugin-scaffolder-common']

type Packages = { dependencies: Record<string, string>; overrides?: Record<string, string> }
type Newer = { name: string; pinned: string; latest: string }
type Asked = { result: 'newer'; packages: Newer[] } | { result: 'unreachable'; reason: string }

const readPackages = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'))

function lines(): string[] {
  const backend: Packages = readPackages('test/backstage/package.json')
  const { devDependencies } = readPackages('package.json') as { devDependencies: Record<string, string> }
  const schemas = Object.fromEntries(SCHEMAS.map(name => [name, devDependencies[name] ?? '']))
  const pinned = { ...schemas, ...backend.dependencies }
  const asked = newerThan(pinned)
  if (asked.result === 'unreachable') return [`npm's latest is not known: ${asked.reason}`]
  if (asked.packages.length === 0) return ['npm has nothing newer than what is pinned']
  const newer = asked.packages.map(({ name, pinned: ours, latest }) => `${name} ${ours} -> ${latest}`)
  return [...newer, changesWith({ ...backend, dependencies: pinned }, asked.packages)]
}

function newerThan(pinned: Record<string, string>): Asked {
  const packages: Newer[] = []
  for (const [name, ours] of Object.entries(pinned)) {
    if (!name.startsWith('@backstage')) continue
    const { status, stdout, stderr } = npm(['view', name, 'dist-tags.latest'], root)
    const latest = stdout.trim()
    if (status !== 0 || latest === '') return { result: 'unreachable', reason: firstLine(stderr) }
    if (latest !== ours) packages.push({ name, pinned: ours, latest })
  }
  return { result: 'newer', packages }
}

function changesWith(backend: Packages, newer: readonly Newer[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'backstage-latest-'))
  try {
    const latest = Object.fromEntries(newer.map(({ name, latest }) => [name, latest]))
    const wanted = { private: true, dependencies: { ...backend.dependencies, ...latest }, overrides: backend.overrides }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(wanted))
    const installed = npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev'], folder)
    if (installed.status !== 0) return `they cannot be installed: ${firstLine(installed.stderr)}`
    const facts = join(import.meta.dirname, 'backstage-facts.ts')
    const { stdout, stderr } = run(process.execPath, [facts, '--from', folder], folder)
    return stdout.trim() || `their facts could not be gathered: ${firstLine(stderr)}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Whatever it meets, it ends; and it gives its reasons also below `npm run -s`. A program that is not there has no output at all. */
function run(program: string, args: string[], cwd: string) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 240_000 })
  return { status, stdout: stdout ?? '', stderr: error === undefined ? stderr : `error: ${error.message}` }
}

const npm = (args: string[], cwd: string) =>
  run('npm', [...args, '--loglevel=error', '--fetch-retries=1', '--fetch-timeout=20000'], cwd)

const firstLine = (text: string) =>
  text
    .split('\n')
    .find(line => /error/i.test(line) && !/^npm (error|ERR!) (code|syscall|errno|path)\b/.test(line))
    ?.trim() ?? 'npm gave no reason'

for (const line of lines()) console.log(line)
