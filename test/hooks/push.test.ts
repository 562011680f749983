// What a push does to refs and trees, and what the built hook makes of it: real repositories, real pushes.
import assert from 'node:assert/strict'
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { runGit } from '../support/git.ts'
import {
  type BareRepository,
  createRepositoryHost,
  type PushResult,
  type RepositoryHost,
  type RepositoryOptions,
  type WorkingCopy,
} from '../support/repository.ts'
import { BAD, buildInto, component, GOOD, locationOf, runHook, ZERO } from './built-hook.ts'

const HOLED = component(`\${{ values.name }}`)
const REFUSED = /^error: this push was not accepted: /m
const ACCEPTED_WITH = /^warning: this push was accepted with /m

let host: RepositoryHost
let hook: string
let repositories = 0

before(async () => {
  host = await createRepositoryHost()
  hook = await buildInto(host.directory, 'catalog-gate')
})
after(() => host.remove())

/** A repository whose main holds `files`, put there before the hook is installed. */
async function seeded(
  files: Record<string, string>,
  options: RepositoryOptions & { hook?: string; fullName?: string } = {},
): Promise<{ repository: BareRepository; copy: WorkingCopy }> {
  const repository = await host.create(options.fullName ?? `acme/r${++repositories}`, { ...options, hooks: [] })
  const copy = await repository.clone()
  if (Object.keys(files).length > 0) assert.equal((await copy.change(files)).exitCode, 0)
  await repository.installHooks([options.hook ?? hook])
  return { repository, copy }
}

function assertRefused(push: PushResult, ...expected: (string | RegExp)[]): void {
  assert.equal(push.exitCode, 1, push.terminal)
  assert.match(push.remote, REFUSED)
  for (const part of expected) {
    if (typeof part === 'string') assert.ok(push.remote.includes(part), `${part} is missing in:\n${push.remote}`)
    else assert.match(push.remote, part)
  }
}

function assertQuiet(push: PushResult): void {
  assert.equal(push.exitCode, 0, push.terminal)
  assert.equal(push.remote, '')
}

function assertSays(push: PushResult, ...expected: RegExp[]): void {
  assert.equal(push.exitCode, 0, push.terminal)
  for (const part of expected) assert.match(push.remote, part)
}

suite('refs', () => {
  test('a first push into an empty repository is judged whole', async () => {
    const { repository, copy } = await seeded({})
    assertRefused(await copy.change({ 'catalog-info.yaml': BAD }), 'catalog-info.yaml:4:9: ')
    assert.equal(await repository.ref('refs/heads/main'), undefined)
    assertQuiet(await copy.change({ 'catalog-info.yaml': GOOD }))
    assert.ok(await repository.ref('refs/heads/main'))
  })

  test('an update: only what it changes is judged', async () => {
    const { copy } = await seeded({ 'old/catalog-info.yaml': BAD, 'catalog-info.yaml': GOOD })
    assertQuiet(await copy.change({ 'README.md': 'x' }))
    assertQuiet(await copy.change({ 'catalog-info.yaml': component('other') }))
    assertRefused(await copy.change({ 'catalog-info.yaml': BAD }), '1 problem in catalog-info.yaml')
  })

  test('a bad commit that a later one of the same push repairs does not matter', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await copy.write('catalog-info.yaml', BAD)
    await copy.commit()
    assertQuiet(await copy.change({ 'catalog-info.yaml': component('repaired') }))
  })

  test('a new branch is compared with its merge base: not what main has, nor what main did meanwhile', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': BAD, 'late/catalog-info.yaml': GOOD })
    await copy.git('branch', 'behind')
    await copy.write('late/catalog-info.yaml', component('late two'))
    await copy.commit()
    const installed = await runGit(copy.directory, ['push', 'origin', 'main'])
    assert.equal(installed.exitCode, 1, 'the hook is there')
    await copy.git('checkout', '--quiet', 'behind')
    assertQuiet(await copy.change({ 'README.md': 'x', 'values.yaml': 'a: 1' }))
  })

  test('a branch behind main: what main changed meanwhile is not its doing', async () => {
    const { repository, copy } = await seeded({ 'catalog-info.yaml': BAD })
    await copy.git('branch', 'behind')
    await repository.installHooks([])
    await copy.change({ 'catalog-info.yaml': GOOD })
    await repository.installHooks([hook])
    await copy.git('checkout', '--quiet', 'behind')
    assertQuiet(await copy.change({ 'values.yaml': 'a: 1' }))
  })

  test('a new branch with a bad file of its own gets a warning, and the file is told once', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await copy.git('checkout', '--quiet', '-b', 'topic')
    const push = await copy.change({ 'catalog-info.yaml': BAD })
    assertSays(push, ACCEPTED_WITH)
    assert.equal(push.remote.match(/\[name-format\]/g)?.length, 1)
  })

  test('a forced update is held against what the branch had', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': GOOD })
    const first = await copy.git('rev-parse', 'HEAD')
    assertQuiet(await copy.change({ 'other/catalog-info.yaml': GOOD }))
    await copy.git('reset', '--quiet', '--hard', first)
    await copy.write('catalog-info.yaml', BAD)
    await copy.commit()
    assertRefused(await copy.push({ force: true }), 'catalog-info.yaml:4:9')
  })

  test('a deletion is no business of the gate', async () => {
    const { repository, copy } = await seeded({ 'catalog-info.yaml': BAD })
    await copy.push({ refs: ['HEAD:topic'] })
    assertQuiet(await copy.push({ refs: [':topic'] }))
    assert.equal(await repository.ref('refs/heads/topic'), undefined)
  })

  test('several refs in one push: one bad rejects all, and each has its own mode', async () => {
    const { repository, copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await copy.git('checkout', '--quiet', '-b', 'topic')
    await copy.write('catalog-info.yaml', component('on topic'))
    await copy.commit()
    await copy.git('checkout', '--quiet', 'main')
    await copy.write('other/catalog-info.yaml', component('on main'))
    await copy.commit()
    const push = await copy.push({ refs: ['topic', 'main'] })
    assertRefused(push, '1 problem in other/catalog-info.yaml', '"on main"')
    assert.equal(await repository.ref('refs/heads/topic'), undefined)
    assertSays(await copy.push({ refs: ['topic'] }), ACCEPTED_WITH, /"on topic"/)
  })

  test('a path with different contents on two refs: each frame shows its own line', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await copy.git('checkout', '--quiet', '-b', 'topic')
    await copy.write('catalog-info.yaml', component('on topic'))
    await copy.commit()
    await copy.git('checkout', '--quiet', 'main')
    await copy.write('catalog-info.yaml', component('on main'))
    await copy.commit()
    const push = await copy.push({ refs: ['topic', 'main'] })
    assertRefused(push, '4 |   name: on topic', '4 |   name: on main')
  })

  for (const refs of [
    ['HEAD:a-topic', 'HEAD:main'],
    ['HEAD:main', 'HEAD:z-topic'],
    ['HEAD:a', 'HEAD:main', 'HEAD:z'],
  ]) {
    test(`the same commit on two refs, ${refs.join(' ')}: the stricter one decides, the file is told once`, async () => {
      const { copy } = await seeded({ 'catalog-info.yaml': GOOD })
      await copy.write('catalog-info.yaml', BAD)
      await copy.commit()
      const push = await copy.push({ refs })
      assertRefused(push)
      assert.equal(push.remote.match(/\[name-format\]/g)?.length, 1, push.remote)
    })
  }

  test('tags and notes are ignored', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await copy.write('catalog-info.yaml', BAD)
    await copy.commit()
    await copy.git('tag', 'light')
    await copy.git('tag', '-a', '-m', 'x', 'heavy')
    await copy.git('notes', 'add', '-m', 'x')
    assertQuiet(await copy.push({ refs: ['light', 'heavy', 'refs/notes/commits', 'HEAD:refs/other/thing'] }))
  })

  test('a tag beside a branch does not hide the branch', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await copy.write('catalog-info.yaml', BAD)
    await copy.commit()
    await copy.git('tag', 'light')
    assertRefused(await copy.push({ refs: ['light', 'main'] }))
  })

  test('a SHA-256 repository: first push, update, new branch', async () => {
    const { copy } = await seeded({}, { objectFormat: 'sha256' })
    assertRefused(await copy.change({ 'catalog-info.yaml': BAD }), 'catalog-info.yaml:4:9')
    assertQuiet(await copy.change({ 'catalog-info.yaml': GOOD }))
    assertRefused(await copy.change({ 'catalog-info.yaml': BAD }))
    assertSays(await copy.push({ refs: ['HEAD:topic'] }), ACCEPTED_WITH)
  })

  test('a branch of unrelated history is judged whole', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await copy.git('checkout', '--quiet', '--orphan', 'pages')
    await copy.git('rm', '-rfq', '.')
    assertSays(await copy.change({ 'docs/catalog-info.yaml': BAD }), ACCEPTED_WITH, /docs\/catalog-info\.yaml/)
  })

  test('a merge commit is judged by its result', async () => {
    const { repository, copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await copy.git('checkout', '--quiet', '-b', 'topic')
    assertSays(await copy.change({ 'new/catalog-info.yaml': BAD }), ACCEPTED_WITH)
    await copy.git('checkout', '--quiet', 'main')
    await copy.git('merge', '--quiet', '--no-ff', '-m', 'Merge', 'topic')
    assertRefused(await copy.push(), '1 problem in new/catalog-info.yaml')
    await copy.write('new/catalog-info.yaml', component('new'))
    await copy.git('add', '--all')
    await copy.git('commit', '--quiet', '--amend', '-m', 'Merge, repaired')
    assertQuiet(await copy.push())
    assert.equal(await repository.ref('main'), await copy.git('rev-parse', 'HEAD'))
  })

  test('main is merged into a topic branch: what came from main is judged like the rest, as a warning', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': GOOD })
    assertSays(await copy.push({ refs: ['HEAD:topic'] }))
    await copy.write('catalog-info.yaml', BAD)
    await copy.commit()
    assertSays(await copy.push({ refs: ['HEAD:topic'] }), ACCEPTED_WITH)
  })

  test('HEAD points to nothing: no branch is the default one, so nothing is refused', async () => {
    const { repository, copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await repository.git('symbolic-ref', 'HEAD', 'refs/heads/gone')
    assertSays(await copy.change({ 'catalog-info.yaml': BAD }), ACCEPTED_WITH)
    await copy.git('checkout', '--quiet', '-b', 'other')
    assertSays(await copy.change({ 'catalog-info.yaml': component('a b') }), ACCEPTED_WITH)
    assertRefused(await copy.push({ refs: ['HEAD:gone'] }))
  })

  test('a detached HEAD on the server', async () => {
    const { repository, copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await writeFile(join(repository.directory, 'HEAD'), `${await repository.ref('main')}\n`)
    assertSays(await copy.change({ 'catalog-info.yaml': BAD }), ACCEPTED_WITH)
  })

  test('500 refs at once', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await copy.write('catalog-info.yaml', BAD)
    await copy.commit()
    const refs = Array.from({ length: 500 }, (_, i) => `HEAD:refs/heads/many-${i}`)
    const push = await copy.push({ refs: [...refs, 'HEAD:main'] })
    assertRefused(push)
    assert.equal(push.remote.match(/\[name-format\]/g)?.length, 1)
  })

  test('a first push of main and another branch: each with its own files', async () => {
    const { copy } = await seeded({})
    await copy.write('catalog-info.yaml', GOOD)
    await copy.commit()
    await copy.git('branch', 'another')
    await copy.write('main/catalog-info.yaml', component('on main'))
    await copy.commit()
    await copy.git('checkout', '--quiet', 'another')
    await copy.write('another/catalog-info.yaml', component('on another'))
    await copy.commit()
    const push = await copy.push({ refs: ['another', 'main'] })
    assertRefused(push, 'main/catalog-info.yaml:4:9', 'another/catalog-info.yaml:4:9')
    assert.match(push.remote, /1 problem in main/)
  })

  for (const [what, file, expected] of [
    ['with a bad catalog file', 'catalog-info.yaml', ACCEPTED_WITH],
    ['without catalog files', 'README.md', /^$/],
  ] as const) {
    test(`3,000 new branches ${what}, each with a commit of its own, into an empty repository`, async () => {
      const { copy } = await seeded({})
      await copy.write(file, BAD)
      await copy.commit()
      const tree = await copy.git('rev-parse', 'HEAD^{tree}')
      const commits = Array.from({ length: 3000 }, (_, i) => {
        const text = `branch ${i}`
        return `commit refs/heads/b${i}\ncommitter M <m@example.com> 1790000000 +0000\ndata ${text.length}\n${text}\nM 040000 ${tree} \n\n`
      })
      const imported = await runGit(copy.directory, ['fast-import', '--quiet'], { input: commits.join('') })
      assert.equal(imported.exitCode, 0, imported.stderr)
      // Its own repository stands for the server's: no branch is there before the push, as far as the hook can see.
      await copy.git('symbolic-ref', 'HEAD', 'refs/heads/none')
      const ids = await copy.git('for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads')
      const input = ids.replaceAll(/^/gm, `${ZERO} `)
      const run = await runHook([hook], {
        cwd: join(copy.directory, '.git'),
        input: `${input}\n`,
        env: { GIT_DIR: undefined },
      })
      assert.ok(run.tookMs < 4000, `${run.tookMs} ms`)
      assert.equal(run.stderr, '')
      assert.equal(run.exitCode, 0)
      assert.match(run.stdout, expected)
    })
  }
})

suite('what stands on stdin', () => {
  const cases: [string, (id: string) => string, RegExp][] = [
    ['nothing', () => '', /^$/],
    ['garbage', () => 'what is this\n\u0000\u0001\n', /could not read the pushed refs|^$/],
    ['one word', () => 'word', /could not read the pushed refs/],
    ['a blank line', () => '\n', /could not read the pushed refs/],
    ['letters for ids', () => 'xyz abc refs/heads/main\n', /could not read the pushed refs/],
    ['ids that exist nowhere', () => `${ZERO} ${'a'.repeat(40)} refs/heads/main\n`, /accepted unchecked/],
    ['short ids', () => 'abc abd refs/heads/main\n', /accepted unchecked|^$/],
    ['a line of 200 kB', () => `${'x'.repeat(200_000)}\n`, /could not read the pushed refs/],
    ['a ref that is no branch', id => `${ZERO} ${id} refs/heads/\n`, /^$/],
  ]
  for (const [name, input, expected] of cases) {
    test(`${name}: accepted, one line at the most`, async () => {
      const { repository } = await seeded({ 'catalog-info.yaml': GOOD })
      const id = (await repository.ref('main')) ?? ''
      const run = await runHook([hook], { cwd: repository.directory, input: input(id) })
      assert.equal(run.exitCode, 0)
      assert.match(run.stdout, expected)
      assert.ok(run.stdout.split('\n').length <= 2, run.stdout)
      assert.equal(run.stderr, '')
    })
  }

  test('GIT_DIR is not set and the folder is the repository; the last line has no line end', async () => {
    const { repository, copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await repository.installHooks([])
    const before = await repository.ref('main')
    await copy.change({ 'catalog-info.yaml': BAD })
    const input = `${before} ${await repository.ref('main')} refs/heads/main`
    const run = await runHook([hook], { cwd: repository.directory, input })
    assert.equal(run.exitCode, 1, run.stdout)
    assert.match(run.stdout, REFUSED)
  })

  test('no repository at all', async () => {
    const input = `${'1'.repeat(40)} ${'2'.repeat(40)} refs/heads/main\n`
    const run = await runHook([hook], { cwd: host.directory, input })
    assert.equal(run.exitCode, 0)
    assert.match(run.stdout, /^warning: catalog-gate: git could not .*; the push was accepted unchecked\n$/)
    assert.equal(run.stderr, '')
  })

  test('an object is missing in the repository', async () => {
    const { repository, copy } = await seeded({ 'catalog-info.yaml': GOOD, 'a/b.yaml': 'x: 1' })
    const tree = await repository.git('rev-parse', 'main^{tree}')
    await rm(join(repository.directory, 'objects', tree.slice(0, 2), tree.slice(2)))
    const push = await copy.change({ 'catalog-info.yaml': BAD })
    assert.match(push.remote, /^warning: catalog-gate: git could not .*; the push was accepted unchecked$/m)
    assert.doesNotMatch(push.terminal, /hook declined/)
  })

  test('a content is missing in the repository', async () => {
    const { repository, copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await repository.installHooks([])
    const before = await repository.ref('main')
    await copy.change({ 'catalog-info.yaml': BAD, 'second/catalog-info.yaml': component('a b') })
    const blob = await repository.git('rev-parse', 'main:catalog-info.yaml')
    await rm(join(repository.directory, 'objects', blob.slice(0, 2), blob.slice(2)))
    const input = `${before} ${await repository.ref('main')} refs/heads/main\n`
    const run = await runHook([hook], { cwd: repository.directory, input })
    assert.match(run.stdout, /^warning: catalog-info.yaml could not be read; it was not checked$/m)
    assert.match(run.stdout, /1 problem in second\/catalog-info.yaml/)
    assert.equal(run.exitCode, 1)
  })
})

suite('files', () => {
  test('a renamed catalog file is judged at its new place', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': BAD })
    await copy.git('mv', 'catalog-info.yaml', 'catalog-info.yml')
    await copy.commit()
    assertRefused(await copy.push(), 'catalog-info.yml:4:9')
  })

  test('a catalog file that is renamed away is none any more', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': BAD })
    await copy.git('mv', 'catalog-info.yaml', 'notes.txt')
    await copy.commit()
    assertQuiet(await copy.push())
  })

  test('a removed catalog file', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': BAD })
    await copy.remove('catalog-info.yaml')
    await copy.commit()
    assertQuiet(await copy.push())
  })

  const names: [string, string][] = [
    ['with blanks', 'a b /catalog-info.yaml'],
    ['with quotes', `it's "it"/catalog-info.yaml`],
    ['with a line break', 'two\nlines/catalog-info.yaml'],
    ['with a backslash', 'back\\slash\\n/catalog-info.yaml'],
    ['not ASCII', 'größe/日本/catalog-info.yaml'],
    ['with a leading dash', '-rf/catalog-info.yaml'],
    ['with a tab', 'a\tb/catalog-info.yaml'],
    ['with a colon and a star', 'a:*b/catalog-info.yaml'],
    ['in a dot folder', '.backstage/catalog-info.yaml'],
    ['with a terminal escape', '\u001b[31mred/catalog-info.yaml'],
  ]
  for (const [what, path] of names) {
    test(`a name ${what}`, async () => {
      const { copy } = await seeded({ 'README.md': 'x' })
      const shown = path.replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\u001b', '\\u001b')
      assertRefused(await copy.change({ [path]: BAD }), `${shown}:4:9: `)
      assertQuiet(await copy.change({ [path]: GOOD }))
    })
  }

  test('an executable file is a file', async () => {
    const { copy } = await seeded({ 'README.md': 'x' })
    await copy.write('catalog-info.yaml', BAD)
    await chmod(join(copy.directory, 'catalog-info.yaml'), 0o755)
    await copy.commit()
    assertRefused(await copy.push())
  })

  test('a symbolic link is not followed', async () => {
    const { copy } = await seeded({ 'README.md': 'x' })
    await copy.link('catalog-info.yaml', '/etc/passwd')
    await copy.commit()
    assertSays(await copy.push(), /^warning: catalog-info.yaml is a symbolic link; it was not checked$/)
  })

  test('a submodule is not entered', async () => {
    const { copy } = await seeded({ 'README.md': 'x' })
    const id = await copy.git('rev-parse', 'HEAD')
    await copy.git('update-index', '--add', '--cacheinfo', `160000,${id},catalog-info.yaml`)
    await copy.git('commit', '--quiet', '-m', 'Submodule')
    assertSays(await copy.push(), /^warning: catalog-info.yaml is a submodule; it was not checked$/)
  })

  test('a binary file is refused with a readable text', async () => {
    const { copy } = await seeded({ 'README.md': 'x' })
    await copy.write('catalog-info.yaml', Buffer.from(Array.from({ length: 2048 }, (_, i) => (i * 7919) % 256)))
    await copy.commit()
    const push = await copy.push()
    assertRefused(push)
    assert.ok(push.remote.split('\n').length < 120)
    assert.doesNotMatch(push.remote, /[\u0000-\u0008\u000b-\u001f]/)
  })

  test('a file over limits.fileBytes is left alone, its neighbours are not', async () => {
    const { copy } = await seeded({ 'README.md': 'x' })
    const push = await copy.change({
      'a/catalog-info.yaml': component('a', `# ${'x'.repeat(1_100_000)}\n`),
      'b/catalog-info.yaml': BAD,
    })
    assertRefused(
      push,
      'b/catalog-info.yaml:4:9',
      'warning: a/catalog-info.yaml is larger than 1048576 bytes; it was not checked',
    )
  })

  test('200 MB in one file: neither time nor memory for it', async () => {
    const measured = join(host.directory, 'measured')
    const measure = join(host.directory, 'measure.cjs')
    await writeFile(
      measure,
      `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(measured)}, String(process.resourceUsage().maxRSS)))`,
    )
    const node = join(host.directory, 'measured-node')
    await writeFile(node, `#!/bin/sh\nexec '${process.execPath}' -r '${measure}' "$@"\n`, { mode: 0o755 })
    const { copy } = await seeded({ 'README.md': 'x' }, { hookEnvironment: { CATALOG_GATE_NODE: node } })
    await copy.git('config', 'core.compression', '1')
    await copy.git('config', 'core.bigFileThreshold', '1m')
    await copy.write('catalog-info.yaml', Buffer.alloc(200_000_000, 'a'))
    await copy.write('b/catalog-info.yaml', BAD)
    await copy.commit()
    const push = await copy.push()
    assertRefused(push, 'b/catalog-info.yaml:4:9', 'warning: catalog-info.yaml is larger than 1048576 bytes')
    assert.ok(Number(await readFile(measured, 'utf8')) < 100_000, 'less than 100 MB in Node')
  })

  test('300 catalog files in one push, more than are read ahead', async () => {
    const { copy } = await seeded({ 'README.md': 'x' })
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`s${i}/catalog-info.yaml`, component(i === 299 ? 'the last' : `s${i}`)]),
    )
    assertRefused(await copy.change(files), '1 problem in s299/catalog-info.yaml')
  })

  test('more files than limits.files: the rest is accepted, and a line says so', async () => {
    const few = await buildInto(host.directory, 'few', { limits: { files: 2 } })
    const { copy } = await seeded({ 'README.md': 'x' }, { hook: few })
    const files = {
      'a/catalog-info.yaml': GOOD,
      'b/catalog-info.yaml': component('b'),
      'c/catalog-info.yaml': BAD,
    }
    assertSays(await copy.change(files), /^warning: only 2 of 3 catalog files in refs\/heads\/main were checked$/)
  })
})

suite('which files are catalog files', () => {
  test('ignore globs and skeletons', async () => {
    const { copy } = await seeded({ 'README.md': 'x' })
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
    const { copy } = await seeded({ 'README.md': 'x' })
    assertQuiet(
      await copy.change({ 'my-catalog-info.yaml': BAD, 'catalog-info.yaml.txt': BAD, 'catalog-info.json': BAD }),
    )
  })

  test('globs of an own: one folder, other names', async () => {
    const own = await buildInto(host.directory, 'own-globs', {
      catalog: { files: ['catalog/*.yaml', '{a,b}/entity.yml'], ignore: ['catalog/draft-*'], followLocations: false },
    })
    const { copy } = await seeded({ 'README.md': 'x' }, { hook: own })
    assertQuiet(await copy.change({ 'catalog-info.yaml': BAD, 'catalog/x/y.yaml': BAD, 'catalog/draft-1.yaml': BAD }))
    const push = await copy.change({ 'catalog/y.yaml': BAD, 'b/entity.yml': BAD })
    assertRefused(push, 'catalog/y.yaml:4:9', 'b/entity.yml:4:9')
  })

  test('a pushed Location makes an unchanged file news', async () => {
    const { copy } = await seeded({ 'entities/a.yaml': BAD })
    const push = await copy.change({ 'catalog-info.yaml': locationOf('./entities/a.yaml') })
    assertRefused(push, 'entities/a.yaml:4:9')
  })

  test('a changed file that an unchanged Location names', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': locationOf('./entities/a.yaml'), 'entities/a.yaml': GOOD })
    assertRefused(await copy.change({ 'entities/a.yaml': BAD }), 'entities/a.yaml:4:9')
    assertQuiet(await copy.change({ 'entities/a.yaml': GOOD, 'entities/b.yaml': BAD }))
  })

  test('both in one push, a chain of Locations, a circle of them, and a missing target', async () => {
    const { copy } = await seeded({ 'README.md': 'x' })
    const push = await copy.change({
      'catalog-info.yaml': locationOf('./a/all.yaml', './catalog-info.yaml', './nowhere.yaml', '../../outside.yaml'),
      'a/all.yaml': locationOf('../catalog-info.yaml', './deep/b.yaml').replace('name: all', 'name: inner'),
      'a/deep/b.yaml': BAD,
    })
    assertRefused(push, '1 problem in a/deep/b.yaml')
  })

  test('followLocations: false', async () => {
    const own = await buildInto(host.directory, 'no-follow', { catalog: { followLocations: false } })
    const { copy } = await seeded({ 'entities/a.yaml': BAD }, { hook: own })
    assertQuiet(await copy.change({ 'catalog-info.yaml': locationOf('./entities/a.yaml', './b.yaml'), 'b.yaml': BAD }))
  })

  test('a followed file that is ignored, a skeleton or not YAML', async () => {
    const { copy } = await seeded({ 'README.md': 'x' })
    const push = await copy.change({
      'catalog-info.yaml': locationOf('./skeleton/a.yaml', './templates/b.yaml', './c.yaml'),
      'skeleton/a.yaml': BAD,
      'templates/b.yaml': HOLED,
      'c.yaml': 'a: b: c',
    })
    assertRefused(push, '1 problem in c.yaml')
  })

  test('other YAML files of a repository are none of ours', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': GOOD })
    assertQuiet(
      await copy.change({ 'chart/values.yaml': 'a: b: c', 'k8s.yml': 'kind: Deployment\nmetadata: { name: a b }\n' }),
    )
  })
})

suite('modes', () => {
  const DATES = { past: '2020-01-01', future: '2999-01-01' }

  test('enforce.defaultBranch and enforce.otherBranches', async () => {
    const own = await buildInto(host.directory, 'turned', {
      enforce: { defaultBranch: 'warn', otherBranches: 'enforce' },
    })
    const { copy } = await seeded({ 'catalog-info.yaml': GOOD }, { hook: own })
    assertSays(await copy.change({ 'catalog-info.yaml': BAD }), ACCEPTED_WITH, /\[name-format\]/)
    await copy.write('catalog-info.yaml', component('b c'))
    await copy.commit()
    assertRefused(await copy.push({ refs: ['HEAD:topic'] }))
  })

  test('off says nothing', async () => {
    const own = await buildInto(host.directory, 'off', { enforce: { defaultBranch: 'off', otherBranches: 'off' } })
    const { copy } = await seeded({ 'catalog-info.yaml': GOOD }, { hook: own })
    assertQuiet(await copy.change({ 'catalog-info.yaml': BAD }))
    assertQuiet(await copy.push({ refs: ['HEAD:topic'] }))
  })

  test('enforce.repositories: the first match that is not over counts', async () => {
    const own = await buildInto(host.directory, 'lists', {
      enforce: {
        repositories: [
          { match: 'acme/legacy-*', mode: 'off', until: DATES.past },
          { match: 'ACME/legacy-*', mode: 'warn', until: DATES.future },
          { match: 'acme/*', mode: 'enforce' },
          { match: '**', mode: 'off' },
        ],
      },
    })
    const outcome = async (fullName: string, refs: string[]) => {
      const { copy } = await seeded({ 'catalog-info.yaml': GOOD }, { hook: own, fullName })
      await copy.write('catalog-info.yaml', BAD)
      await copy.commit()
      const push = await copy.push({ refs })
      return REFUSED.test(push.remote) ? 'refused' : ACCEPTED_WITH.test(push.remote) ? 'warned' : 'quiet'
    }
    assert.equal(await outcome('acme/legacy-one', ['HEAD:main']), 'warned')
    assert.equal(await outcome('acme/new', ['HEAD:topic']), 'refused')
    assert.equal(await outcome('other/one', ['HEAD:main']), 'quiet')
  })

  test('a rule turned down, and one turned off', async () => {
    const own = await buildInto(host.directory, 'rules', {
      enforce: { rules: { 'name-format': 'warning', 'tag-format': 'off' } },
    })
    const { copy } = await seeded({ 'README.md': 'x' }, { hook: own })
    const tagged = GOOD.replace('  name: payments', '  name: payments\n  tags: [Java]')
    assertQuiet(await copy.change({ 'catalog-info.yaml': tagged }))
    assertSays(await copy.change({ 'catalog-info.yaml': BAD }), /accepted with 1 problem/)
  })

  test('the bypass: with its reason, without, quoted, among others, switched off', async () => {
    const { repository, copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await copy.write('catalog-info.yaml', BAD)
    await copy.commit()
    for (const pushOptions of [
      ['catalog-gate.skip'],
      ['catalog-gate.skip='],
      ['catalog-gate.skip=""'],
      ['catalog-gate.skip=  '],
    ]) {
      assertRefused(
        await copy.push({ pushOptions }),
        "hint: a bypass needs its reason: git push -o catalog-gate.skip='why'",
      )
    }
    assertRefused(await copy.push({ pushOptions: ['catalog-gate.skipper=why'] }))
    const others = ['ci.skip', 'a=b', 'catalog-gate.skip="the catalog = down\u001b[31m"']
    const push = await copy.push({ pushOptions: others, refs: ['HEAD:main', 'HEAD:topic'] })
    assertSays(push, /^warning: catalog-gate was bypassed: the catalog = down\\u001b\[31m$/)
    assert.ok(await repository.ref('refs/heads/topic'))
    const strict = await buildInto(host.directory, 'no-bypass', { enforce: { bypass: false } })
    await repository.installHooks([strict])
    await copy.write('catalog-info.yaml', component('c d'))
    await copy.commit()
    const refused = await copy.push({ pushOptions: ['catalog-gate.skip=why'] })
    assertRefused(refused)
    assert.doesNotMatch(refused.remote, /bypass/)
  })

  test('a bypass of an own name whose reason is optional', async () => {
    const own = await buildInto(host.directory, 'easy', {
      enforce: { bypass: { pushOption: 'force', reason: 'optional' } },
    })
    const { copy } = await seeded({ 'catalog-info.yaml': GOOD }, { hook: own })
    await copy.write('catalog-info.yaml', BAD)
    await copy.commit()
    assertSays(await copy.push({ pushOptions: ['force'] }), /bypassed: no reason given/)
  })

  test('a change in the web page gets a short text, without frames and push options', async () => {
    const { copy } = await seeded({ 'catalog-info.yaml': GOOD })
    await copy.write('catalog-info.yaml', BAD)
    await copy.commit()
    const push = await copy.push({ via: 'blob#save' })
    assertRefused(push, 'catalog-info.yaml:4:9')
    assert.doesNotMatch(push.remote, /\^|\||push -o/)
  })

  test('problems beyond limits.problems are counted, help is shown', async () => {
    const own = await buildInto(host.directory, 'capped', {
      limits: { problems: 2 },
      help: { url: 'https://wiki.example/checks', footer: 'Ask #platform.' },
    })
    const { copy } = await seeded({ 'README.md': 'x' }, { hook: own })
    const files = Object.fromEntries(['a', 'b', 'c', 'd'].map(name => [`${name}/catalog-info.yaml`, BAD]))
    const push = await copy.change(files)
    assertRefused(
      push,
      '4 problems in 4 files',
      '\nand 2 more\n',
      'https://wiki.example/checks#name-format',
      '\nAsk #platform.',
    )
    assert.equal(push.remote.match(/\[name-format\]/g)?.length, 2)
  })

  test('catalog-validate does the same; catalog-notify never refuses', async () => {
    const validate = await buildInto(host.directory, 'catalog-validate', {}, 'catalog-validate')
    const notify = await buildInto(host.directory, 'catalog-notify', {}, 'catalog-notify')
    const { repository, copy } = await seeded({ 'catalog-info.yaml': GOOD }, { hook: validate })
    assertRefused(await copy.change({ 'catalog-info.yaml': BAD }))
    await repository.installHooks([notify])
    assertQuiet(await copy.push())
  })
})
