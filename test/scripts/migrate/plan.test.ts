// The plan of a migration: what becomes of a repository of every kind, and what its catalog file says.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { MemoryGhes } from './memory-ghes.ts'
import { addKinds, MigrateFixture } from './migrate-fixture.ts'

type Entity = { kind: string; metadata: Record<string, unknown>; spec: Record<string, unknown> }

suite('a plan', () => {
  const ghes = new MemoryGhes()
  let fixture: MigrateFixture
  let out = ''

  before(async () => {
    addKinds(ghes)
    await ghes.stand.start()
    fixture = new MigrateFixture(ghes.stand.url)
    const ran = await fixture.run({ out: 'proposals' })
    // Some have files that a person should look at.
    assert.equal(ran.code, 1, ran.err)
    out = ran.out
  })
  after(async () => {
    await ghes.stand.stop()
    fixture.remove()
  })

  const text = (name: string) => fixture.read(`proposals/acme/${name}/catalog-info.yaml`)
  const entities = (name: string) => parseAllDocuments(text(name)).map(one => one.toJS() as Entity)
  const component = (name: string) => entities(name)[0] ?? assert.fail()

  test('asks in large questions, and changes nothing', () => {
    assert.match(out, /^21 repositories of acme, 3 requests to GHES\n/)
    assert.deepEqual(ghes.writes, [])
  })

  test('says of each repository what becomes of it', () => {
    for (const said of [
      'acme/refused: 1 error',
      "acme/misplaced: backstage.yaml is no catalog file by hook.yaml's catalog.files: move it",
      'acme/empty: it is empty',
      'acme/fork: it is a fork, and migrate.yaml does not include forks',
      'acme/opted-out: its .no-catalog-info opts out',
      'acme/read-only: the token is not allowed to push to it',
      'acme/template: it is a template, and migrate.yaml does not include templates',
      'acme/web: component:default/web; owner team-all (the only team with maintain rights)\n    a pull request today',
    ])
      assert.ok(out.includes(`  ${said}\n`), `${said}\n${out}`)
    for (const name of ['declared', 'refused', 'misplaced', 'empty', 'fork', 'opted-out', 'old-form'])
      assert.ok(!fixture.has(`proposals/acme/${name}`), name)
  })

  test('owner: CODEOWNERS, then the team that runs it, then the default; a guess looks like one', () => {
    assert.match(text('codeowners'), /^ {2}owner: team-pay$/m)
    assert.match(text('web'), /^ {2}owner: team-all # the only team with maintain rights$/m)
    assert.match(
      text('team'),
      /^ {2}owner: team-all # the first of 2 teams \(team-all, team-core\) with admin rights$/m,
    )
    assert.match(text('library'), /^ {2}owner: platform # nobody was found/m)
  })

  test('type and lifecycle', () => {
    const said = (name: string) => [component(name).spec['type'], component(name).spec['lifecycle']]
    assert.deepEqual(said('web'), ['website', 'experimental'])
    assert.deepEqual(said('payments'), ['service', 'production'])
    assert.deepEqual(said('library'), ['library', 'production'])
    assert.deepEqual(said('archived'), ['documentation', 'deprecated'])
    assert.deepEqual(said('none'), ['other', 'production'])
  })

  test('APIs by name and content, in files of the same repository', () => {
    const apis = entities('payments').slice(1)
    assert.deepEqual(
      apis.map(({ metadata, spec }) => [metadata['name'], spec['type'], spec['definition']]),
      [
        ['payments-asyncapi', 'asyncapi', { $text: './events/asyncapi.yaml' }],
        ['payments-openapi', 'openapi', { $text: './openapi.yaml' }],
        ['payments-pay', 'grpc', { $text: './proto/pay.proto' }],
        ['payments-schema', 'graphql', { $text: './schema.graphql' }],
      ],
    )
    assert.deepEqual(
      component('payments').spec['providesApis'],
      apis.map(({ metadata }) => metadata['name']),
    )
    assert.deepEqual(component('payments').metadata['annotations'], {
      'github.com/project-slug': 'acme/payments',
      'backstage.io/techdocs-ref': 'dir:.',
    })
    assert.deepEqual(component('payments').metadata['tags'], ['java', 'payments'])
  })

  test('names are valid, and nobody gets that of another', () => {
    assert.equal(component('Hostile_Name.').metadata['name'], 'hostile_name')
    assert.match(
      text('taken'),
      /^ {2}name: acme-taken # component:default\/taken is taken by acme\/takes-it \(catalog-info.yaml\)$/m,
    )
  })

  test('dependencies where two manifests prove them, services of a monorepo', () => {
    assert.deepEqual(component('web').spec['dependsOn'], ['component:default/library'])
    assert.deepEqual(
      entities('monorepo').map(({ metadata, spec }) => [metadata['name'], spec['subcomponentOf']]),
      [
        ['monorepo', undefined],
        ['monorepo-a', 'monorepo'],
        ['monorepo-b', 'monorepo'],
      ],
    )
    assert.match(
      out,
      /acme\/monorepo: .*\n {4}a pull request today\n {4}a monorepo: package.json has workspaces; 2 services\n/,
    )
  })

  test('what stands there already stays', async () => {
    fixture.write('proposals/acme/web/catalog-info.yaml', 'mine\n')
    const again = await fixture.run({ out: 'proposals' })
    assert.match(
      again.out,
      /left alone, it is there and says something else: acme\/web\/catalog-info.yaml\n0 files written .*, 10 there already, 1 left alone\n$/,
    )
    assert.equal(fixture.read('proposals/acme/web/catalog-info.yaml'), 'mine\n')
  })
})
