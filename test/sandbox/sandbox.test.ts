// The built hooks in the built environment, under imitations of GHES's sandbox: every combination ends in a right verdict, or in an
// accepted push with a line that says why nothing was checked. Needs root, mmdebstrap and Debian's archive: `npm run test:sandbox`.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { buildProbe } from '../../scripts/build/probe-file.ts'
import { bakeHookConfig } from '../../scripts/config/hook-config.ts'
import { buildEnvironment } from '../../scripts/environment/build.ts'
import { buildInto } from '../hooks/built-hook.ts'
import { environmentEdges } from '../support/environment.ts'
import { createRepositoryHost, type RepositoryHost } from '../support/repository.ts'

type Jail = {
  filter: 'none' | 'kill' | 'errno'
  limits: 'none' | 'nsjail64' | 'nsjail'
  proc: boolean
  dev: boolean
  readonly: boolean
  user: 'root' | 'mapped' | 'stranger'
  /** `unchecked`: accepted, with a line that says so. */
  expected: 'verdict' | 'unchecked'
}

const places = [
  { proc: true, dev: true, readonly: false, user: 'mapped', expected: 'verdict' },
  { proc: true, dev: true, readonly: true, user: 'root', expected: 'verdict' },
  { proc: false, dev: true, readonly: true, user: 'mapped', expected: 'verdict' },
  // The environment's own /dev/null is an empty file, which git must be able to open for writing.
  { proc: false, dev: false, readonly: false, user: 'mapped', expected: 'verdict' },
  { proc: false, dev: false, readonly: true, user: 'mapped', expected: 'unchecked' },
  { proc: true, dev: true, readonly: false, user: 'stranger', expected: 'unchecked' },
] as const

const jails: Jail[] = (['none', 'kill', 'errno'] as const).flatMap(filter =>
  (['none', 'nsjail64', 'nsjail'] as const).flatMap(limits => places.map(place => ({ filter, limits, ...place }))),
)

const GOOD =
  'apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: pay}\nspec: {type: service, lifecycle: production, owner: a}\n'
const BAD = GOOD.replace('name: pay', 'name: "pay pay"')

/** So many times as long as on an appliance the probe waits for a program: no verdict hangs on how fast the machine is. */
const PATIENCE = 20

let host: RepositoryHost
let root: string
const rows: string[] = []

before(async () => {
  host = await createRepositoryHost({ onDisk: true })
  const tarball = join(host.directory, 'env.tar.gz')
  const said: string[] = []
  assert.equal(await buildEnvironment({ out: tarball }, environmentEdges(said)), 0, said.join('\n'))
  root = join(host.directory, 'environment')
  mkdirSync(root)
  execFileSync('tar', ['--extract', '--gzip', '--file', tarball, '--directory', root])
  mkdirSync(join(root, 'test'))
  const source = join(import.meta.dirname, '../../scripts/try/seccomp-kill.c')
  const compile = (out: string, ...flags: string[]) =>
    execFileSync('cc', ['-O1', '-static', ...flags, '-o', join(root, 'test', out), source])
  compile('seccomp-kill')
  compile('seccomp-errno', '-DDENIED=(SECCOMP_RET_ERRNO|1)')
  await buildInto(join(root, 'test'), 'catalog-gate')
  const baked = bakeHookConfig({})
  if (baked.result === 'wrong') throw new Error(baked.problems.join('\n'))
  writeFileSync(join(root, 'test/sandbox-probe'), (await buildProbe(baked, PATIENCE)).text, { mode: 0o755 })
  execFileSync('chmod', ['-R', 'a+rX', host.directory])
})

after(async () => {
  console.log(`\n${rows.join('\n')}\n`)
  await host.remove()
})

suite('a push in the sandbox', () => {
  for (const [i, jail] of jails.entries()) {
    const name = nameOf(jail)
    test(name, async () => {
      const repository = await host.create(`acme/jail-${i}`, { hooks: [entering(jail, `${i}`, 'catalog-gate')] })
      mkdirSync(join(root, repository.directory), { recursive: true })
      const copy = await repository.clone()
      const bad = await copy.change({ 'catalog-info.yaml': BAD })
      const good = await copy.change({ 'catalog-info.yaml': GOOD }, { force: true })
      rows.push(`${name}: ${verdictOf(bad)}; ${verdictOf(good)}`)
      assert.equal(good.exitCode, 0, good.terminal)
      if (jail.expected === 'verdict') {
        assert.equal(bad.exitCode, 1, bad.terminal)
        assert.match(bad.remote, /name-format/)
        assert.equal(good.remote, '')
      } else {
        assert.equal(bad.exitCode, 0, bad.terminal)
        assert.match(bad.remote, /^warning: catalog-gate: .*accepted unchecked/m)
      }
    })
  }
})

suite('sandbox-probe in the sandbox', () => {
  for (const [i, jail] of jails.entries()) {
    if (jail.limits === 'nsjail64') continue
    test(nameOf(jail), async () => {
      const repository = await host.create(`acme/probe-${i}`, {
        hooks: [entering(jail, `probe-${i}`, 'sandbox-probe')],
      })
      mkdirSync(join(root, repository.directory), { recursive: true })
      const copy = await repository.clone()
      const { exitCode, remote } = await copy.change({ 'README.md': 'x' })
      assert.equal(exitCode, 0, remote)
      assert.match(remote, /^catalog-gate sandbox-probe /)
      assert.match(remote, jail.filter === 'kill' ? /^ plain +killed by the sandbox: /m : /^ plain +starts: v/m)
      assert.match(remote, /^ guarded +starts: v/m)
      assert.match(remote, /^ memory +\d+ MB/m)
      assert.match(remote, /^relay +none is configured in this build$/m)
      assert.match(remote, jail.proc ? /^took +\d+ ms$/m : /^seccomp +unknown: no \/proc$/m)
    })
  }
})

function nameOf(jail: Jail): string {
  return `${jail.filter} filter, limits ${jail.limits}, ${jail.proc ? '/proc' : 'no /proc'}, ${jail.dev ? '/dev' : 'no /dev'}, ${jail.readonly ? 'read-only' : 'writable'}, user ${jail.user}`
}

/** A file that enters the jail and runs a hook of its folder /test there. */
function entering(jail: Jail, name: string, hook: string): string {
  const file = join(host.directory, `enter-${name}`)
  const settings = {
    JAIL_ROOT: root,
    JAIL_FILTER: jail.filter,
    JAIL_LIMITS: jail.limits,
    JAIL_PROC: jail.proc ? 'yes' : 'no',
    JAIL_DEV: jail.dev ? 'yes' : 'no',
    JAIL_READONLY: jail.readonly ? 'yes' : 'no',
    JAIL_USER: jail.user,
  }
  const exports = Object.entries(settings).map(([key, value]) => `export ${key}='${value}'`)
  const enter = join(import.meta.dirname, '../../scripts/try/jail.sh')
  writeFileSync(file, ['#!/bin/sh', ...exports, `exec '${enter}' /test/${hook}`, ''].join('\n'), { mode: 0o755 })
  return file
}

const verdictOf = ({ exitCode, remote }: { exitCode: number; remote: string }) =>
  exitCode === 0 ? `accepted${remote === '' ? '' : `: ${remote.split('\n')[0]}`}` : 'refused'

test('catalog-gate try in the environment', () => {
  const program = join(import.meta.dirname, '../../scripts/catalog-gate.ts')
  const repository = join(host.directory, 'tried')
  const environment = join(host.directory, 'env.tar.gz')
  execFileSync('git', ['init', '--quiet', repository])
  const said = execFileSync(process.execPath, [program, 'try', repository, '--environment', environment], {
    encoding: 'utf8',
  })
  assert.match(said, /sandbox +namespaces, nsjail's limits, a filter that kills, the guard; inside \S+env\.tar\.gz/)
  assert.deepEqual(said.match(/^ {2}(Accepted|Refused)/gm), ['  Refused', '  Accepted', '  Accepted'])
})

test('no file of the environment is for its owner alone', () => {
  const closed = execFileSync(
    'find',
    [root, '!', '-type', 'l', '!', '-perm', '-o=r', '!', '-path', '*/etc/catalog-gate'],
    {
      encoding: 'utf8',
    },
  )
  assert.equal(closed, '')
  assert.match(readFileSync(join(root, 'etc/passwd'), 'utf8'), /^root:/)
})
