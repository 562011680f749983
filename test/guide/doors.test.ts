// The README's three doors, to the letter and from a fresh clone under the same bare Node: how long each takes is printed, and judged by nobody.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { BAD, GOOD } from '../hooks/built-hook.ts'
import { startCatalog } from '../support/catalog.ts'
import { startGhes } from '../support/ghes.ts'
import { git } from '../support/git.ts'
import { freePort, untilReady } from '../support/process.ts'
import { createRepositoryHost } from '../support/repository.ts'
import { Follower, type Ran } from './follower.ts'

const root = resolve(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```sh\n(.*?)\n```$/gms)].map(([, block = '']) => block)

/** Its lines; a here-document is one. */
function block(word: string): string[] {
  const found = blocks.find(one => one.includes(word)) ?? assert.fail(`README.md has no block with ${word}`)
  return [...found.matchAll(/^cat [^\n]*<<'END'\n.*?^END$|^[^\n]+$/gms)].map(([line]) => line)
}

let follower: Follower
let repository: string
/** What all have behind them, in seconds. */
const spent = { ci: 0, build: 0 }

before(async () => {
  follower = Follower.clone()
  repository = follower.file('../a-repository')
  mkdirSync(repository)
  writeFileSync(join(repository, 'catalog-info.yaml'), BAD)
  await git(repository, ['init', '--quiet', '--initial-branch=main'])
  await git(repository, ['add', '.'])
  await git(repository, ['-c', 'user.name=m', '-c', 'user.email=m@example.com', 'commit', '--quiet', '-m', 'x'])
  follower.literal = line => line.replaceAll('/path/to/your/repository', repository)
  spent.ci = (await done('npm ci')).seconds
})
after(() => follower?.remove())

/** The same build is made once, and counted for each. */
async function sh(line: string): Promise<Ran> {
  if (line !== 'npm run build') return follower.run(line)
  if (spent.build === 0) spent.build = (await done(line)).seconds
  return { code: 0, output: '', seconds: spent.build }
}

async function done(line: string): Promise<Ran> {
  const ran = await follower.run(line)
  assert.equal(ran.code, 0, `${line}\n${ran.output}`)
  return ran
}

/** Printed, with the limit that the project has set itself; a busy machine is no fault. */
function tell(t: TestContext, what: string, seconds: number, limit: number): void {
  t.diagnostic(
    `${what}: ${seconds.toFixed(1)} s, ${seconds <= limit ? 'within' : 'MORE THAN'} the ${limit} s that it may take`,
  )
}

test('who pushes: to the first finding', async t => {
  const [build = '', check = '', patch = '', explain = ''] = block('check --fix --dry-run')
  const built = await sh(build)
  const found = await sh(check)
  tell(t, 'developer, from after npm ci to the first finding', built.seconds + found.seconds, 60)
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
  let seconds = spent.ci
  const [listen, admin] = [await freePort(), await freePort()]
  const here = (line: string) =>
    line
      .replaceAll('127.0.0.1:8080', `127.0.0.1:${listen}`)
      .replaceAll('127.0.0.1:9090', `127.0.0.1:${admin}`)
      .replaceAll('https://ghe.example.com/api/v3', ghes.apiBaseUrl)
      .replaceAll('https://backstage.example.com', catalog.url)
  const lines = block('relay-try/relay.yaml')
  for (const line of lines.slice(0, -1)) {
    const ran = await sh(here(line))
    assert.equal(ran.code, 0, `${line}\n${ran.output}`)
    seconds += ran.seconds
  }
  const from = performance.now()
  // As it stands there. npx in front of it would take the signal and leave the relay running.
  const start = lines.at(-1) ?? ''
  assert.match(start, /^node .*relay/)
  const relay = follower.start(start)
  t.after(() => relay.stop())
  await untilReady('the relay', relay, `http://127.0.0.1:${listen}/readyz`, 60_000)
  const file = catalog.knowLocation('https://ghe.example.com/acme/payments/blob/main/catalog-info.yaml')
  const refreshed = catalog.nextRefresh(file)
  const [reconcile = ''] = block('/v1/reconcile')
  assert.match((await sh(here(reconcile))).output, /\{"status":"started"\}$/)
  await refreshed
  seconds += (performance.now() - from) / 1000
  tell(t, 'engineer, from npm ci to the first refresh', seconds, 300)
  assert.equal((await fetch(`http://127.0.0.1:${admin}/`)).status, 200)
  await relay.stop()
  assert.match(relay.ended() ?? '', /exit code 0/)
  await assert.rejects(fetch(`http://127.0.0.1:${admin}/`))
  // `kill -9` reaches only the older Node: the relay that it has started ends in order, and goes on for nobody.
  const killed = follower.start(start)
  await untilReady('the relay', killed, `http://127.0.0.1:${listen}/readyz`, 60_000)
  await killed.kill()
  assert.match(killed.output(), /"relay stopped"/)
})

test('who runs GHES: to what a push would meet', async t => {
  const [, yaml = ''] = /^```yaml\n(enforce:.*?)^```$/ms.exec(readme) ?? []
  writeFileSync(follower.file('hook.yaml'), yaml)
  let seconds = spent.ci
  for (const line of block('--out site')) {
    const ran = await sh(line)
    // What is there would be refused: 1.
    assert.equal(ran.code, line.includes(' try ') ? 1 : 0, `${line}\n${ran.output}`)
    if (line.includes(' try ')) assert.match(ran.output, /^ {4}Refused|^ {2}Refused/m)
    seconds += ran.seconds
  }
  // Up to testing on a pilot, 15 minutes at the most: nine-steps.test.ts.
  t.diagnostic(`administrator, from npm ci to what pushes would meet: ${seconds.toFixed(1)} s`)
})
