// check --fix and --dry-run, and check --stdin: what is written, and what is left as it is.
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { check } from '../../scripts/check/check.ts'
import { replaceFile } from '../../scripts/check/fix-files.ts'
import type { CheckOptions } from '../../scripts/check/options.ts'
import { readConfig } from '../../scripts/config/read-config.ts'
import { BAD, component, GOOD } from '../hooks/built-hook.ts'
import { temporaryFolder } from '../support/temporary.ts'

let folder = ''
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (path: string) => join(folder, path)
const read = (path: string) => readFileSync(at(path))
function write(path: string, text: string | Uint8Array): void {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), text)
}

async function run(options: Partial<CheckOptions>, input = '') {
  const out = { status: -1, stdout: '', stderr: '' }
  const edges = {
    ...{ env: {}, cwd: folder, isWatched: () => false, readStdin: () => Buffer.from(input), readConfig },
    write: (text: string) => {
      out.stdout += text
    },
    writeError: (text: string) => {
      out.stderr += text
    },
  }
  out.status = await check({ paths: [folder], format: 'text', ...options }, edges)
  return { ...out, stdout: out.stdout.replaceAll(`${folder}/`, ''), stderr: out.stderr.replaceAll(`${folder}/`, '') }
}

const numbers = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments
spec:
  type: service
  lifecycle: production
  owner: 007 # a team
`

suite('check --fix', () => {
  test('mends what is certain, names the file, and the second time changes nothing', async () => {
    write('catalog-info.yaml', numbers)
    write('b/catalog-info.yaml', component('b'))
    const untouched = statSync(at('b/catalog-info.yaml')).ino
    assert.deepEqual(await run({ fix: true }), {
      status: 0,
      stdout: 'fixed catalog-info.yaml: 1 problem\n2 files checked, nothing wrong\n',
      stderr: '',
    })
    assert.equal(String(read('catalog-info.yaml')), numbers.replace('007', '"007"'))
    assert.equal(statSync(at('b/catalog-info.yaml')).ino, untouched)
    const mended = statSync(at('catalog-info.yaml')).ino
    assert.equal((await run({ fix: true })).stdout, '2 files checked, nothing wrong\n')
    assert.equal(statSync(at('catalog-info.yaml')).ino, mended, 'it is not written again')
    assert.deepEqual(readdirSync(folder).sort(), ['b', 'catalog-info.yaml'])
  })

  test('mends the last error, too, where warnings of other lines show only then', async () => {
    const right = numbers.replace('007', 'a').replace('spec:', '  anotations: {}\nspec:')
    write('catalog-info.yaml', right.replace('lifecycle', 'lifecyle').replace('owner', 'ower'))
    const { status, stdout } = await run({ fix: true })
    assert.match(stdout, /^fixed catalog-info\.yaml: 2 problems\nwarning: 1 warning in 1 file\n.*\[misspelt-field\]/)
    assert.equal(status, 0)
  })

  test('ends as a check of what remains', async () => {
    write('catalog-info.yaml', numbers.replace('kind: Component', 'kind: Blarg'))
    const { status, stdout } = await run({ fix: true })
    assert.equal(status, 1)
    assert.match(stdout, /\[unknown-kind\]/)
  })

  test('keeps the mode, a byte order mark, line ends and a last line without one', async () => {
    const bytes = `\ufeff${numbers.replaceAll('\n', '\r\n').trimEnd()}`
    write('catalog-info.yaml', bytes)
    chmodSync(at('catalog-info.yaml'), 0o751)
    assert.equal((await run({ fix: true })).status, 0)
    assert.equal(String(read('catalog-info.yaml')), bytes.replace('007', '"007"'))
    assert.equal(statSync(at('catalog-info.yaml')).mode & 0o7777, 0o751)
  })

  test('leaves alone what is no UTF-8, a template, and a symbolic link', async () => {
    const latin = Buffer.concat([Buffer.from(`# caf`), Buffer.from([0xe9, 0x0a]), Buffer.from(numbers)])
    const template = numbers.replace('name: ', 'name: "{{ name }}" # ')
    write('a/catalog-info.yaml', latin)
    write('b/catalog-info.yaml', `${template}---\n${numbers}`)
    write('elsewhere.txt', numbers)
    symlinkSync('elsewhere.txt', at('link.yaml'))
    const { stderr } = await run({ fix: true, paths: [folder, at('link.yaml')] })
    assert.equal(stderr, 'warning: link.yaml is a symbolic link; it was not changed\n')
    assert.deepEqual(read('a/catalog-info.yaml'), latin)
    assert.equal(String(read('b/catalog-info.yaml')), `${template}---\n${numbers}`)
    assert.equal(String(read('elsewhere.txt')), numbers)
  })

  test('a file that has changed meanwhile, or is in a folder that cannot be written, stays', () => {
    write('catalog-info.yaml', 'new')
    const file = { path: at('catalog-info.yaml'), before: 'old', after: 'x', mended: 1 }
    assert.equal(replaceFile(file), 'has changed meanwhile')
    assert.equal(String(read('catalog-info.yaml')), 'new')
    assert.match(replaceFile({ ...file, path: at('none/x.yaml') }) ?? '', /^cannot be written \(no such file\)$/)
    assert.deepEqual(readdirSync(folder), ['catalog-info.yaml'])
  })

  test('an entity does not get a name that another one has', async () => {
    write('a/catalog-info.yaml', component('payments-api'))
    write('b/catalog-info.yaml', BAD)
    assert.equal((await run({ fix: true })).status, 1)
    rmSync(at('a'), { recursive: true })
    write('c/catalog-info.yaml', BAD)
    assert.match(
      (await run({ fix: true })).stdout,
      /^fixed b\/catalog-info\.yaml: 1 problem\nerror: 1 error in 1 file\nc\//,
    )
  })
})

test('check --fix that is killed leaves whole files', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `${i}/catalog-info.yaml`)
  const long = `# ${'x'.repeat(200_000)}\n`
  for (const [i, name] of names.entries()) write(name, numbers.replace('payments', `p${i}`) + long)
  const run = spawn(process.execPath, [join(import.meta.dirname, '../../dist/catalog-gate.mjs'), 'check', '--fix'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(run, 'close')
  // Some are written, and others are not yet. One that does not start ends at once, and has said why.
  const first = await Promise.race([once(run.stdout, 'data'), closed.then(() => undefined)])
  assert.ok(first, 'it ended before it had fixed anything')
  run.kill('SIGKILL')
  await closed
  const texts = names.map(name => String(read(name)))
  for (const [i, text] of texts.entries()) {
    const before = numbers.replace('payments', `p${i}`) + long
    assert.ok(text === before || text === before.replace('007', '"007"'), names[i])
  }
  assert.ok(texts.some(text => text.includes('"007"')))
})

test('check --fix takes away what one left that was killed while it wrote, and nothing of one that runs', async () => {
  write('catalog-info.yaml', GOOD)
  const names = ['.catalog-info.yaml.0f.catalog-gate-unfinished', '.b.yaml.0f.catalog-gate-unfinished']
  for (const name of names) write(name, 'half')
  utimesSync(at(names[0] ?? ''), 1, 1)
  assert.equal((await run({ fix: true })).status, 0)
  assert.deepEqual(readdirSync(folder), [names[1], 'catalog-info.yaml'])
})

test('a signal that comes while a file is written ends the process when that is whole', () => {
  const work = `process.kill(process.pid, 'SIGTERM'); process.stdout.write('whole')`
  const script = `import { uninterrupted } from '${join(import.meta.dirname, '../../scripts/cli/interruption.ts')}'
    await uninterrupted(() => { ${work} })
    process.stdout.write(' and the next one')`
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  assert.deepEqual([stdout, signal], ['whole', 'SIGTERM'])
})

suite('check --fix --dry-run', () => {
  test('prints what git apply takes, and writes nothing', async () => {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: at('sub folder'), encoding: 'utf8' })
    const many = Array.from(
      { length: 20 },
      (_, i) => `    example.com/k${i}: ${i === 2 || i === 18 ? i : `v${i}`}\n`,
    ).join('')
    const windows = numbers.replace('payments', 'b').replaceAll('\n', '\r\n')
    const files: Record<string, string> = {
      'sub folder/catalog-info.yaml': numbers.replace('payments', 'a').trimEnd(),
      'é "x"/catalog-info.yaml': windows,
      'catalog-info.yaml': GOOD.replace('metadata:\n', `metadata:\n  annotations:\n${many}`),
    }
    for (const [path, text] of Object.entries(files)) write(path, text)
    git('init', '--quiet', '..')
    const { status, stdout, stderr } = await run({ fix: true, dryRun: true })
    assert.equal(status, 0)
    assert.match(stderr, /^would fix catalog-info\.yaml: 2 problems$/m)
    assert.equal(stdout.match(/^@@/gm)?.length, 4, 'changes far apart are hunks of their own')
    for (const [path, text] of Object.entries(files)) assert.equal(String(read(path)), text)
    execFileSync('git', ['apply'], { cwd: folder, input: stdout })
    assert.deepEqual((await run({ fix: true })).stdout, '3 files checked, nothing wrong\n')
    assert.equal(String(read('é "x"/catalog-info.yaml')), windows.replace('007', '"007"'))
  })

  test('goes with --fix', async () => {
    assert.deepEqual(await run({ dryRun: true }), {
      status: 2,
      stdout: '',
      stderr: 'error: --dry-run goes with --fix\n',
    })
  })
})

suite('check --stdin', () => {
  test('checks standard input under a name, which need not be there', async () => {
    const { status, stdout } = await run({ paths: [], stdin: true, filename: 'x/catalog-info.yaml' }, BAD)
    assert.equal(status, 1)
    assert.match(stdout, /^x\/catalog-info\.yaml:4:9: .*\[name-format\]$/m)
  })

  test('the file on the disk does not count; JSON and SARIF have the fix', async () => {
    write('catalog-info.yaml', GOOD)
    const { stdout } = await run({ paths: [], stdin: true, filename: at('catalog-info.yaml'), format: 'json' }, BAD)
    const [problem] = JSON.parse(stdout).problems
    const place = { line: 4, column: 9, endLine: 4, endColumn: 21 }
    assert.deepEqual(problem.fix, { edits: [{ ...place, text: 'payments-api' }] })
    assert.equal(String(read('catalog-info.yaml')), GOOD)
    const sarif = await run({ paths: [], stdin: true, filename: 'c.yaml', format: 'sarif' }, `\ufeff${BAD}`)
    const [{ fixes }] = JSON.parse(sarif.stdout).runs[0].results
    const deletedRegion = { startLine: 4, startColumn: 9, endLine: 4, endColumn: 21 }
    const replacements = [{ deletedRegion, insertedContent: { text: 'payments-api' } }]
    assert.deepEqual(fixes[0].artifactChanges, [{ artifactLocation: { uri: 'c.yaml' }, replacements }])
  })

  test('a byte order mark is no column', async () => {
    const text = `\ufeff${GOOD.replace('apiVersion', 'apiversion')}`
    const { stdout } = await run({ paths: [], stdin: true, filename: 'c.yaml', format: 'json' }, text)
    const { edits } = JSON.parse(stdout).problems[0].fix
    assert.deepEqual(edits, [{ line: 1, column: 1, endLine: 1, endColumn: 11, text: 'apiVersion' }])
  })

  test('what does not go with it', async () => {
    for (const options of [{ stdin: true }, { filename: 'x' }, { stdin: true, filename: 'x', fix: true }])
      assert.equal((await run({ paths: [], ...options })).status, 2)
    assert.equal((await run({ stdin: true, filename: 'x' })).status, 2, 'other files')
  })
})
