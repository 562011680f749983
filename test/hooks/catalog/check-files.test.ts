// "Check these files of a tree", over a tree that is made up: what costs one file, what is named, what is asked of the tree.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Budget, checkFiles, openChecker } from '../../../hooks/catalog/check-files.ts'
import type { Rules } from '../../../hooks/catalog/file.ts'
import { type Content, mapOf, type Tree } from '../../../hooks/catalog/tree.ts'
import type { CatalogNames } from '../../../hooks/config/catalog-names.ts'
import { plainInstallation } from '../../../hooks/config/hook-config.ts'
import { runGuarded } from '../../../hooks/run/time-limit.ts'
import { profile } from '../../../schemas/compiled/builtin.mjs'
import { withOwnKinds } from '../../../schemas/own-kinds.ts'
import { BAD, component, GOOD, locationOf } from '../built-hook.ts'
import { madeTree } from './made-tree.ts'

const rules: Rules = { profile, repository: {}, installation: plainInstallation, severities: {}, helpUrl: '' }
const names: CatalogNames = {
  isCatalogPath: path => /(^|\/)catalog-info\.yaml$/.test(path),
  isIgnored: path => path.startsWith('ignored/'),
  baseNames: ['catalog-info.yaml'],
  hasWildNames: false,
}

const check = (tree: Tree, paths: string[], more: Partial<Rules> = {}) =>
  checkFiles({ tree, paths, followLocations: true }, { ...rules, ...more }, names)

suite('a fault of ours', () => {
  const broken = {
    kinds: ['Component'],
    apiVersions: undefined,
    words: {},
    fields: {},
    validate: Object.assign(
      (entity: unknown) => {
        if (JSON.stringify(entity).includes('trap')) throw new Error('a bug\u001b')
        return true
      },
      { errors: [] },
    ),
  }
  const faulty = { profile: withOwnKinds(profile, [broken]) }

  test('in one file costs that file alone', async () => {
    const tree = madeTree({ 'a.yaml': component('trap'), 'b.yaml': BAD })
    const { files, notes } = await check(tree, ['a.yaml', 'b.yaml'], faulty)
    assert.deepEqual(
      files.map(({ path, diagnostics }) => [path, diagnostics.length]),
      [
        ['a.yaml', 0],
        ['b.yaml', 1],
      ],
    )
    assert.deepEqual(notes, [{ path: 'a.yaml', text: 'was not checked: an internal error (a bug\\u001b)' }])
  })

  test('in a file that a Location names, too', async () => {
    const tree = madeTree({
      'catalog-info.yaml': locationOf('./a.yaml', './b.yaml'),
      'a.yaml': component('trap'),
      'b.yaml': BAD,
    })
    const { files, notes } = await check(tree, ['catalog-info.yaml'], faulty)
    assert.deepEqual(
      files.map(({ path }) => path),
      ['catalog-info.yaml', 'a.yaml', 'b.yaml'],
    )
    assert.equal(notes.length, 1)
  })

  test('in what the tree tells, too', async () => {
    const tree = madeTree({ 'a.yaml': locationOf('./x/none.yaml'), 'b.yaml': locationOf('./nor-this.yaml') })
    const list = async ([folder]: readonly string[]) => (folder === 'x' ? assert.fail('a bug') : [])
    const { files, notes } = await check({ ...tree, list }, ['a.yaml', 'b.yaml'])
    assert.deepEqual(
      files.map(({ diagnostics }) => diagnostics.map(({ code }) => code)),
      [[], ['missing-target']],
    )
    assert.deepEqual(notes, [{ path: 'a.yaml', text: 'was not checked: an internal error (a bug)' }])
  })
})

suite('what the tree cannot give', () => {
  const late: Content = { result: 'unknown', reason: 'is a riddle; it was not checked' }

  test('of a file that was asked for is named', async () => {
    const { files, notes } = await check(madeTree({ 'a.yaml': late }), ['a.yaml', 'gone.yaml'])
    assert.deepEqual(files, [])
    assert.deepEqual(notes, [
      { path: 'a.yaml', text: 'is a riddle; it was not checked' },
      { path: 'gone.yaml', text: 'is not there; it was not checked' },
    ])
  })

  test('of a target is named; one that is absent is told where it is named, one that is unknown is not called missing', async () => {
    const tree = madeTree({ 'catalog-info.yaml': locationOf('./a.yaml', './none.yaml'), 'a.yaml': late })
    const { files, notes } = await check(tree, ['catalog-info.yaml'])
    assert.deepEqual(notes, [{ path: 'a.yaml', text: 'is a riddle; it was not checked' }])
    assert.deepEqual(
      files.flatMap(({ diagnostics }) => diagnostics.map(({ message }) => message.includes('./none.yaml'))),
      [true],
    )
  })

  test('of a target with "//" in it nothing is known: what GHES makes of that is its own', async () => {
    for (const slashes of ['//', '///', './//', 'b//', '///b/']) {
      const tree = madeTree({ 'catalog-info.yaml': locationOf(`${slashes}none.yaml`) })
      const { files } = await check(tree, ['catalog-info.yaml'], { repository: { folder: '' } })
      const [target] = files[0]?.entities[0]?.references ?? []
      const known = slashes === '//' ? 'file' : 'elsewhere'
      assert.equal(target?.what === 'target' && target.leads.to, known, slashes)
    }
  })
})

suite('Locations above a changed file', () => {
  const changed = (tree: Tree, more: Partial<CatalogNames> = {}) =>
    openChecker(rules, { ...names, ...more }).check({
      tree,
      paths: [],
      followLocations: true,
      push: {
        others: new Map([['a/b/team.yaml', Buffer.from(BAD)]]),
        isTouched: path => path === 'a/b/team.yaml',
        removed: new Set(),
        previous: async paths => mapOf(paths, () => ({ result: 'absent' })),
      },
    })

  test('are looked for under the configured names, in its folder and above', async () => {
    const tree = madeTree({ 'a/catalog-info.yaml': locationOf('./b/team.yaml') })
    const { files } = await changed(tree)
    assert.deepEqual(tree.asked, [['a/b/catalog-info.yaml', 'a/catalog-info.yaml', 'catalog-info.yaml']])
    assert.deepEqual(
      files.map(({ path }) => path),
      ['a/b/team.yaml'],
    )
  })

  test('folders are listed only where the names do not say enough', async () => {
    const tree = madeTree({ 'x.catalog.yaml': locationOf('./a/b/team.yaml') })
    const listed: string[] = []
    const list = async (folders: readonly string[]) => {
      listed.push(...folders)
      return ['README.md', 'x.catalog.yaml']
    }
    assert.deepEqual((await changed({ ...tree, list })).files, [])
    assert.deepEqual(listed, [])
    const wild = { baseNames: [], hasWildNames: true, isCatalogPath: (path: string) => path.endsWith('.catalog.yaml') }
    assert.equal((await changed({ ...tree, list }, wild)).files.length, 1)
    assert.deepEqual(listed, ['a/b', 'a', ''])
  })
})

test('keys that are lists that hold such keys are not written out, which would take seconds: in a catalog file, and in one that it quotes', async () => {
  const keys = '- ? - '.repeat(120)
  const few = `metadata:\n  ? [a, { b: c }]\n  : ${'[[1]: '.repeat(8)}x${']'.repeat(8)}`
  const tree = madeTree({
    'a.yaml': keys,
    'b.yaml': GOOD.replace('team-a', '{ $yaml: ./keys.yaml }'),
    'keys.yaml': keys,
    'c.yaml': component('other').replace('metadata:', few),
  })
  const { files } = await check(tree, ['a.yaml', 'b.yaml', 'c.yaml'])
  assert.deepEqual(
    files.map(({ diagnostics }) => diagnostics.map(({ code, severity }) => `${code} ${severity}`)),
    [['not-checked warning'], [], []],
  )
})

suite('the budget', () => {
  test('what was judged before it is over counts, the rest is named, and no Location is followed', async () => {
    const tree = madeTree({ 'a.yaml': locationOf('./far.yaml'), 'b.yaml': GOOD, 'c.yaml': GOOD, 'd.yaml': GOOD })
    let judged = 0
    const endless = Object.assign(
      () => {
        judged++
        while (judged > 1);
        return true
      },
      { errors: [] },
    )
    const own = { kinds: ['Component'], apiVersions: undefined, words: {}, fields: {}, validate: endless }
    let isOver = false
    const checker = openChecker({ ...rules, profile: withOwnKinds(profile, [own]) }, names, {
      isOver: () => isOver,
      run(work) {
        isOver = runGuarded(work, 1000) === 'out of time'
        return isOver ? 'out of time' : 'done'
      },
    })
    const paths = ['a.yaml', 'b.yaml', 'c.yaml', 'd.yaml']
    const { files, notes } = await checker.check({ tree, paths, followLocations: true })
    assert.equal(files.length, 2)
    assert.deepEqual(notes, [{ path: 'c.yaml', text: 'and 1 more file were not checked: out of time' }])
    assert.equal(tree.asked.length, 1)
  })

  test('a file that takes all the time there is costs itself alone: the others are judged, and Locations followed', async () => {
    const held = (text: string): Content => ({ result: 'bytes', bytes: Buffer.from(text) })
    const tree = madeTree({
      'a.yaml': held(locationOf('./far.yaml')),
      'b.yaml': held(component('endless')),
      'c.yaml': held(BAD),
      'far.yaml': held(BAD),
    })
    const validate = Object.assign(
      (entity: unknown) => {
        while (JSON.stringify(entity).includes('"endless"'));
        return true
      },
      { errors: [] },
    )
    const own = { kinds: ['Component'], apiVersions: undefined, words: {}, fields: {}, validate }
    const given: number[] = []
    const checker = openChecker({ ...rules, profile: withOwnKinds(profile, [own]) }, names, {
      isOver: () => false,
      run(work, share = 1) {
        given.push(share)
        return runGuarded(work, 300)
      },
    })
    const request = { tree, paths: ['a.yaml', 'b.yaml', 'c.yaml'], followLocations: true }
    const { files, notes } = await checker.check(request)
    assert.deepEqual(
      files.map(({ path }) => path),
      ['a.yaml', 'c.yaml', 'far.yaml'],
    )
    assert.deepEqual(notes, [{ path: 'b.yaml', text: 'was not checked: out of time' }])
    assert.deepEqual(given, [0.02, 0.02, 0.4, 0.4], 'and the last time it is given more')
    await checker.check(request)
    assert.equal(given.length, 6, 'but not once more')
  })

  test('over from the start: everything is named, nothing is judged', async () => {
    const over: Budget = { isOver: () => true, run: () => assert.fail('it is over') }
    const tree = madeTree({ 'a.yaml': BAD })
    const checked = await openChecker(rules, names, over).check({ tree, paths: ['a.yaml'], followLocations: true })
    assert.deepEqual(checked, { files: [], notes: [{ path: 'a.yaml', text: 'was not checked: out of time' }] })
  })

  test('the same bytes at the same path are one checked file, which costs nothing the second time', async () => {
    const bytes = Buffer.from(BAD)
    const tree = madeTree({ 'a.yaml': { result: 'bytes', bytes } })
    let runs = 0
    const counted: Budget = {
      isOver: () => false,
      run: work => {
        runs++
        work()
        return 'done'
      },
    }
    const checker = openChecker(rules, names, counted)
    const request = { tree, paths: ['a.yaml'], followLocations: true }
    const [first, second] = [await checker.check(request), await checker.check(request)]
    assert.equal(first.files[0], second.files[0])
    assert.equal(runs, 1)
  })
})

suite('a kind that is taken from one place alone', () => {
  const user = `apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: { name: jane }\nspec: { memberOf: [] }\n`
  const at = (path: string) => ({
    repository: { fullName: 'acme/org', folder: '', branches: ['main'] },
    installation: {
      ...plainInstallation,
      rules: [
        { allow: ['Component', 'Location'] },
        { allow: ['User'], locations: [{ type: 'url', exact: `https://ghes.test/acme/org/blob/main/${path}` }] },
      ],
    },
  })
  const codesIn = async (tree: Tree, paths: string[], more = at('catalog-info.yaml')) =>
    (await check(tree, paths, more)).files.flatMap(file => file.diagnostics.map(({ code }) => `${file.path} ${code}`))

  test('refused elsewhere, also beside a Location that names others', async () => {
    const other = locationOf('./b/catalog-info.yaml')
    const tree = madeTree({ 'a/catalog-info.yaml': user, 'b/catalog-info.yaml': GOOD, 'catalog-info.yaml': other })
    assert.deepEqual(await codesIn(tree, ['a/catalog-info.yaml']), ['a/catalog-info.yaml kind-not-allowed'])
    assert.deepEqual(await codesIn(tree, ['a/catalog-info.yaml', 'catalog-info.yaml']), [
      'a/catalog-info.yaml kind-not-allowed',
    ])
  })

  test('a file that a Location names is judged by the place of that one: under another name, or as a catalog file', async () => {
    const location = locationOf('./a/catalog-info.yaml', './users.yaml')
    const tree = madeTree({
      'a/catalog-info.yaml': user,
      'users.yaml': user.replace('jane', 'joe'),
      'catalog-info.yaml': location,
    })
    assert.deepEqual(await codesIn(tree, ['catalog-info.yaml']), [])
    assert.deepEqual(await codesIn(tree, ['a/catalog-info.yaml', 'catalog-info.yaml']), [])
    assert.deepEqual(await codesIn(tree, ['a/catalog-info.yaml']), [], 'the Location was not changed')
  })

  test('by way of another Location', async () => {
    const tree = madeTree({
      'a/catalog-info.yaml': user,
      'all.yaml': locationOf('./a/catalog-info.yaml'),
      'catalog-info.yaml': locationOf('./all.yaml'),
    })
    assert.deepEqual(await codesIn(tree, ['a/catalog-info.yaml']), [])
  })

  test('where no rule takes it anywhere, nothing is looked for', async () => {
    const tree = madeTree({ 'a/catalog-info.yaml': user, 'catalog-info.yaml': locationOf('./a/catalog-info.yaml') })
    const rules = [{ allow: ['Component'] }]
    assert.deepEqual(
      await codesIn(tree, ['a/catalog-info.yaml'], { ...at(''), installation: { ...plainInstallation, rules } }),
      ['a/catalog-info.yaml kind-not-allowed'],
    )
    assert.deepEqual(tree.asked, [['a/catalog-info.yaml']])
  })
})
