// The line to paste: it corrects the file from wherever it is pasted, changes nothing of another tree, leaves nothing behind, and holds nothing of a stranger's making.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { pasteLine, type ToPaste } from '../../../hooks/report/paste.ts'
import { temporaryFolder } from '../../support/temporary.ts'

const SHELLS = ['sh', 'dash', 'bash']
let folder = ''
before(() => {
  folder = temporaryFolder()
  mkdirSync(join(folder, 'tree/a/b'), { recursive: true })
  mkdirSync(join(folder, 'temporary'))
  execFileSync('git', ['init', '--quiet', join(folder, 'tree')])
})
after(() => rmSync(folder, { recursive: true }))

/** One edit that makes line `line` of the text another one. */
const edit = (text: string, line: number, now: string) => ({
  ...{ line, column: 1, endLine: line, endColumn: (text.split('\n')[line - 1] ?? '').replace(/\r$/, '').length + 1 },
  text: now,
})

/** What the files hold after the line was pasted in a folder of the tree. */
function paste(line: string, files: Record<string, string>, { shell = 'sh', at = 'tree/a/b' } = {}): string[] {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'tree', path)), { recursive: true })
    writeFileSync(join(folder, 'tree', path), text)
  }
  const list = () => readdirSync(join(folder, 'tree'), { recursive: true, encoding: 'utf8' }).sort()
  const there = list()
  const input = `${line}\nprintf %s "$PWD"\n`
  const env = { ...process.env, TMPDIR: join(folder, 'temporary'), t: join(folder, 'tree/a') }
  const { stdout } = spawnSync(shell, [], { cwd: join(folder, at), input, encoding: 'utf8', env })
  assert.equal(stdout, join(folder, at), 'the shell stays where it was')
  assert.deepEqual(list(), there, 'no file comes or goes')
  assert.deepEqual(readdirSync(join(folder, 'temporary')), [])
  return Object.keys(files).map(path => readFileSync(join(folder, 'tree', path), 'utf8'))
}

const lineFor = (...files: ToPaste[]) => {
  const line = pasteLine(files)
  assert.ok(line !== undefined)
  assert.match(line, /^\(cd "\$\(git rev-parse --show-toplevel\)"[ -~]*\)$/)
  assert.ok(line.length <= 300, String(line.length))
  return line
}

const before4 = 'kind: Component\n# café\nmetadata:\n  name: pay api\n  tags: [Java]\n  x: 1\n'
const after4 = before4.replace('pay api', 'pay-api').replace('Java', 'java')
const toPaste = (path: string): ToPaste => ({
  ...{ path, text: before4 },
  edits: [edit(before4, 4, '  name: pay-api'), edit(before4, 5, '  tags: [java]')],
})

suite('the line to paste', () => {
  for (const shell of SHELLS) {
    test(`corrects one file from a folder below, in ${shell}`, () => {
      const line = lineFor(toPaste('catalog-info.yaml'))
      assert.deepEqual(paste(line, { 'catalog-info.yaml': before4 }, { shell }), [after4])
      assert.deepEqual(paste(line, { 'catalog-info.yaml': after4 }, { shell }), [after4], 'and once more')
    })

    test(`corrects two files, in ${shell}`, () => {
      const one = (path: string): ToPaste => ({ path, text: before4, edits: [edit(before4, 4, '  name: b')] })
      const line = lineFor(one('c.yaml'), one('a/c.yaml'))
      const mended = before4.replace('pay api', 'b')
      assert.deepEqual(paste(line, { 'c.yaml': before4, 'a/c.yaml': before4 }, { shell }), [mended, mended])
    })
  }

  test('in a shell that keeps existing files, and asks before it removes one', () => {
    const line = lineFor(toPaste('catalog-info.yaml'))
    const careful = `set -C\nalias rm='rm -i'\n${line}`
    assert.deepEqual(paste(careful, { 'catalog-info.yaml': before4 }, { shell: 'dash' }), [after4])
  })

  test('keeps the mode of the file, and the line ends that it has here', () => {
    const line = lineFor(toPaste('catalog-info.yaml'))
    assert.match(line, /LC_ALL=C sed/, 'the file has letters outside ASCII')
    const windows = (text: string) => text.replaceAll('\n', '\r\n')
    writeFileSync(join(folder, 'tree/catalog-info.yaml'), '', { mode: 0o755 })
    const { mode } = statSync(join(folder, 'tree/catalog-info.yaml'))
    assert.deepEqual(paste(line, { 'catalog-info.yaml': windows(before4) }), [windows(after4)])
    assert.equal(statSync(join(folder, 'tree/catalog-info.yaml')).mode, mode)
  })

  test('changes nothing where the tree has moved on', () => {
    const line = lineFor(toPaste('catalog-info.yaml'))
    for (const moved of [
      `# new\n${before4}`,
      before4.replaceAll('a', 'A'),
      before4.replace('pay api', 'pay apis').replace('Java', 'Java, Go'),
      before4.replace('  name', '    name').replace('  tags', '\ttags'),
      '',
    ])
      assert.deepEqual(paste(line, { 'catalog-info.yaml': moved }), [moved])
    rmSync(join(folder, 'tree/catalog-info.yaml'))
    assert.deepEqual(paste(line, {}), [])
  })

  test('outside of a repository it does nothing', () => {
    const line = lineFor(toPaste('catalog-info.yaml'))
    writeFileSync(join(folder, 'catalog-info.yaml'), before4)
    paste(line, {}, { at: '.' })
    assert.equal(readFileSync(join(folder, 'catalog-info.yaml'), 'utf8'), before4)
  })

  test('whatever sed could take for more is only itself', () => {
    const odd = [
      'a.*b[c]^d{2}',
      '*^.*',
      'x/y|'.replace('|', '/&&'),
      '(a)+?',
      '[[:alpha:]]',
      '#w out',
      '"a" <b> ~%',
      '^a',
      's,a,b,;p',
    ]
    for (const [i, said] of odd.entries()) {
      const text = `x: ${said}\n${said}\nxxb\n`
      const now = odd[(i + 1) % odd.length] ?? ''
      const line = lineFor({ path: 'c.yaml', text, edits: [edit(text, 1, `x: ${now}`)] })
      assert.deepEqual(paste(line, { 'c.yaml': text }), [`x: ${now}\n${said}\nxxb\n`], said)
      const near = text.replace(/^x: ./, 'x: Q')
      assert.deepEqual(paste(line, { 'c.yaml': near }), [near], said)
    }
  })

  test('what a stranger could make something of is in no line', () => {
    const of = (said: string, now = 'x', path = 'c.yaml') => {
      const text = `a: ${said}\n`
      return pasteLine([{ path, text, edits: [edit(text, 1, now)] }])
    }
    assert.ok(of('b c') !== undefined)
    for (const said of [
      "it's",
      '$HOME',
      '`id`',
      '$(id)',
      'a\\b',
      'wow!',
      'a|b',
      'caf\u00e9',
      'a\u202eb',
      'a\tb',
      'a\u0000b',
      '\u001b[31m',
    ])
      assert.equal(of(said) ?? of('b', said), undefined, said)
    for (const path of [
      "it's.yaml",
      '$HOME',
      '-n',
      'a b.yaml',
      'a\nb',
      '`id`',
      'caf\u00e9.yaml',
      'a;b',
      '~/x',
      '*',
      '',
      '/etc/x',
      '2',
    ])
      assert.equal(of('b', 'x', path), undefined, path)
    assert.equal(of('b'.repeat(300)), undefined, 'too long')
    assert.equal(of('b', 'x\ny'), undefined, 'two lines')
    assert.equal(pasteLine([]), undefined)
    const open = 'a: b'
    assert.equal(pasteLine([{ path: 'c.yaml', text: open, edits: [edit(open, 1, 'x')] }]), undefined, 'no end of line')
  })
})
