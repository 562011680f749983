// Pull requests of a migration: in waves, once each, updated and never opened again; and what goes wrong on the way.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { appKeyPair, GhesApp } from '../../support/ghes-app.ts'
import { MemoryGhes } from './memory-ghes.ts'
import { addKinds, MigrateFixture } from './migrate-fixture.ts'

const DAY_MS = 86_400_000
const BRANCH = 'catalog-gate/migrate'

suite('delivery', () => {
  let ghes: MemoryGhes
  let fixture: MigrateFixture

  beforeEach(async () => {
    ghes = new MemoryGhes()
    await ghes.stand.start()
    fixture = new MigrateFixture(ghes.stand.url)
  })
  afterEach(async () => {
    await ghes.stand.stop()
    fixture.remove()
  })

  const pulls = (name: string) => ghes.pullRequests.get(`acme/${name}`) ?? []
  const total = () => [...ghes.pullRequests.values()].flat().length
  const add = (...names: string[]) => {
    for (const name of names) ghes.add(`acme/${name}`, { files: { 'README.md': `# ${name}\n\nThis is ${name}.\n` } })
  }

  test('one branch, one commit, one pull request, its labels and reviewers; the second run changes nothing', async () => {
    addKinds(ghes)
    fixture.configure('pullRequests: { labels: [catalog] }\n')
    const first = await fixture.run({ apply: true })
    assert.equal(first.code, 1, first.err)
    assert.match(first.out, /\n10 opened, 0 updated, 0 for a person, 0 on another day\n$/)
    assert.equal(total(), 10)
    const [pull] = pulls('codeowners')
    assert.deepEqual(pull && [pull.title, pull.branch, pull.labels, pull.reviewers], [
      'Add catalog-info.yaml',
      BRANCH,
      ['catalog'],
      ['team-pay'],
    ])
    assert.match(ghes.at('acme/codeowners', BRANCH)['catalog-info.yaml'] ?? '', /name: codeowners/)
    assert.equal(ghes.at('acme/codeowners', BRANCH)['go.mod'], 'module ghe.test/acme/codeowners\n')
    assert.match(
      ghes.message('acme/codeowners', BRANCH),
      /^Add catalog-info.yaml\n\nCatalog-Gate-Migrate: [0-9a-f]{40}\n$/,
    )
    assert.match(pull?.body ?? '', /\| owner \| `team-pay` \| the team of catalog-info.yaml in .github\/CODEOWNERS \|/)
    assert.match(pulls('Hostile_Name.')[0]?.body ?? '', /\| `<img [^`]*` \|/)
    assert.deepEqual(pulls('archived'), [])
    assert.match(
      first.out,
      /acme\/archived: .*\n {4}GHES takes no push to an archived repository; --out writes the file\n/,
    )
    ghes.writes.length = 0
    const second = await fixture.run({ apply: true })
    assert.match(second.out, /\n0 opened, 0 updated, 0 for a person, 0 on another day\n$/)
    assert.deepEqual(ghes.writes, [])
    // And without its state, by what GHES shows.
    fixture.write('migrate-state.json', '{"version":1,"repositories":{}}')
    assert.match((await fixture.run({ apply: true })).out, /\n0 opened, 0 updated, 0 for a person, 0 on another day\n$/)
    assert.deepEqual(ghes.writes, [])
  })

  test('so many a day, by the state and by what GHES shows', async () => {
    add('a', 'b', 'c', 'd', 'e')
    fixture.configure('pullRequests: { perDay: 2 }\n')
    const plan = await fixture.run()
    assert.match(plan.out, /acme\/b: .*\n {4}a pull request today\n {2}acme\/c: .*\n {4}a pull request in wave 2\n/)
    assert.match((await fixture.run({ apply: true })).out, /\n2 opened, 0 updated, 0 for a person, 3 on another day\n$/)
    assert.match((await fixture.run({ apply: true })).out, /\n0 opened, .* 3 on another day\n$/)
    fixture.clock.ms += DAY_MS
    assert.match((await fixture.run({ apply: true })).out, /\n2 opened, .* 1 on another day\n$/)
    fixture.clock.ms += DAY_MS
    assert.match((await fixture.run({ apply: true })).out, /\n1 opened, .* 0 on another day\n$/)
    assert.equal(total(), 5)
  })

  test('an open one is updated by a commit on top; a closed one is never opened again; a merged one is done', async () => {
    add('open', 'closed', 'merged')
    await fixture.run({ apply: true })
    ghes.write('acme/open', '.github/CODEOWNERS', '* @acme/team-new\n')
    ghes.write('acme/closed', '.github/CODEOWNERS', '* @acme/team-new\n')
    ghes.close('acme/closed')
    ghes.merge('acme/merged')
    const { out, code } = await fixture.run({ apply: true })
    assert.match(out, /\n0 opened, 1 updated, 0 for a person/)
    assert.equal(code, 0)
    assert.match(ghes.at('acme/open', BRANCH)['catalog-info.yaml'] ?? '', /owner: team-new\n/)
    assert.match(pulls('open')[0]?.body ?? '', /team-new/)
    assert.match(out, /closed without a merge: it is not opened again/)
    assert.equal(total(), 3)
    const status = await fixture.run({ what: 'status' })
    assert.match(status.out, /^1 open, 1 merged, 1 closed, 0 to come, 0 by hand\n/)
    assert.match(status.out, /\n {2}acme\/merged: merged https:/)
  })

  test("somebody else's commits on the branch stay", async () => {
    add('theirs')
    await fixture.run({ apply: true })
    ghes.pushTo('acme/theirs', BRANCH, 'My own idea')
    ghes.write('acme/theirs', '.github/CODEOWNERS', '* @acme/team-new\n')
    ghes.writes.length = 0
    const { out, code } = await fixture.run({ apply: true })
    assert.match(
      out,
      /acme\/theirs: somebody has pushed to catalog-gate\/migrate: merge or delete it, then run this again\n/,
    )
    assert.equal(code, 1)
    assert.deepEqual(ghes.writes, [])
  })

  test('cut off after any request, or its answer lost: the same command brings it to its end, once', async () => {
    fixture.configure('pullRequests: { labels: [catalog] }\n')
    const steps = ['trees', 'commits', 'refs', 'pulls', 'labels', 'requested_reviewers']
    for (const [i, step] of steps.entries()) {
      for (const failure of [
        'lose',
        { status: 401, body: { message: 'Bad credentials', documentation_url: 'x' } },
      ] as const) {
        const name = `r${i}-${typeof failure === 'string' ? 'lost' : 'ended'}`
        ghes.add(`acme/${name}`, { files: { CODEOWNERS: '* @acme/team-a\n' } })
        ghes.stand.failNext('write', failure, 1, 0, new RegExp(`/${name}/.*${step}$`))
        const first = await fixture.run({ apply: true })
        const second = await fixture.run({ apply: true })
        assert.ok([0, 1, 2].includes(first.code), `${name}: ${first.code}`)
        assert.equal(second.code, 0, `${name}: ${second.out}${second.err}`)
        assert.equal(pulls(name).length, 1, name)
        assert.ok(pulls(name)[0]?.labels.includes('catalog'), name)
        assert.ok(pulls(name)[0]?.reviewers.includes('team-a'), name)
        assert.match(ghes.at(`acme/${name}`, BRANCH)['catalog-info.yaml'] ?? '', /owner: team-a\n/, name)
      }
    }
  })

  test('a token that has ended stops it in a sentence', async () => {
    add('a', 'b')
    ghes.stand.failNext('write', { status: 401, body: { message: 'Bad credentials', documentation_url: 'x' } })
    const { code, err } = await fixture.run({ apply: true })
    assert.equal(code, 2)
    assert.match(
      err,
      /error: .*the token in ghe.token is not valid there.*; nothing more was tried, and the same command goes on\n/,
    )
    assert.equal(total(), 0)
  })

  test('as a GitHub App, whose token ends on the way', async () => {
    add('a', 'b', 'c')
    const { publicKey, privateKey } = appKeyPair()
    fixture.write('app.pem', privateKey)
    fixture.configure('', "app: { id: '7', privateKey: { $file: app.pem } }")
    const app = new GhesApp({
      id: '7',
      publicKey,
      installations: [{ id: 3, account: 'acme' }],
      nowMs: fixture.clock.now,
    })
    ghes.app = app
    let ended = false
    ghes.onRequest = () => {
      if (ended || ghes.writes.length < 4) return
      ended = true
      app.tokens.clear()
    }
    const { out, err } = await fixture.run({ apply: true })
    assert.match(out, /\n3 opened, 0 updated, 0 for a person, 0 on another day\n$/, err)
    assert.ok(ended)
    assert.equal(total(), 3)
  })

  test('--fix repairs what is certain, on a branch of its own, and keeps the rest', async () => {
    const text = `# ours\napiVersion: backstage.io/v1alpha1\nkind: component\nmetadata:\n  name: 'pay ments' # the name\nspec: { type: service, lifecycle: production, owner: team-a }\n`
    ghes.add('acme/bad', { files: { 'catalog-info.yaml': text } })
    const without = await fixture.run({ apply: true })
    assert.deepEqual([without.code, total()], [1, 0])
    const { out } = await fixture.run({ apply: true, fix: true })
    assert.match(out, /repaired by --fix:\n {2}acme\/bad:/)
    const repaired = ghes.at('acme/bad', `${BRANCH}-fix`)['catalog-info.yaml'] ?? ''
    assert.match(repaired, /^# ours\n.*kind: Component\n.*# the name\n/s)
    ghes.merge('acme/bad')
    assert.equal((await fixture.run({ fix: true })).code, 0)
  })
})
