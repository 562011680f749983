// The README's three doors, to the letter and under the same bare Node: how long each takes from a checkout is printed, and judged by nobody.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { BAD, GOOD } from '../hooks/built-hook.ts'
import { startCatalog } from '../support/catalog.ts'
import { startGhes } from '../support/ghes.ts'
import { git, gitEnvironment } from '../support/git.ts'
import { freePort, startProcess, untilReady } from '../support/process.ts'
import { createRepositoryHost } from '../support/repository.ts'
import { IN_CHECKOUT, PATH } from './guide-page.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-doors-'))
const repository = join(folder, 'a-repository')
const env = { ...gitEnvironment({ HOME: folder, PATH }), NO_COLOR: '1' }
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```sh\n(.*?)\n```$/gms)].map(([, block = '']) => block)

/** Its lines; a here-document is one. */
function block(word: string): string[] {
  const found = blocks.find(one => one.includes(word)) ?? assert.fail(`README.md has no block with ${word}`)
  return [...found.matchAll(/^cat [^\n]*<<'END'\n.*?^END$|^[^\n]+$/gms)].map(([line]) => line)
}

before(async () => {
  for (const name of IN_CHECKOUT) symlinkSync(join(root, name), join(folder, name))
  mkdirSync(repository)
  writeFileSync(join(repository, 'catalog-info.yaml'), BAD)
  await git(repository, ['init', '--quiet', '--initial-branch=main'])
  await git(repository, ['add', '.'])
  await git(repository, ['-c', 'user.name=m', '-c', 'user.email=m@example.com', 'commit', '--quiet', '-m', 'x'])
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** A build goes into this checkout's own dist, and is made once. */
async function sh(line: string): Promise<{ code: number; output: string }> {
  if (line === 'npm run build') {
    if (existsSync(join(folder, 'dist'))) return { code: 0, output: '' }
    return sh('npm run build -- --out dist')
  }
  const started = startProcess('sh', ['-ec', line.replaceAll('/path/to/your/repository', repository)], {
    cwd: folder,
    env,
  })
  await started.gone
  return { code: Number(/exit code (\d+)/.exec(started.ended() ?? '')?.[1] ?? -1), output: started.output() }
}

const timed = (t: TestContext, what: string) => {
  const from = performance.now()
  return () => t.diagnostic(`${what}: ${((performance.now() - from) / 1000).toFixed(1)} s`)
}

test('who pushes: to the first finding', async t => {
  const done = timed(t, 'developer, from npm ci to the first finding')
  const [build = '', check = '', patch = '', explain = ''] = block('check --fix --dry-run')
  assert.equal((await sh(build)).code, 0)
  const found = await sh(check)
  done()
  assert.equal(found.code, 1)
  assert.match(found.output, /catalog-info\.yaml:4:9: error: name "payments api" contains a space/)
  assert.match((await sh(patch)).output, /^\+ {2}name: payments-api$/m)
  assert.match((await sh(explain)).output, /name-format/)
})

test('who runs Backstage: to the first refresh', { timeout: 120_000 }, async t => {
  const host = await createRepositoryHost()
  const ghes = await startGhes({ root: host.root, token: 'a-ghes-token' })
  const catalog = await startCatalog({ token: 'a-backstage-token', refreshOnly: true })
  t.after(async () => {
    await Promise.all([ghes.stop(), catalog.stop()])
    await host.remove()
  })
  const copy = await (await host.create('acme/payments')).clone()
  await copy.write('catalog-info.yaml', GOOD)
  await copy.commit()
  await copy.push()
  const done = timed(t, 'engineer, from npm ci to the first refresh')
  const [listen, admin] = [await freePort(), await freePort()]
  const here = (line: string) =>
    line
      .replaceAll('127.0.0.1:8080', `127.0.0.1:${listen}`)
      .replaceAll('127.0.0.1:9090', `127.0.0.1:${admin}`)
      .replaceAll('https://ghe.example.com/api/v3', ghes.apiBaseUrl)
      .replaceAll('https://backstage.example.com', catalog.url)
  const lines = block('relay-try/relay.yaml')
  for (const line of lines.slice(0, -1)) {
    const { code, output } = await sh(here(line))
    assert.equal(code, 0, `${line}\n${output}`)
  }
  // As it stands there. npx in front of it would take the signal and leave the relay running.
  const start = lines.at(-1) ?? ''
  assert.match(start, /^node .*relay/)
  const relay = startProcess('sh', ['-c', `exec ${start}`], { cwd: folder, env })
  t.after(() => relay.stop())
  await untilReady('the relay', relay, `http://127.0.0.1:${listen}/readyz`, 60_000)
  const file = catalog.knowLocation('https://ghe.example.com/acme/payments/blob/main/catalog-info.yaml')
  const refreshed = catalog.nextRefresh(file)
  const [reconcile = ''] = block('/v1/reconcile')
  assert.match((await sh(here(reconcile))).output, /\{"status":"started"\}$/)
  await refreshed
  done()
  assert.equal((await fetch(`http://127.0.0.1:${admin}/`)).status, 200)
  await relay.stop()
  assert.match(relay.ended() ?? '', /exit code 0/)
  await assert.rejects(fetch(`http://127.0.0.1:${admin}/`))
})

test('who runs GHES: to what a push would meet', async t => {
  const [, yaml = ''] = /^```yaml\n(enforce:.*?)^```$/ms.exec(readme) ?? []
  writeFileSync(join(folder, 'hook.yaml'), yaml)
  const done = timed(t, 'administrator, from npm ci to what pushes would meet')
  for (const line of block('--out site')) {
    const { code, output } = await sh(line)
    // What is there would be refused: 1.
    assert.equal(code, line.includes(' try ') ? 1 : 0, `${line}\n${output}`)
    if (line.includes(' try ')) assert.match(output, /^ {4}Refused|^ {2}Refused/m)
  }
  done()
})
