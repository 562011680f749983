// What one or two comparisons of GHES say about a push whose lists were not whole, on real repositories.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { type GhesApi, openGhes } from '../../../relay/clients/ghes/ghes.ts'
import { compareTrees, type TreeAnswer } from '../../../relay/clients/ghes/trees.ts'
import { bothWays, compareFiles } from '../../../relay/intake/compare-files.ts'
import type { Change } from '../../../schemas/notification.ts'
import { type Ghes, startGhes } from '../../support/ghes.ts'
import { type BareRepository, createRepositoryHost, type RepositoryHost } from '../../support/repository.ts'

suite('both sides of a forced push', () => {
  const of = (text: string) => (text === '' ? [] : [['x', text as Change] as const])
  const rows: [string, string, string][] = [
    // lost side, new side, what it comes to
    ['added', '', 'removed'],
    ['removed', '', 'added'],
    ['modified', '', 'modified'],
    ['', 'removed', 'removed'],
    ['added', 'added', 'modified'],
    ['modified', 'removed', 'removed'],
    ['removed', 'modified', 'added'],
    ['removed', 'removed', ''],
    ['modified', 'modified', 'modified'],
  ]
  for (const [lost, now, net] of rows) {
    test(`${lost || 'nothing'} before, ${now || 'nothing'} now: ${net || 'nothing'}`, () =>
      assert.deepEqual([...bothWays({ files: new Map(of(now)) }, { files: new Map(of(lost)) })], of(net)))
  }
})

suite('asked at GHES', () => {
  let host: RepositoryHost
  let ghes: Ghes
  let client: GhesApi
  let bare: BareRepository

  before(async () => {
    host = await createRepositoryHost()
    bare = await host.create('acme/payments')
    ghes = await startGhes({ root: host.root, token: 'token' })
    client = openGhes({ baseUrl: ghes.apiBaseUrl, token: () => 'token', now: Date.now })
  })
  after(async () => {
    await client?.close()
    await ghes?.stop()
    await host?.remove()
  })

  /** A commit on top of `parent` that holds these files and no others. */
  async function commit(files: Record<string, string>, parent?: string): Promise<string> {
    const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`
    const entries = Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`)
    const from = parent === undefined ? '' : `from ${parent}\n`
    const head = `reset refs/heads/made\ncommit refs/heads/made\nmark :1\ncommitter a <a@b> 1700000000 +0000\n${data('m')}`
    const input = `${head}${from}deleteall\n${entries.join('')}\nget-mark :1\n`
    const options = { cwd: bare.directory, input, encoding: 'utf8' } as const
    return execFileSync('git', ['fast-import', '--quiet', '--force'], options).trim()
  }

  const compared = async (base: string, head: string) => {
    const found = await compareFiles(client, { repository: 'acme/payments', base, head })
    return found.result === 'files' ? { ...Object.fromEntries(found.files), isWhole: found.isWhole } : found.result
  }

  test('one question where the branch went on, renamed files included', async () => {
    const text = 'a long text that git knows again\n'.repeat(20)
    const first = await commit({ 'catalog-info.yaml': 'a', 'old.yaml': text })
    const second = await commit({ 'catalog-info.yaml': 'b', 'new.yaml': text, 'more.yaml': 'x' }, first)
    const asked = ghes.count('compare')
    assert.deepEqual(await compared(first, second), {
      'catalog-info.yaml': 'modified',
      'old.yaml': 'removed',
      'new.yaml': 'added',
      'more.yaml': 'added',
      isWhole: true,
    })
    assert.equal(ghes.count('compare') - asked, 1)
  })

  test('two where it was forced elsewhere, or back', async () => {
    const first = await commit({ 'a.yaml': '1' })
    const lost = await commit({ 'a.yaml': '2', 'b.yaml': '1' }, first)
    const now = await commit({ 'a.yaml': '1', 'c.yaml': '1' }, first)
    const asked = ghes.count('compare')
    assert.deepEqual(await compared(lost, now), {
      'a.yaml': 'modified',
      'b.yaml': 'removed',
      'c.yaml': 'added',
      isWhole: true,
    })
    assert.equal(ghes.count('compare') - asked, 2)
    assert.deepEqual(await compared(lost, first), { 'a.yaml': 'modified', 'b.yaml': 'removed', isWhole: true })
  })

  test('a commit that is gone; more files than a comparison lists, and a first push: by the trees; a GHES that is down', async () => {
    const first = await commit({ 'a.yaml': '1', 'b/b.yaml': '1', 'c.yaml': '1' })
    assert.equal(await compared('1'.repeat(40), first), 'unknown')
    const many = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`x/${i}.yaml`, 'x']))
    const second = await commit({ ...many, 'a.yaml': '1', 'b/b.yaml': '2' }, first)
    const added = Object.fromEntries(Object.keys(many).map(path => [path, 'added']))
    assert.deepEqual(await compared(first, second), {
      ...{ ...added, 'b/b.yaml': 'modified', 'c.yaml': 'removed' },
      isWhole: true,
    })
    const all = { 'a.yaml': 'added', 'b/b.yaml': 'added', 'c.yaml': 'added', isWhole: true }
    assert.deepEqual(await compared('0'.repeat(40), first), all)
    for (const kind of ['compare', 'tree'] as const) {
      ghes.failNext(kind, { status: 502 })
      assert.equal(await compared(first, second), 'trouble')
    }
  })
})

suite('trees that are larger than an answer', () => {
  type Tree = Map<string, string | Tree>
  const folder = (files: Record<string, string | Tree>): Tree => new Map(Object.entries(files))
  const idOf = (tree: Tree): string =>
    createHash('sha1')
      .update(JSON.stringify(all(tree)))
      .digest('hex')
  const all = (tree: Tree): [string, string][] =>
    [...tree].flatMap(([name, at]) =>
      typeof at === 'string'
        ? [[name, at] as [string, string]]
        : all(at).map(([path, id]): [string, string] => [`${name}/${path}`, id]),
    )

  /** Gives so many files of a folder at most. */
  async function compared(most: number, was: Tree, is: Tree) {
    const known = new Map<string, Tree>()
    const learn = (tree: Tree) => {
      known.set(idOf(tree), tree)
      for (const [, at] of tree) if (typeof at !== 'string') learn(at)
    }
    for (const tree of [was, is]) learn(tree)
    let asked = 0
    const ask = async (id: string, isRecursive: boolean): Promise<TreeAnswer> => {
      asked++
      const tree = known.get(id) ?? folder({})
      const files = isRecursive
        ? all(tree)
        : [...tree].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
      const folders = [...tree].flatMap(([name, at]): [string, string][] =>
        typeof at === 'string' ? [] : [[name, idOf(at)]],
      )
      const shown = new Map(files.slice(0, most))
      return { result: 'tree', files: shown, folders: new Map(folders), isWhole: files.length <= most }
    }
    const found = await compareTrees(ask, idOf(was), idOf(is))
    assert.ok(found.result === 'files')
    return { ...Object.fromEntries(found.files), isWhole: found.isWhole, asked }
  }

  const same = folder({ x: '1', y: '2' })
  const was = folder({ a: folder({ x: '1', deep: folder({ z: '1' }) }), same, gone: folder({ x: '1' }), top: '1' })
  const is = folder({ a: folder({ x: '1', deep: folder({ z: '2' }) }), same, made: folder({ x: '1' }), top: '2' })
  const changes = { 'a/deep/z': 'modified', 'gone/x': 'removed', 'made/x': 'added', top: 'modified' }

  test('are asked for folder by folder, where they differ', async () => {
    assert.deepEqual(await compared(100, was, is), { ...changes, isWhole: true, asked: 2 })
    assert.deepEqual(await compared(3, was, is), { ...changes, isWhole: true, asked: 8 })
  })

  test('a folder that has more files than an answer: what is known, and that it is not all', async () => {
    assert.equal((await compared(1, folder({}), folder({ a: '1', b: '1' }))).isWhole, false)
  })
})
