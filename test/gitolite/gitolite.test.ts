// The built hook as the pre-receive of a real Git server, gitolite over ssh: what its users see, and what the relay is told. `npm run test:gitolite`; needs root.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, closeSync, cpSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { PushNotification } from '../../schemas/notification.ts'
import { BAD, buildInto, component, GOOD } from '../hooks/built-hook.ts'
import { HOOK_SECRET } from '../support/relay-process.ts'
import { type GitServer, startGitServer } from './server.ts'

const MANY = Array.from({ length: 20 }, (_, i) => `user${i + 1}`)
const CONF = `repo acme/payments acme/shared acme/mirrored acme/hangup
  RW+ = @all
repo acme/kept
  RW+ main = mona
  RW+ topic/ = @all
`

/** What stands in the pre-receive, as hooks/README.md has it, with a door for the test: where there is one, the hook waits at it. */
const PRE_RECEIVE = `#!/bin/sh
export GITHUB_REPO_NAME="$GL_REPO" GITHUB_USER_LOGIN="$GL_USER" CATALOG_GATE_NODE=@NODE@
[ ! -p @FOLDER@/door ] || read -r _ <@FOLDER@/door
exec @FOLDER@/catalog-gate
`

let server: GitServer
const told: PushNotification[] = []
const relay = createServer((request, response) => {
  request.on('error', () => undefined)
  let body = ''
  request.on('data', chunk => (body += chunk))
  request.on('end', () => {
    // What the live catalog knows is asked for, too; this relay does not say.
    if (request.url !== '/v1/pushes') return response.writeHead(404).end()
    told.push(JSON.parse(body))
    return response.writeHead(202).end('{}')
  })
})

before(async () => {
  await new Promise<void>(resolve => relay.listen(0, '127.0.0.1', resolve))
  const { port } = relay.address() as AddressInfo
  server = await startGitServer({
    users: ['mona', 'hubot', ...MANY],
    conf: CONF,
    preReceive: async (folder, node) => {
      writeFileSync(join(folder, 'relay.secret'), HOOK_SECRET)
      chmodSync(join(folder, 'relay.secret'), 0o644)
      const config = { relay: { url: `http://127.0.0.1:${port}`, secretFile: join(folder, 'relay.secret') } }
      await buildInto(folder, 'catalog-gate', config, 'catalog-gate', { waitMs: 20_000 })
      return PRE_RECEIVE.replaceAll('@FOLDER@', folder).replaceAll('@NODE@', node)
    },
  })
})
after(async () => {
  relay.close()
  await server.stop()
})

const remote = (stderr: string) =>
  stderr
    .split('\n')
    .filter(line => line.startsWith('remote: '))
    .map(line => line.slice('remote: '.length).trimEnd())
    .join('\n')

async function commit(user: string, directory: string, files: Record<string, string>): Promise<string> {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(directory, path), text)
  await server.git(user, directory, 'add', '--all')
  const made = await server.git(user, directory, 'commit', '--quiet', '--allow-empty', '-m', 'Change')
  assert.equal(made.exitCode, 0, made.stderr)
  return (await server.git(user, directory, 'rev-parse', 'HEAD')).stdout.toString().trim()
}
const push = async (user: string, directory: string, ...args: string[]) => {
  const { exitCode, stderr } = await server.git(user, directory, 'push', ...args)
  return { exitCode, terminal: stderr, remote: remote(stderr) }
}
const tipOf = async (name: string, ref: string) => {
  const directory = server.repository(name)
  // Root reads what is the account's.
  const run = await server.git(
    'mona',
    directory,
    '-c',
    `safe.directory=${directory}`,
    'rev-parse',
    '-q',
    '--verify',
    ref,
  )
  return run.stdout.toString().trim()
}

test('refused, on a topic warned of, bypassed, repaired, forced: over ssh as on the README’s page', async () => {
  const copy = await server.clone('mona', 'acme/payments')
  await commit('mona', copy, { 'catalog-info.yaml': BAD })
  const refused = await push('mona', copy, 'origin', 'main')
  assert.equal(refused.exitCode, 1)
  assert.match(refused.terminal, /^remote: error: this push was not accepted: 1 problem in catalog-info\.yaml *$/m)
  assert.match(
    refused.remote,
    /^catalog-info\.yaml:4:9: error: name "payments api" contains a space; .* \[name-format\]$/m,
  )
  assert.match(refused.terminal, / ! \[remote rejected\] main -> main \(pre-receive hook declined\)/)
  assert.equal(await tipOf('acme/payments', 'refs/heads/main'), '')

  const topic = await push('mona', copy, 'origin', 'main:topic/a')
  assert.equal(topic.exitCode, 0, topic.terminal)
  assert.match(topic.remote, /^catalog-info\.yaml:4:9: warning: /m)

  // The line to paste, pasted.
  const line = /^\(cd .*$/m.exec(refused.remote)?.[0] ?? ''
  execFileSync('sh', ['-ec', line], { cwd: copy })
  const good = await commit('mona', copy, {})
  const repaired = await push('mona', copy, 'origin', 'main')
  assert.deepEqual([repaired.exitCode, repaired.remote], [0, ''], repaired.terminal)
  assert.equal(await tipOf('acme/payments', 'refs/heads/main'), good)

  await commit('mona', copy, { 'catalog-info.yaml': BAD })
  const bypassed = await push('mona', copy, '-o', 'catalog-gate.skip=release blocked', 'origin', 'main')
  assert.equal(bypassed.exitCode, 0, bypassed.terminal)
  await server.git('mona', copy, 'reset', '--quiet', '--hard', 'HEAD~1')
  const backwards = await push('mona', copy, 'origin', 'main')
  assert.match(backwards.terminal, /\[rejected\] +main -> main \(non-fast-forward\)/)
  const forced = await push('mona', copy, '--force', 'origin', 'main')
  assert.deepEqual([forced.exitCode, forced.remote], [0, ''], forced.terminal)

  const mine = told.filter(({ repository }) => repository === 'acme/payments')
  assert.deepEqual(
    mine.map(({ ref, pusher, bypass }) => [ref, pusher, bypass]),
    [
      ['refs/heads/topic/a', 'mona', undefined],
      ['refs/heads/main', 'mona', undefined],
      ['refs/heads/main', 'mona', 'release blocked'],
      ['refs/heads/main', 'mona', undefined],
    ],
  )
})

test('a mirrored push is one push: all of its refs, or none', async () => {
  const copy = await server.clone('mona', 'acme/mirrored')
  await commit('mona', copy, { 'catalog-info.yaml': GOOD })
  for (const args of [
    ['tag', 'v1'],
    ['branch', 'old'],
    ['notes', 'add', '-m', 'seen'],
    ['checkout', '-q', '-b', 'wrong'],
  ])
    await server.git('mona', copy, ...args)
  await commit('mona', copy, { 'catalog-info.yaml': BAD })
  await server.git('mona', copy, 'remote', 'remove', 'origin')
  const mirror = () => push('mona', copy, '--mirror', server.url('acme/mirrored'))
  const warned = await mirror()
  assert.equal(warned.exitCode, 0, warned.terminal)
  assert.match(warned.remote, /^catalog-info\.yaml:4:9: warning: /m)
  for (const ref of ['refs/heads/main', 'refs/heads/old', 'refs/heads/wrong', 'refs/tags/v1', 'refs/notes/commits'])
    assert.notEqual(await tipOf('acme/mirrored', ref), '', ref)
  await server.git('mona', copy, 'branch', '-f', 'main', 'wrong')
  await server.git('mona', copy, 'branch', '-D', 'old')
  const refused = await mirror()
  assert.equal(refused.exitCode, 1)
  assert.equal(refused.terminal.match(/pre-receive hook declined/g)?.length, 2, refused.terminal)
  assert.notEqual(await tipOf('acme/mirrored', 'refs/heads/old'), '')
})

test('what comes after us may still refuse: the relay was told, and the branch stands where it stood', async () => {
  const copy = await server.clone('hubot', 'acme/kept')
  const commitId = await commit('hubot', copy, { 'catalog-info.yaml': GOOD })
  const { exitCode, terminal } = await push('hubot', copy, 'origin', 'main')
  assert.equal(exitCode, 1)
  assert.match(terminal, /^remote: FATAL: W refs\/heads\/main acme\/kept hubot DENIED by fallthru *$/m)
  assert.equal(await tipOf('acme/kept', 'refs/heads/main'), '')
  assert.deepEqual(
    told.filter(({ repository }) => repository === 'acme/kept').map(({ after }) => after),
    [commitId],
  )
})

test('twenty users at once: each reads about their own file alone, and all are told of', async () => {
  const seed = await server.clone('mona', 'acme/shared')
  await commit('mona', seed, { 'catalog-info.yaml': GOOD })
  assert.equal((await push('mona', seed, 'origin', 'main')).exitCode, 0)
  const pushes = await Promise.all(
    MANY.map(async (user, i) => {
      const copy = `${seed}-${user}`
      cpSync(seed, copy, { recursive: true })
      await commit(user, copy, { 'catalog-info.yaml': component(i % 2 ? `${user} x` : user) })
      return { user, wrong: i % 2 === 1, ...(await push(user, copy, 'origin', `main:topic/${user}`)) }
    }),
  )
  for (const { user, wrong, exitCode, remote, terminal } of pushes) {
    assert.equal(exitCode, 0, terminal)
    if (!wrong) assert.equal(remote, '', user)
    else assert.deepEqual(remote.match(/name "[^"]*"/g), [`name "${user} x"`])
  }
  const told20 = told.filter(({ repository, ref }) => repository === 'acme/shared' && ref !== 'refs/heads/main')
  assert.deepEqual(
    told20.map(({ ref, pusher }) => `${ref} ${pusher}`).sort(),
    MANY.map(user => `refs/heads/topic/${user} ${user}`).sort(),
  )
})

/** Kills a pusher's git and ssh while the hook waits at the door, and lets the hook go on; when all of the account is at rest. */
async function hangUp(copy: string): Promise<void> {
  const door = join(server.folder, 'door')
  execFileSync('mkfifo', ['--mode=666', door])
  const started = server.startPush('mona', copy, 'origin', 'main')
  // Opens only once the hook waits there: all of the push has arrived.
  const hook = openSync(door, 'w')
  process.kill(-started.pid, 'SIGKILL')
  await started.gone
  rmSync(door)
  writeSync(hook, 'go on\n')
  closeSync(hook)
  assert.deepEqual(await server.atRest(30_000), [])
}

test('a client that hangs up: a wrong push is refused all the same, a right one lands, and nothing of ours stays behind', async () => {
  const copy = await server.clone('mona', 'acme/hangup')
  const first = await commit('mona', copy, { 'catalog-info.yaml': GOOD })
  assert.equal((await push('mona', copy, 'origin', 'main')).exitCode, 0)
  await commit('mona', copy, { 'catalog-info.yaml': BAD })
  await hangUp(copy)
  assert.equal(await tipOf('acme/hangup', 'refs/heads/main'), first)
  const second = await commit('mona', copy, { 'catalog-info.yaml': component('payments-2') })
  await hangUp(copy)
  assert.equal(await tipOf('acme/hangup', 'refs/heads/main'), second)
  assert.deepEqual(
    told.filter(({ repository }) => repository === 'acme/hangup').map(({ after }) => after),
    [first, second],
  )
})
