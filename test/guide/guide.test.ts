// hooks/GUIDE.md: its commands are run, in its order and as they stand there; those that need GHES or root are held against the command line's help.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { installConfig, migrateConfig, migrateRules } from '../../schemas/compiled/own.mjs'
import { configProblems } from '../../schemas/config-problems.ts'
import schema from '../../schemas/install-config.schema.json' with { type: 'json' }
import migrateSchema from '../../schemas/migrate-config.schema.json' with { type: 'json' }
import rulesSchema from '../../schemas/migrate-rules.schema.json' with { type: 'json' }
import { buildProbe } from '../../scripts/build/probe-file.ts'
import { loadHookConfig } from '../../scripts/config/hook-config.ts'
import { gitEnvironment } from '../support/git.ts'
import { createRepositoryHost } from '../support/repository.ts'
import { commands, guide, IN_CHECKOUT, needsGhes, node, PATH, pageOf } from './guide-page.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-guide-'))
const repository = join(folder, 'a-repository')
const pages = { 'GUIDE.md': pageOf('GUIDE.md'), 'README.md': pageOf('README.md') }
/** Not run here: it takes the network, or changes this checkout. `demo` and `environment build` have tests of their own, as has what is done with an environment. */
const ELSEWHERE = [/^npm ci$/, /^npm run demo$/, /^npm install /, / environment build /, / --environment /]

function sh(command: string): { status: number | null; output: string } {
  const run = spawnSync('sh', ['-e', '-c', command], {
    cwd: folder,
    env: { ...gitEnvironment({ HOME: folder, PATH }), NO_COLOR: '1' },
    encoding: 'utf8',
  })
  return { status: run.status, output: run.stdout + run.stderr }
}

before(() => {
  // A checkout in which the guide may write its folder "site".
  for (const name of IN_CHECKOUT) symlinkSync(join(root, name), join(folder, name))
  mkdirSync(repository)
  const file = 'apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata:\n  name: shop\nspec:\n  owner: team-a\n'
  writeFileSync(join(repository, 'catalog-info.yaml'), file)
  const made = sh('cd a-repository && git init -q && git add . && git -c user.name=a -c user.email=a@b commit -q -m x')
  assert.equal(made.status, 0, made.output)
})
after(() => rmSync(folder, { recursive: true, force: true }))

test('every command of the guide that can be run here does what the guide says', async t => {
  t.diagnostic(`node on the PATH: ${sh('node --version').output.trim()}`)
  const run = commands().filter(command => !needsGhes(command) && !ELSEWHERE.some(pattern => pattern.test(command)))
  assert.ok(run.length >= 6, `the guide has only ${run.length} commands that can be run`)
  for (const command of run) {
    const { status, output } = sh(command.replaceAll('/path/to/a/repository', repository))
    assert.equal(status, 0, `${command}\n${output}`)
    if (command.includes(' try ')) assert.match(output, /^ {2}Refused/m)
  }
  assert.equal(statSync(join(folder, 'site/relay.secret')).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(join(folder, 'site/hooks')).sort(), [
    'catalog-gate',
    'catalog-notify',
    'catalog-validate',
    'sandbox-probe',
  ])

  // Step 4: what its table names is what the probe prints. This one waits as long as a busy machine wants.
  const baked = await loadHookConfig(join(folder, 'site/hook.yaml'))
  assert.ok(baked.result === 'config')
  const probe = join(folder, 'site/patient-probe')
  writeFileSync(probe, (await buildProbe(baked, 20)).text, { mode: 0o755 })
  const host = await createRepositoryHost()
  t.after(() => host.remove())
  const bare = await host.create('acme/sandbox', { hooks: [probe] })
  const { exitCode, remote } = await (await bare.clone()).change({ README: 'x' })
  assert.equal(exitCode, 0)
  const [, table = ''] = /^(\| row \|.*?)\n\n/ms.exec(guide) ?? []
  const named = [...table.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, row = '']) => row),
  )
  assert.ok(named.length >= 8, table)
  const printed = remote.split('\n').map(line => line.trim().split(' ')[0])
  for (const row of named) assert.ok(printed.includes(row), `${row} is not in\n${remote}`)
})

test('the others exist, with these options', () => {
  const program = join(root, 'dist/catalog-gate.mjs')
  const inText = [...guide.matchAll(/`((?:install|promote|rollback|pause|resume|uninstall)(?: --\w[\w-]*)*)`/g)].map(
    ([, text = '']) => text,
  )
  const calls = commands().flatMap(command => /catalog-gate\.mjs (.*)$/.exec(command)?.[1] ?? [])
  const all = spawnSync(node, [program, '--help'], { encoding: 'utf8' }).stdout
  for (const call of [...calls, ...inText]) {
    const words = call.split(' ')
    assert.ok(all.includes(`\n  ${words[0]} `), `there is no command ${words[0]}`)
    const names = words[0] === 'environment' ? words.slice(0, 2) : words.slice(0, 1)
    const help = spawnSync(node, [program, ...names, '--help'], { encoding: 'utf8' })
    assert.equal(help.status, 0, `catalog-gate ${names.join(' ')}: ${help.stderr}`)
    for (const option of words.filter(word => word.startsWith('--')))
      assert.match(help.stdout, new RegExp(`^ +(-\\w, )?${option}\\b`, 'm'), `${call}: ${option}`)
  }
  // Whatever Node is there: it is the file that is missing.
  const { status, stderr } = spawnSync(node, [program, 'install', '--config', 'none.yaml'], { encoding: 'utf8' })
  assert.deepEqual([status, stderr], [2, 'error: none.yaml: cannot be read (no such file)\n'])
})

test('its files for install are right by the schema', () => {
  const blocks = [...guide.matchAll(/^```yaml\n(ghe:.*?)^```$/gms)].map(([, text = '']) => text)
  assert.equal(blocks.length, 2)
  for (const block of blocks) assert.deepEqual(configProblems(installConfig, schema, parse(block)), [])
})

test('its files for migrate are right by their schemas', () => {
  const [config, rules] = [/^```yaml\n(organizations:.*?)^```$/ms, /^```yaml\n(- \{ match:.*?)^```$/ms].map(
    pattern => parse(pattern.exec(guide)?.[1] ?? '') as unknown,
  )
  assert.deepEqual(configProblems(migrateConfig, migrateSchema, config), [])
  assert.deepEqual(configProblems(migrateRules, rulesSchema, rules), [])
})

/** As GitHub makes anchors of headings. */
const headingsOf = (page: string): string[] =>
  [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )

for (const [name, page] of Object.entries(pages)) {
  test(`every place that hooks/${name} points to is there`, () => {
    for (const [, target = ''] of page.matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(target)) continue
      const [file = '', anchor] = target.split('#')
      const path = resolve(root, 'hooks', file === '' ? name : file)
      assert.ok(statSync(path, { throwIfNoEntry: false }), `${file} is not there`)
      const isHeading = anchor === undefined || headingsOf(readFileSync(path, 'utf8')).includes(anchor)
      assert.ok(isHeading, `${target} is no heading`)
    }
  })
}
