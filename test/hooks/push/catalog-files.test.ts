// Which files of a push are catalog files: by name, by glob, by a Location.
import { test } from 'node:test'
import { BAD, buildInto, GOOD, locationOf } from '../built-hook.ts'
import { assertQuiet, assertRefused, HOLED, usePushFixture } from './push-fixture.ts'

const fixture = usePushFixture()

test('ignore globs and skeletons', async () => {
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  assertQuiet(
    await copy.change({
      'templates/x/skeleton/catalog-info.yaml': BAD,
      'node_modules/y/catalog-info.yaml': BAD,
      'pkg/testdata/catalog-info.yaml': BAD,
      'templates/x/content/catalog-info.yaml': HOLED,
      'values/catalog-info.yml': HOLED,
    }),
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

test('a pushed Location makes an unchanged file news', async () => {
  const { copy } = await fixture.seeded({ 'entities/a.yaml': BAD })
  const push = await copy.change({ 'catalog-info.yaml': locationOf('./entities/a.yaml') })
  assertRefused(push, 'entities/a.yaml:4:9')
})

test('a changed file that an unchanged Location names', async () => {
  const { copy } = await fixture.seeded({
    'catalog-info.yaml': locationOf('./entities/a.yaml'),
    'entities/a.yaml': GOOD,
  })
  assertRefused(await copy.change({ 'entities/a.yaml': BAD }), 'entities/a.yaml:4:9')
  assertQuiet(await copy.change({ 'entities/a.yaml': GOOD, 'entities/b.yaml': BAD }))
})

test('both in one push, a chain of Locations, a circle of them, and a missing target', async () => {
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  const push = await copy.change({
    'catalog-info.yaml': locationOf('./a/all.yaml', './catalog-info.yaml', './nowhere.yaml', '../../outside.yaml'),
    'a/all.yaml': locationOf('../catalog-info.yaml', './deep/b.yaml').replace('name: all', 'name: inner'),
    'a/deep/b.yaml': BAD,
  })
  assertRefused(push, '1 problem in a/deep/b.yaml')
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
