// Which files of a push are catalog files: by name, by glob, by a Location.
import { test } from 'node:test'
import { BAD, buildInto, component, GOOD, locationOf } from '../built-hook.ts'
import { assertQuiet, assertRefused, assertSays, HOLED, usePushFixture } from './push-fixture.ts'

const fixture = usePushFixture()

test('ignore globs and skeletons', async () => {
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  assertQuiet(
    await copy.change({
      'templates/x/skeleton/catalog-info.yaml': BAD,
      'node_modules/y/catalog-info.yaml': BAD,
      'pkg/testdata/catalog-info.yaml': BAD,
    }),
  )
  const push = await copy.change({
    'templates/x/content/catalog-info.yaml': HOLED,
    'values/catalog-info.yml': HOLED,
  })
  assertSays(
    push,
    /^warning: templates\/x\/content\/catalog-info\.yaml was not checked: a template, by "\$\{\{ values\.name \}\}" in line 4$/m,
    /^warning: values\/catalog-info\.yml was not checked: a template, /m,
  )
})

test('a name that is only like a catalog file', async () => {
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  assertQuiet(
    await copy.change({ 'my-catalog-info.yaml': BAD, 'catalog-info.yaml.txt': BAD, 'catalog-info.json': BAD }),
  )
})

test('globs of an own: one folder, other names', async () => {
  const own = await buildInto(fixture.host.directory, 'own-globs', {
    catalog: { files: ['catalog/*.yaml', '{a,b}/entity.yml'], ignore: ['catalog/draft-*'], followLocations: false },
  })
  const { copy } = await fixture.seeded({ 'README.md': 'x' }, { hook: own })
  assertQuiet(await copy.change({ 'catalog-info.yaml': BAD, 'catalog/x/y.yaml': BAD, 'catalog/draft-1.yaml': BAD }))
  const push = await copy.change({ 'catalog/y.yaml': BAD, 'b/entity.yml': BAD })
  assertRefused(push, 'catalog/y.yaml:4:9', 'b/entity.yml:4:9')
})

test('a changed file that an unchanged Location names', async () => {
  const { copy } = await fixture.seeded({
    'catalog-info.yaml': locationOf('./entities/a.yaml'),
    'entities/a.yaml': GOOD,
  })
  assertRefused(await copy.change({ 'entities/a.yaml': BAD }), 'entities/a.yaml:4:9')
  assertQuiet(await copy.change({ 'entities/a.yaml': GOOD, 'entities/b.yaml': BAD }))
})

const named: [string, string[], string][] = [
  ['a name of an own', ['**/backstage.yaml'], 'backstage.yaml'],
  ['names in braces', ['**/{entity,catalog}.{yaml,yml}'], 'catalog.yml'],
  ['a name that only a folder knows', ['**/*.catalog.yaml'], 'payments.catalog.yaml'],
  ['a folder that only the tree knows', ['services/*/catalog.yaml'], 'services/pay/catalog.yaml'],
  ['both of them', ['services/*/{a,b}-*.yaml'], 'services/pay/b-2.yaml'],
]
for (const [what, files, location] of named) {
  test(`a changed file that an unchanged Location names, under ${what}`, async () => {
    const own = await buildInto(fixture.host.directory, `names-${location.replaceAll('/', '-')}`, {
      catalog: { files },
    })
    const folder = location.slice(0, location.lastIndexOf('/') + 1)
    const { copy } = await fixture.seeded(
      {
        [location]: locationOf('./entities/a.yaml'),
        [`${folder}entities/a.yaml`]: GOOD,
        // None of these is a catalog file here, whatever it names.
        'catalog-info.yaml': locationOf(`./${folder}entities/b.yaml`),
        [`${folder}entities/b.yaml`]: GOOD,
      },
      { hook: own },
    )
    assertRefused(await copy.change({ [`${folder}entities/a.yaml`]: BAD }), `1 problem in ${folder}entities/a.yaml`)
    assertQuiet(await copy.change({ [`${folder}entities/a.yaml`]: GOOD, [`${folder}entities/b.yaml`]: BAD }))
  })
}

test('a target of a pushed Location that cannot be checked is named', async () => {
  const small = await buildInto(fixture.host.directory, 'small', { limits: { fileBytes: 1024 } })
  const { copy } = await fixture.seeded(
    { 'large.yaml': component('large', `# ${'x'.repeat(2000)}\n`) },
    { hook: small },
  )
  const push = await copy.change({ 'catalog-info.yaml': locationOf('./large.yaml') })
  assertSays(push, /^warning: large\.yaml is larger than 1024 bytes; it was not checked$/m)
})

test('both in one push, a chain of Locations, a circle of them, and a missing target', async () => {
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  const push = await copy.change({
    'catalog-info.yaml': locationOf('./a/all.yaml', './catalog-info.yaml', './nowhere.yaml', '../../outside.yaml'),
    'a/all.yaml': locationOf('../catalog-info.yaml', './deep/b.yaml').replace('name: all', 'name: inner'),
    'a/deep/b.yaml': BAD,
  })
  assertRefused(push, '2 problems in 2 files', 'a/deep/b.yaml:4:9', 'the target "./nowhere.yaml" is not in')
})

test('followLocations: false', async () => {
  const own = await buildInto(fixture.host.directory, 'no-follow', { catalog: { followLocations: false } })
  const { copy } = await fixture.seeded({ 'entities/a.yaml': BAD }, { hook: own })
  assertQuiet(await copy.change({ 'catalog-info.yaml': locationOf('./entities/a.yaml', './b.yaml'), 'b.yaml': BAD }))
})

test('a followed file that is ignored, a skeleton or not YAML', async () => {
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  const push = await copy.change({
    'catalog-info.yaml': locationOf('./skeleton/a.yaml', './templates/b.yaml', './c.yaml'),
    'skeleton/a.yaml': BAD,
    'templates/b.yaml': HOLED,
    'c.yaml': 'a: b: c',
  })
  assertRefused(push, '1 problem in c.yaml')
})

test('other YAML files of a repository are none of ours', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  assertQuiet(
    await copy.change({ 'chart/values.yaml': 'a: b: c', 'k8s.yml': 'kind: Deployment\nmetadata: { name: a b }\n' }),
  )
})
