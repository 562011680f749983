// What the prelude hands over: refs with their diffs, whatever they are called, and the contents behind them.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readHandover } from '../../../hooks/push/handover.ts'

const id = (digit: string) => digit.repeat(40)
const MAIN = 'refs/heads/main'
const blobText = (name: string, text: string) => `${id(name)} blob ${Buffer.byteLength(text)}\n${text}\n`

suite('the handover', () => {
  const raw = (path: string, blob = 'b', modes = '100644 100644', status = 'M') =>
    `:${modes} ${id('9')} ${id(blob)} ${status}\t${path}`
  async function read(lines: string[], maxBytes = 1000) {
    const bytes = Buffer.from(lines.join('\n'))
    async function* whole() {
      yield bytes
    }
    async function* split() {
      for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7)
    }
    const one = await readHandover(whole(), maxBytes)
    const other = await readHandover(split(), maxBytes)
    assert.deepEqual(other.refs, one.refs)
    return one
  }
  const paths = (refs: Awaited<ReturnType<typeof read>>['refs']) =>
    refs.map(({ ref, changes }) => [ref, changes === 'unasked' ? changes : changes?.map(({ path }) => path)])

  test('an update and its contents', async () => {
    const { refs, blobs } = await read([
      `head ${MAIN}`,
      `ref ${id('1')} ${id('2')} ${MAIN}`,
      id('2'),
      raw('x.yaml'),
      'contents',
      blobText('b', 'text'),
    ])
    assert.deepEqual(paths(refs), [[MAIN, ['x.yaml']]])
    assert.equal(Buffer.from(blobs.get(id('b')) as Uint8Array).toString(), 'text')
  })

  test('a file that was asked for by name', async () => {
    const named = `${id('2')}:docs/mkdocs.yml`
    const { named: found, blobs } = await read([
      `head ${MAIN}`,
      `ref ${id('1')} ${id('2')} ${MAIN}`,
      id('2'),
      raw('x.yaml'),
      'contents',
      `${id('b')} blob 4 `,
      'text',
      `${id('c')} blob 2 ${named}`,
      '{}',
      `${id('d')} tree 2 ${id('2')}:folder`,
      '{}',
      `${id('2')}:mkdocs.yml missing`,
      '',
    ])
    assert.deepEqual([...found], [[named, id('c')]])
    assert.equal(Buffer.from(blobs.get(id('b')) as Uint8Array).toString(), 'text')
  })

  test('a new branch: only what is changed since its merge base, and nothing removed', async () => {
    const { refs } = await read([
      `head ${MAIN}`,
      `ref ${id('0')} ${id('2')} refs/heads/topic`,
      id('2'),
      raw('mine.yaml'),
      raw('mains.yaml', 'c'),
      raw('gone.yaml', '0', '100644 000000', 'D'),
      `since ${id('2')}`,
      raw('mine.yaml'),
      raw('gone.yaml', '0', '100644 000000', 'D'),
      'contents',
      '',
    ])
    assert.deepEqual(paths(refs), [['refs/heads/topic', ['mine.yaml']]])
  })

  test('unrelated history: all that differs', async () => {
    const { refs } = await read([
      `head ${MAIN}`,
      `ref ${id('0')} ${id('2')} refs/heads/x`,
      id('2'),
      raw('a.yaml'),
      `since ${id('2')}`,
      'unrelated',
      'contents',
      '',
    ])
    assert.deepEqual(paths(refs), [['refs/heads/x', ['a.yaml']]])
  })

  test('the same commit updates one branch and creates another: each gets its own changes', async () => {
    const { refs } = await read([
      `head ${MAIN}`,
      `ref ${id('1')} ${id('2')} ${MAIN}`,
      id('2'),
      raw('updated.yaml'),
      `ref ${id('0')} ${id('2')} refs/heads/new`,
      id('2'),
      raw('created.yaml'),
      `since ${id('2')}`,
      raw('created.yaml'),
      'contents',
      '',
    ])
    assert.deepEqual(paths(refs), [
      [MAIN, ['updated.yaml']],
      ['refs/heads/new', ['created.yaml']],
    ])
  })

  test('more new branches than git is asked for: unasked where there might be changes, empty where not', async () => {
    const { refs } = await read([
      `head ${MAIN}`,
      `ref ${id('0')} ${id('2')} refs/heads/a`,
      id('2'),
      raw('a.yaml'),
      `ref ${id('0')} ${id('3')} refs/heads/b`,
      id('3'),
      `since ${id('2')}`,
      'unasked',
      `since ${id('3')}`,
      'unasked',
      'contents',
      '',
    ])
    assert.deepEqual(paths(refs), [
      ['refs/heads/a', 'unasked'],
      ['refs/heads/b', []],
    ])
  })

  test('two refs with the same commits: each has its own diff, whatever stands between them', async () => {
    const { refs } = await read([
      `head ${MAIN}`,
      `ref ${id('1')} ${id('2')} refs/heads/a`,
      id('2'),
      raw('a.yaml'),
      `ref ${id('3')} ${id('2')} refs/heads/unread`,
      `ref ${id('1')} ${id('2')} refs/heads/b`,
      id('2'),
      'contents',
      '',
    ])
    assert.deepEqual(paths(refs), [
      ['refs/heads/a', ['a.yaml']],
      ['refs/heads/unread', undefined],
      ['refs/heads/b', []],
    ])
  })

  for (const name of ['u\u2028x', 'u\u2029', '\u0085', '\u00a0', '\ufeff', '\u{1f480}', 'ref', 'head', 'contents'])
    test(`a ref called ${JSON.stringify(name)} is one`, async () => {
      const ref = `refs/heads/${name}`
      const { refs, unreadable } = await read([
        `head ${ref}`,
        `ref ${id('1')} ${id('2')} ${ref}`,
        id('2'),
        raw('a.yaml'),
        `ref ${id('1')} ${id('2')} ${MAIN}`,
        id('2'),
        'contents',
        '',
      ])
      assert.deepEqual(unreadable, [])
      assert.deepEqual(paths(refs), [
        [ref, ['a.yaml']],
        [MAIN, []],
      ])
      assert.deepEqual(
        refs.map(({ isDefaultBranch }) => isDefaultBranch),
        [true, false],
      )
    })

  test('a line that says nothing to us is handed on, and nothing beside it is lost', async () => {
    const { refs, unreadable } = await read([
      `head ${MAIN}`,
      'ref 1 2 refs/heads/short',
      raw('of-it.yaml'),
      `ref ${id('1')} ${id('2')} ${MAIN}`,
      id('2'),
      raw('a.yaml'),
      `::100644 100644 100644 ${id('a')} ${id('b')} ${id('c')} MM\tx`,
      'what is this',
      'contents',
      '',
    ])
    assert.deepEqual(paths(refs), [[MAIN, ['a.yaml']]])
    assert.deepEqual(
      unreadable.map(line => line.split(' ')[0]),
      ['ref', ':100644', '::100644', 'what'],
    )
  })

  test('a commit that git could not read has no changes, not none', async () => {
    const { refs } = await read([`head ${MAIN}`, `ref ${id('1')} ${id('2')} ${MAIN}`, 'contents', ''])
    assert.deepEqual(paths(refs), [[MAIN, undefined]])
  })

  test('no default branch, an empty input, an input that ends early', async () => {
    assert.deepEqual((await read([''])).refs, [])
    assert.deepEqual((await read(['head '])).refs, [])
    const { refs } = await read(['head ', `ref ${id('1')} ${id('2')} ${MAIN}`, id('2'), raw('x.yaml')])
    assert.equal(refs[0]?.isDefaultBranch, false)
    assert.deepEqual(paths(refs), [[MAIN, ['x.yaml']]])
  })

  test('a file name that looks like a section is none', async () => {
    const { refs } = await read([
      `head ${MAIN}`,
      `ref ${id('1')} ${id('2')} ${MAIN}`,
      id('2'),
      raw('contents'),
      raw('"\\ncontents\\n"'),
      'contents',
      '',
    ])
    assert.deepEqual(paths(refs), [[MAIN, ['contents', '\ncontents\n']]])
  })
})
