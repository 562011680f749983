// What the prelude hands over: refs with their diffs, whatever they are called, and the contents behind them.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readHandover, readMoreRefs } from '../../../hooks/push/handover.ts'

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
    refs.map(({ ref, changes }) => [ref, changes?.map(({ path }) => path)])

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

  const sinceOf = (refs: Awaited<ReturnType<typeof read>>['refs']) =>
    refs.map(({ since }) => (typeof since === 'object' ? [...since] : since))

  test('a new branch: what it has that the tip has not, and what it changed since its merge base', async () => {
    const { refs, tip } = await read([
      `head ${MAIN}`,
      `base ${id('1')}`,
      `ref ${id('0')} ${id('2')} refs/heads/topic`,
      id('2'),
      raw('mine.yaml'),
      raw('mains.yaml', 'c'),
      `since ${id('2')}`,
      raw('mine.yaml'),
      'contents',
      '',
    ])
    assert.equal(tip, id('1'))
    assert.deepEqual(paths(refs), [['refs/heads/topic', ['mine.yaml', 'mains.yaml']]])
    assert.deepEqual(sinceOf(refs), [['mine.yaml']])
  })

  for (const [word, since] of [
    ['unrelated', 'all'],
    ['tip', 'all'],
    ['unknown', undefined],
  ] as const)
    test(`a new branch whose merge base is said to be ${word}`, async () => {
      const { refs } = await read([
        `head ${MAIN}`,
        `base ${id('1')}`,
        `ref ${id('0')} ${id('2')} refs/heads/x`,
        id('2'),
        raw('a.yaml'),
        `since ${id('2')}`,
        raw('broken-off.yaml'),
        word,
        'contents',
        '',
      ])
      assert.deepEqual(paths(refs), [['refs/heads/x', ['a.yaml']]])
      assert.deepEqual(sinceOf(refs), [since])
    })

  test('many refs: nothing is compared, and there are more', async () => {
    const { refs, isMore } = await read([
      `head ${MAIN}`,
      'base ',
      `ref ${id('1')} ${id('2')} ${MAIN}`,
      'more',
      'contents',
      '',
    ])
    assert.equal(isMore, true)
    assert.deepEqual(paths(refs), [[MAIN, undefined]])
  })

  test('the refs that the prelude has left: branches that stay, and what looks like one and is none', async () => {
    async function* lines() {
      yield Buffer.from(`${id('0')} ${id('2')} refs/heads/a\n${id('1')} ${id('0')} refs/heads/gone\n${id('1')} `)
      yield Buffer.from(`${id('2')} ${MAIN}\n${id('1')} ${id('2')} refs/tags/v1\n1 2 refs/heads/short\n`)
    }
    const { refs, unreadable } = await readMoreRefs(lines(), MAIN)
    assert.deepEqual(
      refs.map(({ ref, isDefaultBranch, kind }) => [ref, isDefaultBranch, kind]),
      [
        ['refs/heads/a', false, 'created'],
        [MAIN, true, 'updated'],
      ],
    )
    assert.deepEqual(unreadable, ['1 2 refs/heads/short'])
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
