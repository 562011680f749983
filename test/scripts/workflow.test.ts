// The workflow in scripts/README.md: its own commands, run as a runner does, on a repository with a good and a bad file.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { parse } from 'yaml'
import { gitEnvironment } from '../support/git.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-workflow-'))
after(() => rmSync(folder, { recursive: true, force: true }))

type Workflow = { jobs: Record<string, { steps: { run?: string; uses?: string; if?: string }[] }> }

/** The commands of the steps of the block, without those that fetch and build: the build is there already. */
function checkCommands(): string[] {
  const [, block] =
    /^```yaml\n(name: catalog\n.*?)^```$/ms.exec(readFileSync(join(root, 'scripts/README.md'), 'utf8')) ?? []
  assert.ok(block, 'scripts/README.md has no workflow "name: catalog"')
  const { jobs } = parse(block) as Workflow
  return Object.values(jobs)
    .flatMap(({ steps }) => steps.map(({ run }) => run ?? ''))
    .filter(run => run.includes('catalog-gate.mjs check'))
}

const system = (name: string) =>
  `apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: { name: ${name} }\nspec: { owner: team }\n`

function runAsRunner(command: string): { status: number | null; stdout: string; stderr: string } {
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`
  return spawnSync('bash', ['-e', '-c', command], { cwd: folder, env: { ...gitEnvironment(), PATH }, encoding: 'utf8' })
}

test('the composite action: its commands, in a repository with a good and a bad file', () => {
  const action = parse(readFileSync(join(root, 'scripts/action/action.yml'), 'utf8')) as {
    inputs: Record<string, { description: string }>
    runs: { using: string; steps: { shell: string; run: string; env: Record<string, string> }[] }
  }
  const [step] = action.runs.steps
  assert.ok(action.runs.using === 'composite' && step?.shell === 'bash')
  for (const value of Object.values(step.env))
    assert.ok(
      Object.keys(action.inputs).some(name => value === `\${{ inputs.${name} }}`),
      value,
    )
  const repository = join(folder, 'action repository')
  mkdirSync(repository)
  const run = (config: string) => {
    const PATH = `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`
    const env = { ...gitEnvironment(), PATH, CONFIG: config, GITHUB_ACTION_PATH: join(root, 'scripts/action') }
    return spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
      cwd: repository,
      env,
      encoding: 'utf8',
    })
  }
  const write = (name: string, text: string) => writeFileSync(join(repository, name), text)
  write('catalog-info.yaml', system('shop'))
  write('my hook.yaml', 'enforce: { rules: { name-format: warning } }\n')
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
  ])
    spawnSync('git', args, { cwd: repository, env: gitEnvironment() })
  const good = run('')
  assert.deepEqual([good.status, good.stderr], [0, ''], good.stdout)
  write('catalog-info.yaml', system('the shop'))
  const bad = run('')
  assert.equal(bad.status, 1, bad.stdout + bad.stderr)
  assert.match(bad.stdout, /^::error .*file=catalog-info\.yaml,line=3/m)
  const lenient = run('my hook.yaml')
  assert.equal(lenient.status, 0, lenient.stdout + lenient.stderr)
  assert.match(lenient.stdout, /^::warning /m)
})

test('annotations and exit code, and SARIF', () => {
  assert.ok(existsSync(join(root, 'dist/catalog-gate.mjs')), 'npm run build first')
  mkdirSync(join(folder, '.catalog-gate'))
  symlinkSync(join(root, 'dist'), join(folder, '.catalog-gate/dist'))
  writeFileSync(join(folder, '.catalog-gate/hook.yaml'), 'help: { url: "https://wiki.example/checks" }\n')
  // What the gate's own checkout has in it is not the repository's.
  writeFileSync(join(folder, '.catalog-gate/catalog-info.yaml'), system('not ours'))
  writeFileSync(join(folder, 'catalog-info.yaml'), system('shop'))
  const git = (...args: string[]) => spawnSync('git', args, { cwd: folder, env: gitEnvironment() })
  git('init', '-q')
  git('add', 'catalog-info.yaml')

  const [check = '', sarif = ''] = checkCommands()
  const good = runAsRunner(check)
  assert.equal(good.status, 0, good.stdout + good.stderr)
  writeFileSync(join(folder, 'catalog-info.yaml'), system('the shop'))
  const bad = runAsRunner(check)
  assert.equal(bad.status, 1, bad.stdout + bad.stderr)
  assert.match(bad.stdout, /^::error .*file=catalog-info\.yaml,line=3/m)
  assert.doesNotMatch(bad.stdout, /not ours/)

  const uploaded = runAsRunner(sarif)
  assert.equal(uploaded.status, 0, uploaded.stderr)
  const report = JSON.parse(readFileSync(join(folder, 'catalog.sarif'), 'utf8')) as { runs: { results: unknown[] }[] }
  assert.equal(report.runs[0]?.results.length, 1)
})
