// .pre-commit-hooks.yaml from a clone, without the network: packed as pre-commit packs it, installed from the package, its entry run on files.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { parse } from 'yaml'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-pre-commit-'))
after(() => rmSync(folder, { recursive: true, force: true }))

type PreCommitHook = { id: string; entry: string; language: string; files: string; exclude: string }
const hooks = parse(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8')) as PreCommitHook[]

/** What git has and would have; the build needs the packages as well. */
function clone(): string {
  const copy = join(folder, 'clone')
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  for (const file of list.toString('utf8').split('\0').filter(Boolean)) {
    if (file.startsWith('test/') || !existsSync(join(root, file))) continue
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    cpSync(join(root, file), join(copy, file))
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** The outer npm's settings are not the clone's. */
const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^npm_/i.test(key)))

test('a clone becomes a package whose command checks the files that pre-commit names', () => {
  const copy = clone()
  const packed = execFileSync('npm', ['pack'], { cwd: copy, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  // pre-commit takes all of it for the name of the file
  assert.match(packed.trim(), /^catalog-gate-[\d.]+\.tgz$/)
  const prefix = join(folder, 'prefix')
  const install = ['install', '--global', '--prefix', prefix, '--offline', '--omit=optional', '--no-audit', '--no-fund']
  execFileSync('npm', [...install, join(copy, packed.trim())], { cwd: folder, env, stdio: 'pipe' })

  const [hook] = hooks
  assert.ok(hook?.language === 'node')
  const [command = '', ...args] = hook.entry.split(' ')
  const good = 'apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: { name: shop }\nspec: { owner: team }\n'
  writeFileSync(join(folder, 'catalog-info.yaml'), good)
  writeFileSync(join(folder, 'bad.yaml'), good.replace('shop', 'the shop'))
  const run = (file: string) =>
    spawnSync(command, [...args, file], {
      cwd: folder,
      env: { ...env, PATH: `${join(prefix, 'bin')}${delimiter}${dirname(process.execPath)}${delimiter}${env['PATH']}` },
      encoding: 'utf8',
    })
  const accepted = run('catalog-info.yaml')
  assert.equal(accepted.status, 0, accepted.stdout + accepted.stderr)
  const refused = run('bad.yaml')
  assert.equal(refused.status, 1, refused.stdout + refused.stderr)
  assert.match(refused.stdout, /^bad\.yaml:3:19: error: name "the shop" contains a space/m)
})

test('npx of the package: nothing to clone, nothing to install', () => {
  const packed = readdirSync(join(folder, 'clone')).find(name => name.endsWith('.tgz')) ?? ''
  const elsewhere = mkdtempSync(join(folder, 'elsewhere-'))
  writeFileSync(
    join(elsewhere, 'catalog-info.yaml'),
    'apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: { name: the shop }\nspec: { owner: team }\n',
  )
  cpSync(join(folder, 'clone', packed), join(elsewhere, packed))
  const npx = (...args: string[]) =>
    spawnSync('npx', ['--yes', '--offline', '--omit=optional', `./${packed}`, ...args], {
      cwd: elsewhere,
      env: { ...env, npm_config_cache: join(folder, 'cache') },
      encoding: 'utf8',
    })
  const refused = npx('check')
  assert.equal(refused.status, 1, refused.stdout + refused.stderr)
  assert.match(refused.stdout, /^catalog-info\.yaml:3:19: error: name "the shop" contains a space/m)
  assert.equal(npx('check', '--fix').status, 0)
  assert.match(npx('explain', 'name-format').stdout, /^## name-format|name-format/m)
})

test('which files pre-commit passes', () => {
  const [hook] = hooks
  assert.ok(hook)
  const isPassed = (path: string) => new RegExp(hook.files).test(path) && !new RegExp(hook.exclude).test(path)
  for (const path of ['catalog-info.yaml', 'a/.backstage/catalog-info.yml']) assert.ok(isPassed(path), path)
  for (const path of ['my-catalog-info.yaml', 'skeleton/catalog-info.yaml', 'a/testdata/catalog-info.yml'])
    assert.ok(!isPassed(path), path)
})
