// The Dockerfile of the environment gives what `catalog-gate environment build` gives, and a push is checked in it. By hand, since it takes
// two minutes and npm's registry: as root, with mmdebstrap, npm and buildah,  node --test test/sandbox/dockerfile.test.ts
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { buildEnvironment } from '../../scripts/environment/build.ts'
import { buildInto } from '../hooks/built-hook.ts'
import { environmentEdges } from '../support/environment.ts'
import { createRepositoryHost } from '../support/repository.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-dockerfile-'))
const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1e8 }).trim()
const buildah = (...args: string[]) =>
  run('buildah', '--storage-driver=vfs', `--root=${folder}/storage`, `--runroot=${folder}/run`, ...args)

before(async () => {
  execFileSync('sh', ['-c', 'umask 077; cat >"$1"', 'sh', join(folder, 'relay.secret')], {
    input: `whsec_${Buffer.alloc(32, 1).toString('base64')}\n`,
  })
  makeBase()
  mkdirSync(join(folder, 'out'))
  const secret = `id=relay.secret,src=${folder}/relay.secret`
  const options = ['--isolation=chroot', '--no-cache', '--platform=linux/amd64', '--build-arg=BASE=localhost/base']
  const file = ['-f', 'scripts/environment/Dockerfile', '--secret', secret, '--output', `type=local,dest=${folder}/out`]
  buildah('bud', ...options, ...file, '.')
  const said: string[] = []
  const options2 = { out: join(folder, 'direct.tar.gz'), secret: join(folder, 'relay.secret') }
  assert.equal(await buildEnvironment(options2, environmentEdges(said)), 0, said.join('\n'))
  for (const [name, tarball] of [
    ['docker', 'out/env.tar.gz'],
    ['direct', 'direct.tar.gz'],
  ] as const) {
    mkdirSync(join(folder, name))
    run('tar', '--extract', '--gzip', '--file', join(folder, tarball), '--directory', join(folder, name))
  }
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** What node:24-trixie-slim is, made here: Debian stable with Node and npm. */
function makeBase(): void {
  const base = join(folder, 'base.tar')
  run('mmdebstrap', '--quiet', '--variant=apt', '--include=ca-certificates', 'trixie', base)
  const extra = join(folder, 'extra')
  mkdirSync(join(extra, 'usr/local/bin'), { recursive: true })
  mkdirSync(join(extra, 'usr/local/lib/node_modules'), { recursive: true })
  copyFileSync(process.execPath, join(extra, 'usr/local/bin/node'))
  const npm = dirname(dirname(run('sh', '-c', 'readlink -f "$(command -v npm)"')))
  cpSync(npm, join(extra, 'usr/local/lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true })
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(extra, 'usr/local/bin/npm'))
  const environment = ['--env=PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin']
  const authorities = process.env['NODE_EXTRA_CA_CERTS']
  if (authorities !== undefined) {
    copyFileSync(authorities, join(extra, 'usr/local/lib/authorities.pem'))
    environment.push('--env=NODE_EXTRA_CA_CERTS=/usr/local/lib/authorities.pem')
  }
  run('tar', '--create', '--file', join(folder, 'extra.tar'), '--directory', extra, '.')
  const container = buildah('from', 'scratch')
  buildah('add', '-q', container, base, '/')
  buildah('add', '-q', container, join(folder, 'extra.tar'), '/')
  buildah('config', ...environment, container)
  buildah('commit', '-q', container, 'localhost/base')
  buildah('rm', container)
}

test('the same files with the same modes; the same bytes but for the guard, which another compiler may have made', () => {
  const listed = (name: string) =>
    run('find', join(folder, name), '-printf', '%P %M %U:%G %l\n').split('\n').sort().join('\n')
  assert.equal(listed('docker'), listed('direct'))
  const differing = run(
    'sh',
    '-c',
    'diff -rq --no-dereference "$1" "$2" || true',
    'sh',
    `${folder}/docker`,
    `${folder}/direct`,
  )
  for (const line of differing.split('\n').filter(line => line !== '')) assert.match(line, /sandbox-guard\.so/)
  assert.equal(
    readFileSync(join(folder, 'docker/etc/catalog-gate/relay.secret'), 'utf8'),
    readFileSync(join(folder, 'relay.secret'), 'utf8'),
  )
})

test('a push in it: a bad file is refused, a good one accepted, under the filter that kills', async t => {
  const host = await createRepositoryHost({ onDisk: true })
  t.after(() => host.remove())
  const inside = join(folder, 'docker')
  mkdirSync(join(inside, 'test'))
  run('cc', '-O1', '-static', '-o', join(inside, 'test/seccomp-kill'), join(root, 'scripts/try/seccomp-kill.c'))
  await buildInto(join(inside, 'test'), 'catalog-gate')
  run('chmod', '-R', 'a+rX', host.directory, folder)
  const jail = `JAIL_ROOT='${inside}' JAIL_FILTER=kill JAIL_LIMITS=nsjail JAIL_PROC=yes JAIL_READONLY=no JAIL_DEV=yes JAIL_USER=mapped`
  const hook = join(host.directory, 'enter')
  writeFileSync(
    hook,
    `#!/bin/sh\n${jail} exec '${join(import.meta.dirname, '../../scripts/try/jail.sh')}' /test/catalog-gate\n`,
    {
      mode: 0o755,
    },
  )
  const repository = await host.create('acme/docker', { hooks: [hook] })
  mkdirSync(join(inside, repository.directory), { recursive: true })
  const copy = await repository.clone()
  const good = 'apiVersion: v1\nkind: System\nmetadata: { name: shop }\nspec: { owner: a }\n'.replace(
    'v1',
    'backstage.io/v1alpha1',
  )
  const bad = await copy.change({ 'catalog-info.yaml': good.replace('shop', '"the shop"') })
  assert.equal(bad.exitCode, 1, bad.terminal)
  assert.match(bad.remote, /name-format/)
  const accepted = await copy.change({ 'catalog-info.yaml': good }, { force: true })
  assert.deepEqual([accepted.exitCode, accepted.remote], [0, ''])
})
