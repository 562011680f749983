// catalog-gate try on every kind of repository there is: by folder, URL and bare clone, shallow, borrowed, SHA-256, and with odd contents.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { isWhole } from '../support/campaign.ts'
import { folder, GOOD, git, makeRepository, plain, tryIn, USUAL, useRepositories, verdicts } from './try-fixture.ts'

useRepositories()

/** In the small form some of them: the first and every third. */
const some = <T>(all: readonly T[]): T[] => all.filter((_, i) => isWhole || i % 3 === 0)

suite('catalog-gate try, in a repository that is', () => {
  test('by a folder in it, by URL, from a bare clone', () => {
    const ways = [
      [join(plain, 'src'), []],
      [folder, [join(plain, 'src')]],
      [folder, [pathToFileURL(plain).href]],
    ] as const
    for (const [cwd, named] of some(ways)) {
      const { status, stdout } = tryIn(cwd, ...named)
      assert.deepEqual([status, verdicts(stdout)], [0, USUAL], stdout)
      assert.match(stdout, /\/plain as acme\/payments$/m)
    }
    git(folder, 'clone', '--quiet', '--bare', plain, 'bare.git')
    const { status, stdout } = tryIn(folder, join(folder, 'bare.git'))
    assert.deepEqual([status, verdicts(stdout)], [0, USUAL], stdout)
    assert.match(stdout, /as local\/bare$/m)
  })

  test('shallow, worktree, submodule, detached, borrowed objects, SHA-256', () => {
    git(plain, 'commit', '--quiet', '--allow-empty', '-m', 'two')
    git(folder, 'clone', '--quiet', '--depth=1', pathToFileURL(plain).href, 'shallow')
    git(plain, 'worktree', 'add', '--quiet', '-b', 'topic', join(folder, 'worktree'))
    const outer = makeRepository('outer', { README: 'x\n' })
    git(outer, 'submodule', '--quiet', 'add', pathToFileURL(plain).href, 'inner')
    git(outer, 'commit', '--quiet', '-m', 'inner')
    git(folder, 'clone', '--quiet', plain, 'detached')
    git(join(folder, 'detached'), 'checkout', '--quiet', '--detach')
    git(folder, 'clone', '--quiet', '--shared', plain, 'borrowing')
    git(folder, 'clone', '--quiet', '--shared', 'borrowing', 'borrowing-twice')
    makeRepository('sha256', { 'catalog-info.yaml': GOOD }, '--object-format=sha256')
    const expected: Record<string, RegExp> = {
      shallow: /note +a shallow clone/,
      worktree: /worktree as acme\/payments\n\n {2}state +topic, /,
      'outer/inner': /state +main, as last committed; catalog files: catalog-info\.yaml$/m,
      detached: /state +detached at [0-9a-f]{10}/,
      'borrowing-twice': /catalog files: catalog-info\.yaml/,
      sha256: /as local\/sha256/,
      outer: /catalog files: none/,
    }
    for (const [name, words] of some(Object.entries(expected))) {
      const { status, stdout, stderr } = tryIn(join(folder, name))
      assert.deepEqual([status, stderr, verdicts(stdout)], [0, '', USUAL], `${name}: ${stdout}`)
      assert.match(stdout, words)
    }
  })

  test('files with odd contents: in one line, in LFS, not YAML; changes that are not committed', () => {
    const contents = {
      flow: `apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: a}\nspec: {owner: b}\n`,
      json: JSON.stringify({
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'System',
        metadata: { name: 'a' },
        spec: { owner: 'b' },
      }),
      windows: GOOD.replaceAll('\n', '\r\n'),
      lfs: `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12\n`,
      binary: '\0\x01\x02',
      nothing: '',
    }
    for (const [name, text] of some(Object.entries(contents))) {
      const repository = makeRepository(`odd-${name}`, { 'catalog-info.yaml': text })
      writeFileSync(join(repository, 'catalog-info.yaml'), `${text}# later\n`)
      const { status, stdout, stderr } = tryIn(repository)
      assert.ok(status === 0 || status === 1, `${name}: ${status} ${stderr}`)
      assert.equal(stderr, '')
      assert.equal(verdicts(stdout)?.[1], 'Refused', `${name}: ${stdout}`)
      assert.match(stdout, /note +changes that are not committed are not pushed/)
    }
  })
})
