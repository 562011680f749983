// What a migration tells besides its lines: JSON, CSV and a page, with hostile texts in all of them; and its configuration.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { Report } from '../../../scripts/migrate/report.ts'
import { MemoryGhes } from './memory-ghes.ts'
import { addKinds, MigrateFixture } from './migrate-fixture.ts'

suite('reports', () => {
  const ghes = new MemoryGhes()
  let fixture: MigrateFixture

  before(async () => {
    addKinds(ghes)
    ghes.add('acme/formula', { files: { 'README.md': 'x' }, description: '=cmd()' })
    await ghes.stand.start()
    fixture = new MigrateFixture(ghes.stand.url)
  })
  after(async () => {
    await ghes.stand.stop()
    fixture.remove()
  })

  test('JSON is alone on standard output, and says what the lines say', async () => {
    const { out } = await fixture.run({ json: true, csv: 'plan.csv', html: 'plan.html' })
    const { counts, rows } = JSON.parse(out) as Report
    assert.deepEqual(counts, { propose: 12, has: 3, wrong: 1, misplaced: 1, held: 0, left: 5, unread: 0 })
    const web = rows.find(({ repository }) => repository === 'acme/web')
    assert.deepEqual(
      [web?.owner, web?.delivery, web?.entities],
      ['team-all', { step: 'new', isRepair: false, wave: 1 }, ['component:default/web']],
    )
    assert.match(web?.text ?? '', /^# Proposed by catalog-gate migrate for acme\/web\./)
    assert.equal(fixture.read('plan.csv').split('\r\n').length, 1 + rows.length + 1)
    const page = fixture.read('plan.html')
    assert.match(page, /Content-Security-Policy" content="default-src 'none'/)
    assert.doesNotMatch(page, /<img|\u202e|https?:\/\/(?!127\.0\.0\.1|ghe\.test)[^\s"<]*"/)
    assert.match(page, /&lt;img src=x onerror=alert\(1\)&gt;/)
  })

  test('a configuration with several mistakes: all at once, in words, and nothing is asked', async () => {
    fixture.write(
      'wrong.yaml',
      `ghe: { apiBaseUrl: 'ghe', token: { $file: none } }\norganisations: [acme]\npullRequests: { perDay: 0, lables: [] }\n`,
    )
    ghes.stand.forgetRequests()
    const { code, err, out } = await fixture.run({ config: 'wrong.yaml' })
    assert.deepEqual([code, out], [2, ''])
    for (const words of [/organisations: .*organizations/, /perDay/, /lables.*labels/, /ghe\.apiBaseUrl/])
      assert.match(err, words)
    fixture.write('rules.yaml', '- { match: acme/*, lifecylce: production }\n')
    fixture.configure('rules: rules.yaml\nhook: none.yaml\n')
    const rules = await fixture.run()
    assert.equal(rules.code, 2)
    assert.match(rules.err, /rules\.yaml: .*lifecylce.*lifecycle/)
    fixture.configure('state: token\n')
    assert.match((await fixture.run()).err, /^error: .*token: this is no state of catalog-gate migrate/)
    assert.equal(ghes.stand.count(), 0)
    assert.equal(fixture.read('token'), 'ghp_migrate\n')
  })

  test('rules of the organisation come first; what its own checks refuse is held, and not offered', async () => {
    fixture.write(
      'rules.yaml',
      "- { match: 'acme/lib*', type: toolkit, system: shared, owner: group:default/team-lib }\n- { topic: poc, lifecycle: trial }\n",
    )
    fixture.configure('rules: rules.yaml\n')
    await fixture.run({ out: 'ruled' })
    assert.match(
      fixture.read('ruled/acme/library/catalog-info.yaml'),
      / {2}type: toolkit\n {2}lifecycle: production\n {2}owner: group:default\/team-lib\n {2}system: shared\n/,
    )
    assert.match(fixture.read('ruled/acme/web/catalog-info.yaml'), / {2}lifecycle: trial\n/)
    fixture.write('hook.yaml', 'catalog: { rules: [{ allow: [Component] }], placeholders: [text, openapi] }\n')
    fixture.configure('hook: hook.yaml\n')
    const withoutApis = await fixture.run({ out: 'no-apis' })
    assert.match(withoutApis.out, /acme\/payments: component:default\/payments; .*\n.*\n {4}without its APIs: /)
    fixture.write('hook.yaml', 'catalog: { rules: [{ allow: [API] }] }\n')
    const held = await fixture.run()
    assert.match(held.out, / {4}12 {2}need a person first\n/)
    assert.equal(held.code, 1)
  })

  test('$openapi where hook.yaml names it; no owner where Backstage takes it from CODEOWNERS', async () => {
    fixture.write('hook.yaml', 'catalog: { placeholders: [text, openapi], ownerFrom: codeowners }\n')
    fixture.configure('hook: hook.yaml\n')
    await fixture.run({ out: 'openapi' })
    const payments = fixture.read('openapi/acme/payments/catalog-info.yaml')
    assert.match(payments, /\$openapi: \.\/openapi\.yaml/)
    assert.match(payments, /\$text: \.\/events\/asyncapi\.yaml/)
    assert.doesNotMatch(fixture.read('openapi/acme/codeowners/catalog-info.yaml'), /owner:/)
    assert.match(payments, /owner: platform/)
  })

  test('texts made to hold us up, or to break what reads them, are read to their end', async () => {
    const long = (text: string) => text.repeat(Math.floor(450_000 / text.length))
    ghes.add('acme/held-up', {
      files: {
        ...{ 'README.md': `${long('a a1')}1`, CODEOWNERS: long('* @x\n'), 'go.mod': `module x\n${long('a./')}` },
        ...{
          'pom.xml': long('<build><dependencies>'),
          'package.json': long('{"a":['),
          'a.proto': `service ${long('\n')}`,
        },
        ...{
          'schema.graphql': long('\n'),
          'openapi.yaml': `openapi: 3.0.0\n${long('- [')}`,
          'asyncapi.yaml': 'asyncapi: &a [*a]\n',
        },
      },
    })
    fixture.configure()
    const { out, code } = await fixture.run({ out: 'held-up', cache: false })
    assert.equal(code, 1)
    assert.match(out, / {2}acme\/held-up: component:default\/held-up/)
    assert.ok(fixture.read('held-up/acme/held-up/catalog-info.yaml').length < 2000)
  })

  test('teams that may not be read are no reason to call a repository nobody', async () => {
    const body = {
      data: null,
      errors: [{ type: 'INSUFFICIENT_SCOPES', message: 'Your token has not been granted the required scopes.' }],
    }
    ghes.stand.failNext('teams', { status: 200, body }, 1)
    fixture.configure()
    const { err, out, code } = await fixture.run({ apply: true })
    assert.equal(code, 4)
    assert.match(out, /warning: acme: its teams could not be read: .*read:org/)
    assert.match(err, /nothing was changed/)
    assert.deepEqual(ghes.writes, [])
  })
})
