// The guide's nine steps as one life, by the built command line and to the letter, against the stand-in GHES: what is printed is nine-steps.txt, and
// Ctrl-C in the middle of each command that changes something costs a second run of the same.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { BAD, GOOD } from '../hooks/built-hook.ts'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { gitEnvironment } from '../support/git.ts'
import { startProcess } from '../support/process.ts'
import { createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import { commands, guide, IN_CHECKOUT, needsGhes, PATH } from './guide-page.ts'

const root = resolve(import.meta.dirname, '../..')
const golden = join(import.meta.dirname, 'nine-steps.txt')
const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-steps-'))
const TOKEN = 'ghp_of_an_administrator'

let host: RepositoryHost
let ghes: Ghes
let transcript = ''

before(async () => {
  for (const name of IN_CHECKOUT) symlinkSync(join(root, name), join(folder, name))
  mkdirSync(join(folder, 'site'))
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
  for (const name of ['ghe.token', 'read.token']) writeFileSync(join(folder, 'site', name), TOKEN, { mode: 0o600 })
  for (const [, name = '', text = ''] of files())
    writeFileSync(join(folder, name), text.replace('https://ghe.example.com/api/v3', ghes.apiBaseUrl))
  writeFileSync(join(folder, 'site/env.tar.gz'), 'the environment of step 3, which takes root and Debian')
})
after(async () => {
  await ghes.stop()
  await host.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** `site/probe.yaml` and `site/install.yaml`: each is named before its block. */
const files = () => [...guide.matchAll(/`(site\/\w+\.yaml)`(?:(?!`site\/\w+\.yaml`).)*?^```yaml\n(.*?)^```$/gms)]

async function run(command: string, interruptAtChange = false): Promise<{ code: number; output: string }> {
  const literal = command
    .replace('https://ghe.example.com/api/v3', ghes.apiBaseUrl)
    .replace('10.0.0.9:8080', '127.0.0.1:0')
  const env = { ...gitEnvironment({ HOME: folder, PATH }), NO_COLOR: '1' }
  const started = startProcess('sh', ['-ec', literal.includes('\n') ? literal : `exec ${literal}`], {
    cwd: folder,
    env,
  })
  if (interruptAtChange) {
    void ghes
      .next('*', ({ method, path }) => method !== 'GET' && !path.includes('graphql'))
      .then(() => {
        if (started.ended() === undefined) process.kill(started.pid, 'SIGINT')
      })
  }
  await started.gone
  return { code: Number(/exit code (\d+)/.exec(started.ended() ?? '')?.[1] ?? -1), output: started.output() }
}

/** What is of this run, of this build and of this machine has a name in the transcript. */
const settled = (text: string) =>
  text
    .replaceAll(ghes.url, 'https://ghe.example.com')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'ghe.example.com')
    .replaceAll(/build [0-9a-f]{8} of \d{4}-\d\d-\d\dT\d\d:\d\dZ/g, 'build DIGEST of DATE')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\dZ/g, 'NOW')
    .replaceAll(/, \d+ kB/g, ', SIZE')
    .replaceAll(/(fetched by 127\.0\.0\.1).*/g, '$1')
    .replaceAll(folder, 'FOLDER')

async function step(command: string): Promise<void> {
  if (command.includes('--apply')) {
    const cut = await run(command, true)
    // Whatever a busy machine makes of it: told how far it came, or done.
    assert.ok([0, 130].includes(cut.code), `${command}\n${cut.output}`)
    if (cut.code === 130) assert.match(cut.output, /^interrupted: .*; the same command goes on from there$/m)
  }
  const { code, output } = await run(command)
  assert.ok([0, 1].includes(code), `${command}\n${output}`)
  // After an interruption what is left to do hangs on where it came; what then is so on GHES does not.
  const shown = command.includes('--apply')
    ? standing()
    : output.replaceAll(/^\d+ of \d+ repositories, .*\n/gm, '').trimEnd()
  transcript += `$ ${command}\n${settled(shown)}\n[${code}]\n\n`
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

/** UPDATE=1 writes the file anew, to be looked at. */
test('from a build to enforced, rolled back and uninstalled: the guide’s own commands', async t => {
  const all = commands()
  for (const command of [
    all.find(one => one.includes('cat > site/hook.yaml')),
    all.find(one => / build -- /.test(one)),
  ]) {
    const { code, output } = await run(command ?? 'false')
    assert.equal(code, 0, output)
  }
  const withGhes = all.filter(command => needsGhes(command) && !/ (?:learn|migrate|wiki) /.test(command))
  t.diagnostic(`${withGhes.length} commands`)
  const from = performance.now()
  for (const command of withGhes) {
    // A second environment, so that there is something to go back from.
    if (command.includes(' rollback ')) {
      writeFileSync(join(folder, 'site/env.tar.gz'), 'the environment after an update of Debian')
      await step(withGhes.find(one => one.includes('install.yaml --serve')) ?? '')
    }
    await step(command)
    if (command.includes('install.yaml --serve'))
      t.diagnostic(
        `administrator, from a build to testing on a pilot: ${Math.round((performance.now() - from) / 1000)} s of commands`,
      )
  }
  assert.deepEqual(ghes.admin.hooks, [])
  if (process.env['UPDATE']) writeFileSync(golden, transcript)
  assert.equal(transcript, readFileSync(golden, 'utf8'))
  assert.doesNotMatch(transcript, new RegExp(TOKEN))
})
