// A survey of real repositories behind the stand-in GHES: every verdict, what is printed, and what goes wrong.
import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { after, afterEach, before, beforeEach, suite, test } from 'node:test'
import { surveyReport } from '../../schemas/compiled/own.mjs'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import { component, SurveyFixture, token } from './survey-fixture.ts'

const HOSTILE = '<img src=x onerror=alert(1)>'
/** Longer than GraphQL gives a text, and binary: both only by REST. */
const long = component('long', `  description: ${'x'.repeat(600_000)}\n`)

type Files = Record<string, string | Buffer>
const repositories: Record<string, Files> = {
  'acme/accepted': { 'catalog-info.yaml': component('accepted') },
  'acme/archived': { 'catalog-info.yaml': component('not right') },
  'acme/binary': { 'catalog-info.yaml': Buffer.concat([Buffer.from(component('binary')), Buffer.from([0, 1, 255])]) },
  'acme/copy': { 'catalog-info.yaml': component('accepted') },
  'acme/empty': {},
  'acme/follows': {
    'catalog-info.yaml':
      'apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: { name: all }\nspec: { targets: [./parts/one.yaml, ./parts/none.yaml] }\n',
    'parts/one.yaml': component('one two'),
  },
  'acme/hostile': {
    'catalog-info.yaml': `apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: '${HOSTILE}' }\nspec: { type: service, lifecycle: production, owner: '=cmd()' }\n`,
  },
  'acme/legacy': { 'catalog-info.yaml': component('not right') },
  'acme/link': { 'real.yaml': component('not right') },
  'acme/long': { 'catalog-info.yaml': long },
  'acme/nested': {
    'services/a/catalog-info.yaml': component('not right'),
    'services/a/testdata/catalog-info.yaml': ': [',
  },
  'acme/none': { 'README.md': 'nothing\n' },
  'acme/off': { 'catalog-info.yaml': component('not right') },
  'acme/refused': { 'catalog-info.yaml': component('not right').replace('service', '""') },
  'acme/techdocs': {
    'catalog-info.yaml': component('docs', '  annotations: { backstage.io/techdocs-ref: "dir:." }\n'),
  },
}
const HOOK = `enforce: { repositories: [{ match: 'acme/legacy', mode: warn }, { match: 'acme/off', mode: off }] }\n`

suite('a survey', () => {
  let host: RepositoryHost
  let ghes: Ghes
  let fixture: SurveyFixture

  before(async () => {
    host = await createRepositoryHost()
    for (const [fullName, files] of Object.entries(repositories)) {
      const clone = await (await host.create(fullName)).clone()
      for (const [path, content] of Object.entries(files)) await clone.write(path, content)
      if (fullName === 'acme/link') await clone.link('catalog-info.yaml', 'real.yaml')
      if (fullName === 'acme/empty') continue
      await clone.commit()
      await clone.push()
    }
  })
  after(() => host.remove())
  beforeEach(async () => {
    ghes = await startGhes({ root: host.root, token })
    ghes.archive('acme/archived')
    ghes.setRateLimit(undefined)
    fixture = new SurveyFixture()
    fixture.write('hook.yaml', HOOK)
  })
  afterEach(async () => {
    await ghes.stop()
    fixture.remove()
  })

  const verdicts = (json: string) => {
    const { repositories } = JSON.parse(json) as { repositories: { repository: string; verdict: string }[] }
    return Object.fromEntries(
      repositories.map(({ repository, verdict }) => [repository.slice('acme/'.length), verdict]),
    )
  }

  test('has a verdict for every repository, that of the hook', async () => {
    const { code, out, err } = await fixture.run(ghes.apiBaseUrl, { config: 'hook.yaml', format: 'json' })
    assert.ok(surveyReport(JSON.parse(out)), 'the relay’s page reads it')
    assert.equal(err.replace(/^\d+ of 15 repositories, \d would be refused\n/gm, ''), '')
    assert.equal(code, 1)
    assert.deepEqual(verdicts(out), {
      ...{ binary: 'refused', follows: 'refused', hostile: 'refused', refused: 'refused' },
      ...{
        legacy: 'warned',
        accepted: 'accepted',
        copy: 'accepted',
        link: 'accepted',
        long: 'accepted',
        techdocs: 'accepted',
      },
      ...{ nested: 'no-catalog-file', none: 'no-catalog-file', off: 'off', empty: 'empty', archived: 'archived' },
    })
    const report = JSON.parse(out)
    assert.equal(report.complete, true)
    const follows = report.repositories.find((one: { repository: string }) => one.repository === 'acme/follows')
    assert.deepEqual(
      follows.problems.map(({ path, code, severity }: Record<string, string>) => [path, code, severity]),
      [
        ['catalog-info.yaml', 'long-missing-target', 'warning'],
        ['parts/one.yaml', 'name-format', 'error'],
      ],
    )
    assert.equal(follows.problems[1].source, `${ghes.url}/acme/follows/blob/main/parts/one.yaml#L4`)
    const link = report.repositories.find((one: { repository: string }) => one.repository === 'acme/link')
    assert.deepEqual(link.notes, [
      { path: 'catalog-info.yaml', text: 'is a symbolic link; the hook does not check it' },
    ])
    const docs = report.repositories.find((one: { repository: string }) => one.repository === 'acme/techdocs')
    assert.deepEqual(
      docs.problems.map(({ code }: { code: string }) => code),
      ['techdocs-config'],
    )
  })

  test('prints a table that says what was not looked at', async t => {
    const { out } = await fixture.run(ghes.apiBaseUrl, { config: 'hook.yaml' })
    t.assert.fileSnapshot(out, 'test/scripts/survey.txt', { serializers: [value => String(value)] })
  })

  test('looks into folders with --deep, and keeps to catalog.ignore', async () => {
    const { out } = await fixture.run(ghes.apiBaseUrl, { config: 'hook.yaml', format: 'json', deep: true })
    assert.equal(verdicts(out)['nested'], 'refused')
    const { repositories, limits } = JSON.parse(out)
    const nested = repositories.find((one: { repository: string }) => one.repository === 'acme/nested')
    assert.deepEqual(nested.files, [{ path: 'services/a/catalog-info.yaml', errors: 1, warnings: 0 }])
    assert.doesNotMatch(limits.join(' '), /--deep/)
  })

  test('asks for what has changed only, with and without --deep; a damaged cache is as none', async () => {
    for (const deep of [false, true]) {
      const first = await fixture.run(ghes.apiBaseUrl, { deep, format: 'json' })
      ghes.forgetRequests()
      const again = await fixture.run(ghes.apiBaseUrl, { deep, format: 'json' })
      assert.deepEqual([ghes.count('graphql'), ghes.count()], [1, 1], 'one page of repositories, and nothing else')
      assert.deepEqual(verdicts(again.out), verdicts(first.out))
    }
    const cache = fixture.file('cache.jsonl')
    assert.equal(statSync(cache).mode & 0o777, 0o600)
    writeFileSync(cache, readFileSync(cache, 'utf8').replaceAll('YXBp', 'YXBq').slice(0, -30))
    const damaged = await fixture.run(ghes.apiBaseUrl, { format: 'json' })
    assert.equal(verdicts(damaged.out)['accepted'], 'accepted')
    assert.ok(ghes.count() > 2)
  })

  test('writes CSV that no spreadsheet takes for a formula', async () => {
    await fixture.run(ghes.apiBaseUrl, { csv: 'out.csv' })
    const csv = readFileSync(fixture.file('out.csv'), 'utf8')
    assert.match(csv, /^repository,verdict,branch,fork,owners,path,/)
    assert.match(csv, /\r\nacme\/hostile,refused,main,no,'=cmd\(\),catalog-info\.yaml,3,/)
    assert.match(csv, /\r\nacme\/accepted,accepted,main,no,team-a,,,,,,,,,\r\n/)
    assert.match(csv, /"name ""<img src=x onerror=alert\(1\)>"" /)
    assert.equal(csv.replaceAll('\r\n', '').includes('\n'), false)
  })

  test('writes one page in which nothing that was pushed is code', async () => {
    await fixture.run(ghes.apiBaseUrl, { config: 'hook.yaml', html: 'out.html' })
    const page = readFileSync(fixture.file('out.html'), 'utf8')
    assert.match(page, /Content-Security-Policy" content="default-src 'none'; style-src 'sha256-/)
    assert.equal(page.includes('<img'), false)
    assert.ok(page.includes('&lt;img src=x onerror=alert(1)&gt;'))
    assert.doesNotMatch(page, /(src|href)="(?!http:\/\/127\.0\.0\.1)/)
    assert.match(page, /5 of 10 repositories|4 of 10 repositories/)
  })

  test('waits for a rate limit, and says so', async () => {
    ghes.failNext('graphql', {
      status: 403,
      headers: { 'retry-after': '42' },
      body: { message: 'secondary rate limit' },
    })
    const running = fixture.run(ghes.apiBaseUrl)
    while (fixture.clock.nextTimerAtMs === undefined) await new Promise(resolve => setImmediate(resolve))
    assert.match(fixture.err, /^waiting 42 s: GHES limits our rate \(403\)$/m)
    fixture.clock.pass(42_000)
    assert.equal((await running).code, 1)
  })

  for (const [what, answer, reason] of [
    ['cannot be read', { status: 500, body: { message: 'oops' } }, 'GHES answered 500'],
    // It would look like a repository without catalog files.
    ['answers with a page', { status: 200, body: '<html>' }, "GHES answered 200 with something that is not its API's"],
  ] as const)
    test(`goes on when one repository ${what}, and ends with 4 when no other is refused`, async () => {
      ghes.failNext('tree', answer, 100, 0, /\/acme\/long\//)
      const running = fixture.run(ghes.apiBaseUrl, {
        deep: true,
        config: fixture.write('w.yaml', 'enforce: { defaultBranch: warn }\n'),
      })
      let isOver = false
      void running.finally(() => {
        isOver = true
      })
      while (!isOver) {
        if (fixture.clock.nextTimerAtMs !== undefined)
          fixture.clock.pass(fixture.clock.nextTimerAtMs - fixture.clock.now())
        await new Promise(resolve => setImmediate(resolve))
      }
      const { code, out } = await running
      ghes.clearFailures()
      assert.equal(code, 4, out)
      assert.match(out, new RegExp(`^Not looked at:\\n {2}acme/\\w+: ${reason}`, 'm'))
      assert.match(out, /^ {6}1 {2}not looked at$/m)
    })

  test('an interrupted one reports what is known by then', async () => {
    const asked = ghes.next('graphql', ({ body }) => body.includes('byteSize'))
    ghes.failNext('graphql', 'hang', 1, 1)
    const running = fixture.run(ghes.apiBaseUrl)
    await asked
    fixture.interruption.abort(new Error('interrupted'))
    const { code, out } = await running
    assert.equal(code, 130)
    assert.match(out, /acme: interrupted/)
    assert.match(out, /acme\/accepted: interrupted/)
    assert.match(out, /^ {6}1 {2}archived$/m)
  })

  test('interrupted before there was an answer: 130, and no error', async () => {
    const asked = ghes.next('graphql')
    ghes.failNext('graphql', 'hang')
    const running = fixture.run(ghes.apiBaseUrl)
    await asked
    fixture.interruption.abort(new Error('interrupted'))
    const { code, out, err } = await running
    assert.deepEqual(
      [code, out, err],
      [130, '', 'interrupted: nothing was looked at yet; the same command begins anew\n'],
    )
  })

  test('a person sees a bar, a log gets lines', async () => {
    fixture.isWatched = true
    const { err } = await fixture.run(ghes.apiBaseUrl)
    assert.match(err, /\r\[#{24}\] 15 of 15 repositories, 6 would be refused\r +\r$/)
    fixture.isWatched = false
    assert.match((await fixture.run(ghes.apiBaseUrl)).err, /^15 of 15 repositories, 6 would be refused\n$/m)
  })

  test('what is wrong with its options is told at once, without asking GHES', async () => {
    const { code, out, err } = await fixture.run('ghe.example.com', {
      ...{ org: ['acme', 'a b'], tokenFile: 'nowhere', caFile: 'none.pem', config: 'none.yaml', csv: 'no/folder.csv' },
    })
    assert.deepEqual([code, out], [2, ''])
    for (const part of [
      '--org: "a b"',
      '--api-url: expected',
      '--token-file: cannot read',
      '--ca-file: ',
      'none.yaml',
      'folder.csv',
    ])
      assert.ok(err.includes(part), part)
  })

  test('a disk that is full at the end is told, and what was found is printed all the same', async () => {
    const { code, out, err } = await fixture.run(ghes.apiBaseUrl, { csv: '/dev/full', html: 'whole.html' })
    assert.equal(code, 2)
    assert.match(err, /^error: \/dev\/full: cannot be written \(the disk is full\)$/m)
    assert.match(out, /would be refused/)
    assert.match(readFileSync(fixture.file('whole.html'), 'utf8'), /<\/html>\s*$/)
  })

  test('nothing at all to look at ends with 2 and the way out', async () => {
    fixture.write('token', 'ghp_other')
    assert.match(
      (await fixture.run(ghes.apiBaseUrl)).err,
      /^error: acme: .*401: the token in --token-file is not valid/m,
    )
    fixture.write('token', token)
    assert.match(
      (await fixture.run(ghes.apiBaseUrl, { org: ['nobody'] })).err,
      /^error: nobody: GHES shows no such organisation/m,
    )
    assert.match((await fixture.run(`${ghes.url}/elsewhere`)).err, /is --api-url right\?/)
    await ghes.goDown()
    const { code, err } = await fixture.run(ghes.apiBaseUrl)
    assert.match(err, /^error: acme: nothing listens at 127\.0\.0\.1:\d+ .*--api-url/m)
    assert.equal(code, 2)
  })

  test('the token is in nothing that is written', async () => {
    const all = await fixture.run(ghes.apiBaseUrl, { csv: 'a.csv', html: 'a.html', format: 'json' })
    for (const text of [
      all.out,
      all.err,
      ...['a.csv', 'a.html', 'cache.jsonl'].map(name => readFileSync(fixture.file(name), 'utf8')),
    ])
      assert.equal(text.includes(token), false)
  })
})
