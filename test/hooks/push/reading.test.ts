// The pieces that read what git and the prelude say: quoted names, raw diff lines, contents as they arrive, push options.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { BatchReader, type Blob } from '../../../hooks/push/batch.ts'
import { readRawLine } from '../../../hooks/push/changes.ts'
import { readBypass } from '../../../hooks/push/options.ts'
import { readRefLine } from '../../../hooks/push/refs.ts'

const id = (digit: string, length = 40) => digit.repeat(length)
const MAIN = 'refs/heads/main'

suite('names as git quotes them', () => {
  const cases: [string, string][] = [
    ['plain/catalog-info.yaml', 'plain/catalog-info.yaml'],
    ["with blanks and 'quotes'", "with blanks and 'quotes'"],
    ['"a \\"b\\" c"', 'a "b" c'],
    ['"back\\\\slash\\\\n"', 'back\\slash\\n'],
    ['"\\a\\b\\t\\n\\v\\f\\r"', '\u0007\b\t\n\v\f\r'],
    ['"gr\\303\\266\\303\\237e/\\346\\227\\245"', 'größe/日'],
    ['"\\360\\237\\230\\200\\033[31m"', '😀\u001b[31m'],
    ['"latin1 \\344"', 'latin1 \udce4'],
    ['"\\\\303\\266"', '\\303\udcb6'],
    ['"half \\360\\237\\220"', 'half \udcf0\udc9f\udc90'],
    ['"\\355\\240\\200 \\357\\277\\275"', '\udced\udca0\udc80 \ufffd'],
    ['""', ''],
  ]
  for (const [quoted, name] of cases)
    test(JSON.stringify(name), () => {
      const line = `:100644 100644 ${id('1')} ${id('2')} M\t${quoted}`
      assert.equal(readRawLine(line)?.path, name)
    })
})

suite('raw diff lines', () => {
  const line = (modes: string, status: string, name = 'a b.yaml') =>
    `:${modes} ${id('a')} ${id('b')} ${status}\t${name}`
  const cases: [string, string, object | undefined][] = [
    [
      'modified',
      line('100644 100644', 'M'),
      { path: 'a b.yaml', change: 'modified', type: 'file', blob: id('b'), blobBefore: id('a') },
    ],
    [
      'made executable',
      line('100644 100755', 'M'),
      { path: 'a b.yaml', change: 'modified', type: 'file', blob: id('b'), blobBefore: id('a') },
    ],
    ['added', line('000000 100644', 'A'), { path: 'a b.yaml', change: 'added', type: 'file', blob: id('b') }],
    ['removed', line('100644 000000', 'D'), { path: 'a b.yaml', change: 'removed', type: 'file', blob: id('a') }],
    [
      'a link now',
      line('100644 120000', 'T'),
      { path: 'a b.yaml', change: 'modified', type: 'symlink', blob: id('b'), blobBefore: id('a') },
    ],
    [
      'a submodule',
      line('000000 160000', 'A'),
      { path: 'a b.yaml', change: 'added', type: 'submodule', blob: id('b') },
    ],
    [
      'a link removed',
      line('120000 000000', 'D'),
      { path: 'a b.yaml', change: 'removed', type: 'symlink', blob: id('a') },
    ],
    [
      'with a score',
      line('100644 100644', 'M095'),
      { path: 'a b.yaml', change: 'modified', type: 'file', blob: id('b'), blobBefore: id('a') },
    ],
    [
      'with a tab in quotes',
      line('100644 100644', 'M', '"a\\tb"'),
      { path: 'a\tb', change: 'modified', type: 'file', blob: id('b'), blobBefore: id('a') },
    ],
    ['a combined diff', `::100644 100644 100644 ${id('a')} ${id('b')} ${id('c')} MM\tx`, undefined],
    ['without a name', `:100644 100644 ${id('a')} ${id('b')} M\t`, undefined],
    ['a commit', id('a'), undefined],
    ['empty', '', undefined],
  ]
  for (const [what, text, expected] of cases) test(what, () => assert.deepEqual(readRawLine(text), expected))
  test('SHA-256', () => {
    assert.equal(readRawLine(`:100644 100644 ${id('a', 64)} ${id('b', 64)} M\tx`)?.blob, id('b', 64))
  })
})

suite('ref lines', () => {
  test('created, updated, on the default branch or not', () => {
    assert.deepEqual(readRefLine(`${id('0')} ${id('b')} ${MAIN}`, MAIN), {
      ref: MAIN,
      before: id('0'),
      after: id('b'),
      isDefaultBranch: true,
      kind: 'created',
    })
    assert.equal(readRefLine(`${id('a')} ${id('b')} refs/heads/main2`, MAIN)?.isDefaultBranch, false)
    assert.equal(readRefLine(`${id('a')} ${id('b')} ${MAIN}`, '')?.isDefaultBranch, false)
    assert.equal(readRefLine(`${id('a')} ${id('b')} ${MAIN}`, MAIN)?.kind, 'updated')
  })
  for (const line of [
    `${id('a')} ${id('0')} ${MAIN}`,
    `${id('a')} ${id('b')} refs/tags/v1`,
    'a b refs/heads/x',
    '',
    `${id('a')} ${id('b')} `,
  ]) {
    test(`not one: ${line.slice(-20)}`, () => assert.equal(readRefLine(line, MAIN), undefined))
  }
})

const blobText = (name: string, text: string) => `${id(name)} blob ${Buffer.byteLength(text)}\n${text}\n`

suite('contents as they arrive', () => {
  const contents: [string, string][] = [
    ['a', 'one\n'],
    ['b', ''],
    ['c', `\n${id('a')} blob 3\nfake\n`],
    ['d', 'ünï\r\n'],
  ]
  const stream = Buffer.from(
    `${contents.map(([name, text]) => blobText(name, text)).join('')}${id('e')} missing\n${blobText('f', 'last')}`,
  )
  const expected = new Map<string, string>([
    ...contents.map(([name, text]) => [id(name), text] as const),
    [id('e'), 'missing'],
    [id('f'), 'last'],
  ])
  const asText = (blobs: Map<string, Blob>) =>
    new Map(
      [...blobs].map(([key, blob]) => [key, typeof blob === 'string' ? blob : Buffer.from(blob).toString('utf8')]),
    )

  test('in every split into two, and byte by byte', () => {
    for (let at = 0; at <= stream.length; at++) {
      const reader = new BatchReader(1000, 10_000)
      reader.push(stream.subarray(0, at))
      reader.push(stream.subarray(at))
      assert.deepEqual(asText(reader.blobs), expected, `split at ${at}`)
    }
    const reader = new BatchReader(1000, 10_000)
    for (const byte of stream) reader.push(Uint8Array.of(byte))
    assert.deepEqual(asText(reader.blobs), expected)
  })

  test('a buffer that is used again does not change what was read', () => {
    const reader = new BatchReader(1000, 10_000)
    const chunk = Buffer.from(blobText('a', 'text'))
    reader.push(chunk)
    chunk.fill(0)
    assert.equal(asText(reader.blobs).get(id('a')), 'text')
  })

  test('an end in the middle gives what is whole', () => {
    const reader = new BatchReader(1000, 10_000)
    reader.push(stream.subarray(0, stream.length - 3))
    assert.equal(reader.blobs.has(id('f')), false)
    assert.equal(reader.blobs.size, expected.size - 1)
  })

  test('it stops where it is too much in all', () => {
    const reader = new BatchReader(10, 15)
    reader.push(Buffer.from(`${blobText('a', '0123456789')}${blobText('b', '012345')}${blobText('c', '0')}`))
    assert.equal(reader.isFull, true)
    assert.deepEqual([...reader.blobs.keys()], [id('a')])
  })

  test('it stops at the first that is too large, as soon as its size is known', () => {
    const reader = new BatchReader(10, 10_000)
    reader.push(Buffer.from(`${blobText('a', '0123456789')}${id('b')} blob 11\n`))
    assert.equal(reader.isFull, true)
    reader.push(Buffer.from('x'.repeat(100)))
    assert.deepEqual(
      asText(reader.blobs),
      new Map([
        [id('a'), '0123456789'],
        [id('b'), 'too large'],
      ]),
    )
  })
})

suite('push options', () => {
  const rule = { pushOption: 'skip', reason: 'required' as const }
  const env = (...options: string[]) => ({
    GIT_PUSH_OPTION_COUNT: String(options.length),
    ...Object.fromEntries(options.map((option, i) => [`GIT_PUSH_OPTION_${i}`, option])),
  })
  test('found anywhere, with its reason', () => {
    assert.deepEqual(readBypass(env('a', 'b=c', 'skip=x = y'), rule), { result: 'bypass', reason: 'x = y' })
    assert.deepEqual(readBypass(env("skip='why'"), rule), { result: 'bypass', reason: 'why' })
    assert.deepEqual(readBypass(env(`skip=${'x'.repeat(9000)}`), rule), { result: 'bypass', reason: 'x'.repeat(500) })
  })
  test('without a reason', () => {
    for (const option of ['skip', 'skip=', 'skip= ', 'skip=""']) {
      assert.deepEqual(readBypass(env(option), rule), { result: 'reason missing', pushOption: 'skip' })
      assert.equal(readBypass(env(option), { ...rule, reason: 'optional' }).result, 'bypass')
    }
  })
  test('none', () => {
    for (const given of [
      {},
      env(),
      env('skipper=x', 'ski'),
      { GIT_PUSH_OPTION_COUNT: 'many', GIT_PUSH_OPTION_0: 'skip=x' },
      { GIT_PUSH_OPTION_COUNT: '-1' },
    ]) {
      assert.deepEqual(readBypass(given, rule), { result: 'none' })
    }
    assert.deepEqual(readBypass(env('skip=x'), false), { result: 'none' })
  })
})
