// The guide's nine steps as one life, in a fresh clone and to the letter, from `npm ci` to uninstalled, against stand-ins of GHES and Backstage: what is
// printed is nine-steps.txt, and Ctrl-C in the middle of each command costs a second run of the same. Needs root, mmdebstrap, and what npm and Debian fetch.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { buildHook } from '../../scripts/build/hook-file.ts'
import { loadHookConfig } from '../../scripts/config/hook-config.ts'
import { BAD, GOOD } from '../hooks/built-hook.ts'
import { TOKEN as BACKSTAGE_TOKEN, LearnFixture } from '../scripts/learn/learn-fixture.ts'
import { Authority } from '../support/certificates.ts'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { git } from '../support/git.ts'
import { createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import { asking, type Fits, reading, seen } from './ctrl-c.ts'
import { type CtrlC, Follower, type Ran } from './follower.ts'
import { commands, guide, needsGhes, PATH } from './guide-page.ts'

const golden = join(import.meta.dirname, 'nine-steps.txt')
const TOKEN = 'ghp_of_an_administrator'
const APP_CONFIG = `catalog:
  rules: [{ allow: [Component, API, Resource, System, Domain, Location, Group, User, Template] }]
techdocs: { builder: external }
`

let host: RepositoryHost
let ghes: Ghes
let backstage: LearnFixture
let follower: Follower
let transcript = ''

before(async () => {
  follower = Follower.clone()
  host = await createRepositoryHost()
  for (const [name, file] of Object.entries({ 'acme/payments': GOOD, 'acme/shop-web': BAD, 'acme/sandbox': 'x' })) {
    const copy = await (await host.create(name)).clone()
    await copy.write(file === 'x' ? 'README.md' : 'catalog-info.yaml', file)
    await copy.commit()
    await copy.push()
  }
  mkdirSync(join(host.root, 'platform'))
  ghes = await startGhes({ root: host.root, token: TOKEN })
  ghes.admin.downloads = 'fetch'
  backstage = await LearnFixture.open()
  const repository = follower.file('../a-repository')
  await git(host.directory, ['clone', '--quiet', join(host.root, 'acme/payments.git'), repository])
  follower.literal = command =>
    command
      .replace('https://ghe.example.com/api/v3', ghes.apiBaseUrl)
      .replace('https://backstage.example.com', backstage.backstage.url)
      .replace('/path/to/a/repository', repository)
      .replace('10.0.0.9:8080', '127.0.0.1:0')
  // What the guide wants of others: tokens, the relay's authority, Backstage's configuration.
  mkdirSync(follower.file('site'))
  for (const name of ['ghe.token', 'read.token']) writeFileSync(follower.file('site', name), TOKEN, { mode: 0o600 })
  writeFileSync(follower.file('site/backstage.token'), BACKSTAGE_TOKEN, { mode: 0o600 })
  writeFileSync(follower.file('site/ca.pem'), new Authority(host.directory).ca)
  writeFileSync(follower.file('app-config.yaml'), APP_CONFIG)
  for (const [, name = '', text = ''] of files()) writeFileSync(follower.file(name), follower.literal(text))
})
after(async () => {
  await Promise.all([ghes?.stop(), backstage?.close()])
  await host?.remove()
  follower?.remove()
})

/** `site/probe.yaml` and `site/install.yaml`: each is named before its block. */
const files = () => [...guide.matchAll(/`(site\/\w+\.yaml)`(?:(?!`site\/\w+\.yaml`).)*?^```yaml\n(.*?)^```$/gms)]

/** An environment is named by its tarball's digest: the first is 1. */
const digests: string[] = []
function numbered(digest: string): number {
  if (!digests.includes(digest)) digests.push(digest)
  return digests.indexOf(digest) + 1
}

/** What is of this run, of this build and of this machine has a name in the transcript. */
const settled = (text: string) =>
  text
    .replaceAll(ghes.url, 'https://ghe.example.com')
    .replaceAll(backstage.backstage.url, 'https://backstage.example.com')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'ghe.example.com')
    .replaceAll(/build [0-9a-f]{8} of \d{4}-\d\d-\d\dT\d\d:\d\dZ/g, 'build DIGEST of DATE')
    .replaceAll(/\d{4}-\d\d-\d\d(T\d\d:\d\dZ)?/g, 'NOW')
    .replaceAll(/\d+(\.\d)? [kM]B/g, 'SIZE')
    .replaceAll(/^sha256 [0-9a-f]{64}$/gm, 'sha256 DIGEST')
    .replaceAll(/\d+ components/g, 'N components')
    .replaceAll(
      /(catalog-gate(?:-probe)?-)([0-9a-f]{12})\b/g,
      (_, name: string, digest: string) => `${name}ENVIRONMENT-${numbered(digest)}`,
    )
    .replaceAll(/(fetched by 127\.0\.0\.1).*/g, '$1')
    .replaceAll(follower.folder, 'FOLDER')

/** mmdebstrap as it is, but for a hook of its own that waits. */
function heldMmdebstrap(): { pipe: string; env: NodeJS.ProcessEnv } {
  const pipe = follower.file('../mmdebstrap.held')
  const [folder, hook] = [follower.file('../bin'), follower.file('../hold.sh')]
  const script = (file: string, line: string) => writeFileSync(file, `#!/bin/sh\n${line}\n`, { mode: 0o755 })
  mkdirSync(folder)
  script(hook, `exec cat '${pipe}'`)
  script(join(folder, 'mmdebstrap'), `PATH=\${PATH#*:}; exec mmdebstrap --setup-hook='${hook}' "$@"`)
  return { pipe, env: { PATH: `${folder}:${PATH}` } }
}

/** The middle of a command: its first change or question, what it reads, or the program that it starts. */
function middleOf(command: string): CtrlC | undefined {
  const isChange: Fits = ({ method, path }) => method !== 'GET' && !path.includes('graphql')
  if (command.includes('--apply')) return { at: asking(ghes, isChange) }
  if (needsGhes(command)) return { at: asking(command.includes(' learn ') ? backstage.backstage : ghes) }
  if (command.startsWith('npm run build')) return { at: reading(follower.file('site/hook.yaml')) }
  if (command.includes(' try ')) return { at: reading(follower.file('site/env.tar.gz')) }
  if (command === 'npm ci') return { at: seen(() => existsSync(follower.file('node_modules'))) }
  if (!command.includes(' environment build ')) return undefined
  const { pipe, env } = heldMmdebstrap()
  return { at: reading(pipe), env }
}

/** What npm does meanwhile is npm's, and nothing holds it there. */
const MAY_BE_OVER = ['npm ci']
const met: string[] = []

async function step(command: string): Promise<Ran> {
  const middle = middleOf(command)
  if (middle) interrupted(command, await follower.run(command, middle))
  const ran = await follower.run(command)
  const { code, output } = ran
  assert.ok([0, 1].includes(code), `${command}\n${output}`)
  transcript += `$ ${command}\n${settled(shownOf(command, output))}\n[${code}]\n\n`
  return ran
}

/** Told how far it came; and nothing is left. */
function interrupted(command: string, { code, output }: Ran): void {
  const isMet = code === 130 || /^npm error signal SIGINT$/m.test(output)
  assert.ok(isMet || (code === 0 && MAY_BE_OVER.includes(command)), `${command}: ${code}\n${output}`)
  assert.deepEqual(follower.left(), [], command)
  if (isMet) met.push(command)
  if (command.includes('--apply'))
    assert.match(output, /^interrupted: .*; the same command goes on from there$/m, command)
  if (!command.includes(' environment build ')) return
  assert.match(output, /^interrupted: nothing of it is left; the same command begins anew$/m)
  assert.ok(!existsSync(follower.file('site/env.tar.gz')))
}

function shownOf(command: string, output: string): string {
  // What npm says is npm's; how a push goes in a sandbox hangs on how busy the machine is.
  if (command === 'npm ci') return '(what npm says)'
  if (command.includes(' try ')) return '(what a push would meet)'
  // After an interruption what is left to do hangs on where it came; what then is so on GHES does not.
  if (command.includes('--apply')) return standing()
  const said = output.replaceAll(/^\d+ of \d+ repositories, .*\n/gm, '')
  if (command.startsWith('npm ')) return said.replaceAll(/^(> .*)?\n/gm, '').trimEnd()
  const written = command.includes(' learn ') ? readFileSync(follower.file('site/learned.yaml'), 'utf8') : ''
  return `${said}${written}`.trimEnd()
}

/** What runs where, as GHES has it. */
function standing(): string {
  const { hooks, environments } = ghes.admin
  const lines = hooks.flatMap(({ name, enforcement, overrides }) => [
    `${name}: everywhere ${enforcement}`,
    ...[...overrides].map(([scope, { enforcement: there }]) => `  ${scope}: ${there}`).sort(),
  ])
  const ours = environments.filter(({ name }) => name !== 'Default').map(({ name, state }) => `${name}: ${state}`)
  return ['(on GHES afterwards)', ...lines, ...ours].join('\n')
}

/** Each has a test of its own: the demo, `try` without an environment, a Node that is newer than any, the chapter on a whole catalog. */
const ELSEWHERE = /^npm run demo$|^npm install | try (?!.*--environment)| (?:migrate|wiki) /

/** UPDATE=1 writes the file anew, to be looked at. */
test('from npm ci to enforced, rolled back and uninstalled: the guide’s own commands', {
  timeout: 1_200_000,
}, async t => {
  const whole = commands().filter(command => !ELSEWHERE.test(command))
  // What follows the nine steps keeps an installation running.
  const all = whole.slice(0, 1 + whole.findIndex(one => one.includes(' uninstall --config site/install.yaml')))
  t.diagnostic(`${all.length} commands`)
  let seconds = 0
  for (const command of all) {
    // A second environment, so that there is something to go back from.
    if (command.includes(' rollback ')) {
      writeFileSync(follower.file('site/env.tar.gz'), 'the environment after an update of Debian')
      await step(all.find(one => one.includes('install.yaml --serve')) ?? '')
    }
    seconds += (await step(command)).seconds
    // "Put the `catalog` part that it writes into `hook.yaml`"
    if (command.includes(' learn '))
      writeFileSync(follower.file('site/hook.yaml'), readFileSync(follower.file('site/learned.yaml')), { flag: 'a' })
    if (command.includes('install.yaml --serve'))
      t.diagnostic(
        `administrator, from npm ci to testing on a pilot: ${Math.round(seconds)} s of commands, ${seconds <= 900 ? 'within' : 'MORE THAN'} the 900 s that they may take`,
      )
  }
  t.diagnostic(`Ctrl-C met ${met.length} of them in their middle`)
  assert.ok(met.length >= 22, met.join('\n'))
  assert.deepEqual(ghes.admin.hooks, [])
  if (process.env['UPDATE']) writeFileSync(golden, transcript)
  assert.equal(transcript, readFileSync(golden, 'utf8'))
  for (const secret of [TOKEN, BACKSTAGE_TOKEN, readFileSync(follower.file('site/relay.secret'), 'utf8').trim()])
    assert.ok(!transcript.includes(secret))
})

test('who reviews a hook and builds it elsewhere has the same bytes', async () => {
  const baked = await loadHookConfig(follower.file('site/hook.yaml'))
  assert.ok(baked.result === 'config')
  for (const name of ['catalog-gate', 'catalog-notify'] as const) {
    const { text } = await buildHook(name, baked)
    assert.ok(text === readFileSync(follower.file('site/hooks', name), 'utf8'), name)
  }
})
