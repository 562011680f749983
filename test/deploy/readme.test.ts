// relay/deploy/README.md to the letter: its shell blocks run as they stand there, what they make is ignored by git, and the alerts fire when they should.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { run } from './images.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-deploy-'))
after(() => rmSync(folder, { recursive: true, force: true }))
cpSync(join(root, 'relay/deploy'), join(folder, 'relay/deploy'), { recursive: true })
const blocks = [...readFileSync(join(root, 'relay/deploy/README.md'), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(
  ([, block = '']) => block,
)
const block = (word: string) => blocks.find(one => one.includes(word)) ?? assert.fail(`no block with ${word}`)

test('the secrets: one folder for all ways, for nobody else to read, and git ignores it', () => {
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', block('hook.secret')], {
    cwd: folder,
    input: '',
    encoding: 'utf8',
  })
  assert.deepEqual([status, stderr], [0, ''])
  assert.equal(stdout.match(/Ctrl-D/g)?.length, 2)
  const made = readdirSync(join(folder, 'secrets')).sort()
  assert.deepEqual(made, ['admin.token', 'backstage.token', 'ghe.token', 'hook.secret', 'webhook.secret'])
  for (const name of ['.', ...made]) assert.equal(statSync(join(folder, 'secrets', name)).mode & 0o027, 0, name)
  for (const path of ['secrets/hook.secret', 'relay-try/relay.yaml', 'site/relay.secret'])
    execFileSync('git', ['check-ignore', '--quiet', '--no-index', path], { cwd: root })
})

test('systemd begins with the build', () => {
  assert.match(block('systemctl'), /^npm ci && npm run build\n/)
})

test('the copy is one that a relay can go on with', () => {
  new DatabaseSync(join(folder, 'relay.db')).exec('CREATE TABLE push (id TEXT); INSERT INTO push VALUES (1)')
  const [code = '', systemd = ''] = block('backup').split('\n')
  const here = systemd.replace('/var/lib/catalog-gate', folder).replace('/opt/catalog-gate/node', process.execPath)
  assert.equal(run('sh', ['-ec', `${code}\n${here}`]), '')
  assert.deepEqual(new DatabaseSync(join(folder, 'copy.db')).prepare('SELECT count(*) AS n FROM push').get()?.['n'], 1)
})

test('Kubernetes: the overlay of your own renders, with your image and your relay.yaml', () => {
  for (const base of ['base', 'overlays/postgres']) {
    const script = block('kubectl kustomize').replaceAll('kustomize/base', `kustomize/${base}`)
    const { status, stdout, stderr } = spawnSync('sh', ['-ec', script], { cwd: folder, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    assert.match(stdout, /image: registry\.acme\.example\/catalog-gate-relay:0\.1\.0$/m)
    assert.equal(stdout.match(/^kind: ConfigMap$/gm)?.length, 1)
    assert.match(stdout, base === 'base' ? /store: \/data\/relay\.db/ : /postgres\.url/)
  }
})

test('alerts: what fires, and what does not', () => {
  // promtool would compare annotations, too: words are not the subject.
  const alerts = readFileSync(join(root, 'relay/deploy/prometheus/alerts.yaml'), 'utf8')
  writeFileSync(join(folder, 'alerts.yaml'), alerts.replaceAll(/^ {8}annotations:\n(?: {10}.*(?:\n|$))+/gm, ''))
  const tests = readFileSync(join(import.meta.dirname, 'alerts.yaml'), 'utf8')
  writeFileSync(join(folder, 'tests.yaml'), tests.replace('RULES', join(folder, 'alerts.yaml')))
  run('promtool', ['test', 'rules', join(folder, 'tests.yaml')])
})
