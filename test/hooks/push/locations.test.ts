// Files that Locations name: by a pattern as Backstage reads it, unchanged ones, and those that a push takes away. By the built hook.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { buildInto, component, GOOD, locationOf } from '../built-hook.ts'
import { assertQuiet, assertRefused, assertSays, usePushFixture } from './push-fixture.ts'

const fixture = usePushFixture()
const bad = (name: string) => component(`${name} x`)

suite('a Location with a pattern', () => {
  const teams = {
    'catalog-info.yaml': locationOf('./teams/*.yaml'),
    'teams/a.yaml': component('a'),
    'teams/deep/c.yaml': component('c'),
  }

  test('a changed file that an unchanged one names; another folder, a hidden file and another end are not meant', async () => {
    const { copy } = await fixture.seeded(teams)
    assertQuiet(
      await copy.change({ 'teams/deep/c.yaml': bad('c'), 'teams/.d.yaml': bad('d'), 'teams/e.yml': bad('e') }),
    )
    assertRefused(await copy.change({ 'teams/b.yaml': bad('b') }), '1 problem in teams/b.yaml')
  })

  test('all of it in one push, at any depth', async () => {
    const { copy } = await fixture.seeded({ 'README.md': 'x' })
    const push = await copy.change({
      'x/catalog-info.yaml': locationOf('./**/*.yaml').replace('name: all', 'name: x'),
      'x/a/b/one.yaml': bad('one'),
      'x/two.yaml': bad('two'),
      'y/three.yaml': bad('three'),
    })
    assertRefused(push, '2 problems in 2 files', 'x/a/b/one.yaml:4:9', 'x/two.yaml:4:9')
  })

  test('that fits nothing: refused, unless it is optional', async () => {
    const { copy } = await fixture.seeded({ 'teams/a.yml': component('a') })
    const refused = await copy.change({ 'catalog-info.yaml': locationOf('./teams/*.yaml') })
    assertRefused(refused, 'the target "./teams/*.yaml" matches no file of this repository', '[missing-target]')
    assertQuiet(await copy.change({ 'catalog-info.yaml': `${locationOf('./teams/*.yaml')}  presence: optional\n` }))
  })

  test('in a form that is not read here: named, and nothing is called missing', async () => {
    const { copy } = await fixture.seeded({ 'README.md': 'x' })
    const push = await copy.change({ 'catalog-info.yaml': locationOf('./teams/!(a).yaml') })
    assertSays(
      push,
      /^warning: catalog-info\.yaml names files by a pattern that is not read here, .*: \.\/teams\/!\(a\)\.yaml$/m,
    )
    assert.doesNotMatch(push.remote, /missing-target/)
    assertSays(
      await copy.change({ 'teams/b.yaml': component('b') }),
      /^warning: catalog-info\.yaml names files by a pattern/m,
    )
    assertQuiet(await copy.change({ 'teams/values.yaml': 'a: b\n', 'b.yaml': component('c') }))
  })

  test('for files that are no YAML by their names', async () => {
    const { copy } = await fixture.seeded({
      'catalog-info.yaml': locationOf('./a/*.entity', './b/**'),
      'a/x.entity': component('a'),
      'b/x': component('b'),
    })
    assertRefused(await copy.change({ 'a/x.entity': component('a b') }), 'a/x.entity:4:9')
  })

  test('a link and a submodule are no match that could be called empty', async () => {
    const { copy } = await fixture.seeded({ 'README.md': 'x' })
    await copy.link('teams/a.yaml', '../README.md')
    const push = await copy.change({ 'catalog-info.yaml': locationOf('./teams/*.yaml') })
    assertSays(push, /^warning: teams\/a\.yaml is a symbolic link; it was not checked$/m)
  })
})

suite('what the push did not touch', () => {
  test('a bad file that a pushed Location names warns, and does not refuse', async () => {
    const { copy } = await fixture.seeded({ 'entities/a.yaml': bad('a'), 'teams/b.yaml': bad('b') })
    assertSays(
      await copy.change({ 'catalog-info.yaml': locationOf('./entities/a.yaml', './teams/*.yaml') }),
      /^warning: this push was accepted with 2 problems in 2 files$/m,
      /^entities\/a\.yaml:4:9: /m,
    )
    assertRefused(await copy.change({ 'entities/a.yaml': bad('a').replace('team-a', 'team-b') }), 'in entities/a.yaml')
  })

  test('a Location behind a pushed one that names nothing: a warning, too', async () => {
    const { copy } = await fixture.seeded({ 'all.yaml': locationOf('./none.yaml').replace('name: all', 'name: inner') })
    assertSays(await copy.change({ 'catalog-info.yaml': locationOf('./all.yaml') }), /\[long-missing-target\]/)
  })
})

suite('a push that takes a file away', () => {
  const removing = async (files: Record<string, string>, paths: string[], more: Record<string, string> = {}) => {
    const { copy } = await fixture.seeded(files)
    for (const path of paths) await copy.remove(path)
    return copy.change(more)
  }
  const api = component('orders')
    .replace('kind: Component', 'kind: API')
    .replace('}', ', definition: { $text: ./openapi.yaml } }')

  test('which an unchanged Location names', async () => {
    const files = {
      'catalog-info.yaml': locationOf('./a.yaml', './b.yaml'),
      'a.yaml': component('a'),
      'b.yaml': component('b'),
    }
    assertRefused(
      await removing(files, ['b.yaml']),
      'catalog-info.yaml:5:24: error: the target "./b.yaml" is removed by this push; the catalog then reads none of this Location\'s targets',
      'hint: keep the file, or remove this line, or write "presence: optional" below spec',
    )
    assertRefused(await removing(files, ['b.yaml'], { 'c.yaml': component('b') }), '"./b.yaml" is removed by this push')
    assertQuiet(await removing(files, ['b.yaml'], { 'catalog-info.yaml': locationOf('./a.yaml') }))
    assertQuiet(await removing(files, ['b.yaml', 'catalog-info.yaml']))
    assertQuiet(
      await removing({ ...files, 'catalog-info.yaml': `${files['catalog-info.yaml']}  presence: optional\n` }, [
        'b.yaml',
      ]),
    )
  })

  test('which an unchanged Location names by way of another, or from a folder above', async () => {
    const files = {
      'catalog-info.yaml': locationOf('./x/all.yaml'),
      'x/all.yaml': locationOf('./y/a.yaml').replace('name: all', 'name: inner'),
      'x/y/a.yaml': component('a'),
      'x/y/z.yaml': 'key: value\n',
    }
    assertRefused(await removing(files, ['x/y/a.yaml']), '1 problem in x/all.yaml')
    assertQuiet(await removing(files, ['x/y/z.yaml']))
  })

  test('the last one, or one of two, that a pattern fits', async () => {
    const files = { 'catalog-info.yaml': locationOf('./t/*.yaml'), 't/a.yaml': component('a') }
    assertRefused(await removing(files, ['t/a.yaml']), 'the target "./t/*.yaml" matches no file of this repository')
    assertQuiet(await removing({ ...files, 't/b.yaml': component('b') }, ['t/a.yaml']))
  })

  test('where a link or a submodule stands now, in its place or in that of its folder: not known, and named', async () => {
    const files = {
      's/catalog-info.yaml': locationOf('../a/x.yaml', '../b/y.yaml'),
      'a/x.yaml': component('x'),
      'b/y.yaml': component('y'),
    }
    const { copy } = await fixture.seeded({ ...files, 't/catalog-info.yaml': api.replace('./openapi', '../a/x') })
    await copy.remove('a')
    await copy.link('a', 'elsewhere')
    await copy.link('b/y.yaml', '../elsewhere')
    await copy.commit()
    assertSays(
      await copy.push(),
      /^warning: a\/x\.yaml is in a submodule or behind a symbolic link; it was not checked$/m,
      /^warning: b\/y\.yaml is a symbolic link; it was not checked$/m,
    )
  })

  test('or changes it, or makes its folder a link, which an unchanged file quotes that only a Location leads to', async () => {
    const files = {
      'catalog-info.yaml': locationOf('./sub/all.yaml'),
      'sub/all.yaml': locationOf('./entity.yaml'),
      'sub/entity.yaml': component('a').replace('name: a', 'name: a\n  tags: { $yaml: ../data/tags.yaml }'),
      'data/tags.yaml': '- java\n',
    }
    const { copy } = await fixture.seeded(files)
    assertQuiet(await copy.change({ 'data/tags.yaml': '- web\n' }))
    assertRefused(await copy.change({ 'data/tags.yaml': '- Java\n' }), '1 problem in sub/entity.yaml', 'tag "Java"')
    await copy.remove('data')
    await copy.link('data', 'elsewhere')
    await copy.commit()
    assertSays(
      await copy.push(),
      /^warning: sub\/entity\.yaml was not checked as a whole: \.\.\/data\/tags\.yaml is in a submodule or behind/m,
    )
  })

  test('which a placeholder of an unchanged file quotes', async () => {
    const files = { 'catalog-info.yaml': api, 'openapi.yaml': 'openapi: 3.0.0\n' }
    assertRefused(
      await removing(files, ['openapi.yaml']),
      'the file "./openapi.yaml" is removed by this push; the catalog refuses the entity then',
    )
  })

  for (const file of ['openapi.json', 'api/schema.graphql', 'größe.proto', 'a b.gql'])
    test(`of no YAML either, by removing or renaming it: ${file}`, async () => {
      const files = { 'catalog-info.yaml': api.replace('openapi.yaml', file), [file]: '{}', 'other.json': '{}' }
      assertRefused(await removing(files, [file], { 'moved.json': '{}' }), `"./${file}" is removed by this push`)
      assertQuiet(await removing(files, ['other.json']))
    })

  test('what else is wrong in the file that names it was there before, and is not told', async () => {
    const both = `${locationOf('./a.yaml', './gone.yaml')}---\n${bad('b')}`
    const push = await removing({ 'catalog-info.yaml': both, 'a.yaml': component('a') }, ['a.yaml'])
    assertRefused(push, '1 problem in catalog-info.yaml', '"./a.yaml" is removed')
  })

  test('nothing without followLocations', async () => {
    const own = await buildInto(fixture.host.directory, 'no-follow-removed', { catalog: { followLocations: false } })
    const { copy } = await fixture.seeded(
      { 'catalog-info.yaml': locationOf('./a.yaml'), 'a.yaml': GOOD },
      { hook: own },
    )
    await copy.remove('a.yaml')
    assertQuiet(await copy.change({}))
  })
})
