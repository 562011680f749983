// An owner that a file leaves out: what CODEOWNERS of the tree says, and what is asked of the tree for it.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Budget, checkFiles, openChecker } from '../../../hooks/catalog/check-files.ts'
import type { Rules } from '../../../hooks/catalog/file.ts'
import type { Content } from '../../../hooks/catalog/tree.ts'
import type { CatalogNames } from '../../../hooks/config/catalog-names.ts'
import { type InstallationSettings, plainInstallation } from '../../../hooks/config/hook-config.ts'
import { profile } from '../../../schemas/compiled/builtin.mjs'
import { madeTree } from './made-tree.ts'

const names: CatalogNames = {
  isCatalogPath: path => path.endsWith('catalog-info.yaml'),
  isIgnored: () => false,
  baseNames: ['catalog-info.yaml'],
  hasWildNames: false,
}
const PLACES = ['CODEOWNERS', '.github/CODEOWNERS', 'docs/CODEOWNERS']

type From = InstallationSettings['ownerFrom']
const rulesFor = (ownerFrom: From, folder = ''): Rules => ({
  ...{ profile, severities: {}, helpUrl: '' },
  repository: { folder },
  installation: { ...plainInstallation, ...(ownerFrom === undefined ? {} : { ownerFrom }) },
})

const entity = (kind: string, spec: unknown) =>
  JSON.stringify({ apiVersion: 'backstage.io/v1alpha1', kind, metadata: { name: 'a' }, spec })
const component = (spec: object = {}) => entity('Component', { type: 'service', lifecycle: 'x', ...spec })

/** `severity code: message` of each finding, without what is missing in the tree. */
async function found(
  files: Record<string, string | Content>,
  ownerFrom: From,
  path = 'catalog-info.yaml',
): Promise<string[]> {
  const checked = await checkFiles(
    { tree: madeTree(files), paths: [path], followLocations: true },
    rulesFor(ownerFrom),
    names,
  )
  return checked.files.flatMap(({ diagnostics }) =>
    diagnostics.map(({ severity, code, message }) => `${severity} ${code}: ${message}`),
  )
}

suite('ownerFrom: codeowners', () => {
  const filled = { '.github/CODEOWNERS': '* @acme/team-b\n' }

  test('fills what is missing or empty, of the five kinds that have an owner', async () => {
    for (const owner of [undefined, null, '', 0, false])
      assert.deepEqual(
        await found({ ...filled, 'catalog-info.yaml': component({ owner }) }, 'codeowners'),
        [],
        String(owner),
      )
    for (const yaml of [
      entity('System', {}),
      entity('System', undefined),
      entity('Domain', null),
      entity('Domain', 'x'),
      entity('Resource', { type: 'x' }),
      entity('API', { type: 'x', lifecycle: 'x', definition: 'x' }),
    ])
      assert.deepEqual(await found({ ...filled, 'catalog-info.yaml': yaml }, 'codeowners'), [], yaml)
    assert.match(
      (await found({ ...filled, 'catalog-info.yaml': entity('Component', undefined) }, 'codeowners')).join(),
      /spec\.type is missing/,
    )
    assert.match(
      (await found({ ...filled, 'catalog-info.yaml': entity('component', {}) }, 'codeowners')).join(),
      /unknown-kind/,
    )
  })

  test('leaves an owner that is there alone, right or wrong', async () => {
    assert.deepEqual(await found({ ...filled, 'catalog-info.yaml': component({ owner: 'x' }) }, 'codeowners'), [])
    assert.deepEqual(await found({ ...filled, 'catalog-info.yaml': component({ owner: 7 }) }, 'codeowners'), [
      'error wrong-type: spec.owner is a number (7); expected a string',
    ])
  })

  test('what it gives is judged, too', async () => {
    const files = { CODEOWNERS: '* @\n', 'catalog-info.yaml': component() }
    assert.match((await found(files, 'codeowners')).join(), /^error entity-ref: spec\.owner: "User:"/)
  })

  test('says when it says nothing', async () => {
    const none = { CODEOWNERS: '/docs/ @acme/x\n', 'catalog-info.yaml': component() }
    assert.deepEqual(await found(none, 'codeowners'), [
      'error missing-field: spec.owner is missing; CODEOWNERS names no owner of this file',
    ])
    assert.deepEqual(await found({ 'catalog-info.yaml': component({ owner: '' }) }, 'codeowners'), [
      'error empty-field: spec.owner is empty; expected a string; there is no CODEOWNERS file to take it from',
    ])
    assert.deepEqual(
      await found({ 'docs/CODEOWNERS': '', 'catalog-info.yaml': component({ owner: null }) }, 'codeowners'),
      ['error wrong-type: spec.owner is empty; expected a string; docs/CODEOWNERS names no owner of this file'],
    )
  })

  test('several files: the first that answers counts, and which one that is nobody knows', async () => {
    const files = { CODEOWNERS: '* @acme/a\n', 'docs/CODEOWNERS': '* @acme/b\n', 'catalog-info.yaml': component() }
    assert.deepEqual(await found(files, 'codeowners'), [])
    assert.deepEqual(await found({ ...files, 'docs/CODEOWNERS': '# none\n' }, 'codeowners'), [])
    assert.match(
      (await found({ ...files, CODEOWNERS: '', 'docs/CODEOWNERS': '' }, 'codeowners')).join(),
      /CODEOWNERS names no owner/,
    )
  })

  test('one that cannot be read, and a line that is not understood, refuse nothing', async () => {
    const unreadable: Content = { result: 'unknown', reason: 'is a symbolic link' }
    for (const CODEOWNERS of [unreadable, '[ab]* @acme/x\n'])
      assert.deepEqual(await found({ CODEOWNERS, 'catalog-info.yaml': component() }, 'codeowners'), [])
  })

  test('a file that a Location names has its own path', async () => {
    const location = entity('Location', { targets: ['./svc/api.yaml'] })
    const files = { 'catalog-info.yaml': location, 'svc/api.yaml': component() }
    assert.deepEqual(await found({ ...files, CODEOWNERS: '/svc/ @acme/x\n' }, 'codeowners'), [])
    assert.match(
      (await found({ ...files, CODEOWNERS: '/catalog-info.yaml @acme/x\n' }, 'codeowners')).join(),
      /names no owner of this file/,
    )
  })

  test('a path that a URL has in another form: the module looks for CODEOWNERS in the wrong place', async () => {
    for (const folder of ['größe', 'a b'])
      assert.deepEqual(
        await found(
          { CODEOWNERS: '* @acme/x\n', [`${folder}/catalog-info.yaml`]: component() },
          'codeowners',
          `${folder}/catalog-info.yaml`,
        ),
        [
          'error missing-field: spec.owner is missing; from a path with blanks or letters outside ASCII no CODEOWNERS is found',
        ],
      )
    assert.deepEqual(
      await found({ CODEOWNERS: '', '@a/catalog-info.yaml': component() }, 'codeowners', '@a/catalog-info.yaml'),
      [],
      'in which form it is registered is not known',
    )
  })

  test('the root of the repository is above the working folder', async () => {
    const tree = madeTree({ '../../CODEOWNERS': '/a/b/catalog-info.yaml @acme/x\n', 'catalog-info.yaml': component() })
    const { files } = await checkFiles(
      { tree, paths: ['catalog-info.yaml'], followLocations: false },
      rulesFor('codeowners', 'a/b'),
      names,
    )
    assert.deepEqual(
      files.flatMap(({ diagnostics }) => diagnostics),
      [],
    )
  })
})

suite('ownerFrom left out', () => {
  test('no CODEOWNERS in the tree: an error, as in every installation', async () => {
    assert.deepEqual(await found({ 'catalog-info.yaml': component() }, undefined), [
      'error missing-field: spec.owner is missing',
    ])
  })

  test('with one it warns, and names the setting', async () => {
    const checked = await checkFiles(
      {
        tree: madeTree({ 'docs/CODEOWNERS': '* @acme/team-b\n', 'catalog-info.yaml': component() }),
        paths: ['catalog-info.yaml'],
        followLocations: true,
      },
      rulesFor(undefined),
      names,
    )
    assert.deepEqual(checked.files[0]?.documents, [{ index: 0, status: 'accepted', entity: 'component:default/a' }])
    assert.deepEqual(
      checked.files[0]?.diagnostics.map(({ severity, message, hint }) => [severity, message, hint]),
      [
        [
          'warning',
          'spec.owner is missing; only a Backstage with the codeowners module takes it from docs/CODEOWNERS, every other refuses the entity',
          'write "owner: team-b", or administrators set catalog.ownerFrom in the gate\'s configuration',
        ],
      ],
    )
    assert.match(
      (await found({ CODEOWNERS: '', 'catalog-info.yaml': component() }, undefined)).join(),
      /^warning owner-unsure: .*CODEOWNERS/,
    )
  })

  test('other errors are told, and then not this doubt', async () => {
    const yaml = component({ lifecycle: 7 })
    assert.deepEqual(await found({ CODEOWNERS: '* @x\n', 'catalog-info.yaml': yaml }, undefined), [
      'error wrong-type: spec.lifecycle is a number (7); expected a string',
    ])
  })
})

test('ownerFrom: none, and the tree is not asked', async () => {
  const tree = madeTree({ CODEOWNERS: '* @x\n', 'catalog-info.yaml': component() })
  const { files } = await checkFiles(
    { tree, paths: ['catalog-info.yaml'], followLocations: true },
    rulesFor('none'),
    names,
  )
  assert.deepEqual(
    files.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code)),
    ['missing-field'],
  )
  assert.deepEqual(tree.asked, [['catalog-info.yaml']])
})

test('files with owners cost nothing; several without cost one question', async () => {
  const good = component({ owner: 'x' })
  const tree = madeTree({
    CODEOWNERS: '* @x\n',
    'a/catalog-info.yaml': good,
    'b/catalog-info.yaml': component(),
    'c/catalog-info.yaml': component({ owner: '' }),
  })
  const check = (paths: string[]) => checkFiles({ tree, paths, followLocations: true }, rulesFor('codeowners'), names)
  await check(['a/catalog-info.yaml'])
  assert.deepEqual(tree.asked, [['a/catalog-info.yaml']])
  tree.asked.length = 0
  await check(['b/catalog-info.yaml', 'c/catalog-info.yaml'])
  assert.deepEqual(tree.asked, [['b/catalog-info.yaml', 'c/catalog-info.yaml'], PLACES])
})

test('no time for CODEOWNERS: the file is named, and refuses nothing', async () => {
  let runs = 0
  const budget: Budget = {
    isOver: () => false,
    run: work => {
      if (runs++ > 0) return 'out of time'
      work()
      return 'done'
    },
  }
  const tree = madeTree({ CODEOWNERS: '* @x\n', 'catalog-info.yaml': component() })
  const checker = openChecker(rulesFor('codeowners'), names, budget)
  assert.deepEqual(await checker.check({ tree, paths: ['catalog-info.yaml'], followLocations: true }), {
    files: [],
    notes: [{ path: 'catalog-info.yaml', text: 'was not checked: out of time' }],
  })
})

test('without kinds, as in the hook that only notifies, the tree is not asked', async () => {
  const tree = madeTree({ CODEOWNERS: '* @x\n', 'catalog-info.yaml': component() })
  const rules = { ...rulesFor('codeowners'), profile: { name: 'none', kinds: [] } }
  await checkFiles({ tree, paths: ['catalog-info.yaml'], followLocations: true }, rules, names)
  assert.deepEqual(tree.asked, [['catalog-info.yaml']])
})
