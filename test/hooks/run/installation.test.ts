// Real pushes to what an installation's settings decide: its placeholders, its rules.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { buildInto, GOOD, locationOf, runHook } from '../built-hook.ts'
import { countingGit } from '../odd-git.ts'
import { assertQuiet, assertRefused, assertSays, usePushFixture } from '../push/push-fixture.ts'

const fixture = usePushFixture()

const api = (definition: string) => `apiVersion: backstage.io/v1alpha1
kind: API
metadata: { name: orders }
spec: { type: openapi, lifecycle: production, owner: team-a, definition: ${definition} }
`
const user = `apiVersion: backstage.io/v1alpha1
kind: User
metadata: { name: jane }
spec: { memberOf: [] }
`

test('placeholders: those of the openapi module by default; without it, and with one of their own', async () => {
  const files = { 'catalog-info.yaml': api('{ $openapi: ./openapi.yaml }'), 'openapi.yaml': 'openapi: 3.0.0\n' }
  const { copy } = await fixture.seeded({ 'README.md': 'x' })
  assertQuiet(await copy.change(files))
  const placeholders = ['text', 'json', 'yaml', 'topic']
  const hook = await buildInto(fixture.host.directory, 'placeholders', { catalog: { placeholders } })
  const other = await fixture.seeded({ 'README.md': 'x' }, { hook })
  assertRefused(await other.copy.change(files), '[placeholder-unknown]', 'openapi module')
  assertQuiet(await other.copy.change({ 'catalog-info.yaml': api('{ $topic: orders.v1 }') }))
})

test('rules: by kind, and by the place of a file on its branch', async () => {
  const rules = [
    { allow: ['Component', 'Location'] },
    { allow: ['User'], locations: [{ type: 'url', pattern: 'https://*/acme/org/blob/main/**' }] },
  ]
  const hook = await buildInto(fixture.host.directory, 'kinds', {
    catalog: { rules },
    enforce: { otherBranches: 'enforce' },
  })
  const { copy } = await fixture.seeded({ 'README.md': 'x' }, { hook })
  assertQuiet(await copy.change({ 'catalog-info.yaml': GOOD }))
  assertRefused(
    await copy.change({ 'catalog-info.yaml': `${GOOD}---\n${user}` }),
    'kind "User" is not accepted from this file',
    'it is accepted from https://*/acme/org/blob/main/**: move it there',
    '\nuntil then the catalog accepts nothing of this file: 1 good document is withheld\n',
  )
  const org = await fixture.seeded({ 'README.md': 'x' }, { hook, fullName: 'acme/org' })
  assertQuiet(await org.copy.change({ 'a/catalog-info.yaml': user }))
  assertQuiet(await org.copy.push({ refs: ['HEAD:refs/heads/topic'] }))
})

test('rules: a file that an unchanged Location names is judged by the place of that one', async () => {
  const exact = 'https://ghes.test/acme/all/blob/main/catalog-info.yaml'
  const rules = [{ allow: ['Location'] }, { allow: ['User'], locations: [{ type: 'url', exact }] }]
  const hook = await buildInto(fixture.host.directory, 'named', { catalog: { rules } })
  const files = { 'catalog-info.yaml': locationOf('./a/catalog-info.yaml') }
  const { copy } = await fixture.seeded(files, { hook, fullName: 'acme/all' })
  assertQuiet(await copy.change({ 'a/catalog-info.yaml': user }))
  assertRefused(await copy.change({ 'b/catalog-info.yaml': user.replace('jane', 'joe') }), '[kind-not-allowed]')
})

suite('owners from CODEOWNERS', () => {
  const ownerless = GOOD.replace(', owner: team-a', '')
  const owners = { '.github/CODEOWNERS': '/svc/ @acme/team-b\n* @acme/all\n/docs/\n' }
  const hookOf = (name: string, ownerFrom?: string) =>
    buildInto(fixture.host.directory, name, { catalog: ownerFrom === undefined ? {} : { ownerFrom } })

  test('codeowners: of the pushed tree, and told where it says nothing', async () => {
    const hook = await hookOf('owners', 'codeowners')
    const { copy } = await fixture.seeded({ 'README.md': 'x' }, { hook })
    assertRefused(
      await copy.change({ 'catalog-info.yaml': ownerless }),
      'spec.owner is missing; there is no CODEOWNERS file to take it from',
    )
    assertQuiet(await copy.change(owners))
    assertQuiet(await copy.change({ 'catalog-info.yaml': `${ownerless}# again\n` }))
    assertRefused(
      await copy.change({ 'docs/catalog-info.yaml': ownerless.replace('payments', 'docs') }),
      'spec.owner is missing; .github/CODEOWNERS names no owner of this file',
    )
  })

  test('left out: a warning where there is such a file, else an error', async () => {
    const hook = await hookOf('unsure')
    const { copy } = await fixture.seeded({ 'README.md': 'x' }, { hook })
    assertRefused(await copy.change({ 'catalog-info.yaml': ownerless }), 'spec.owner is missing [missing-field]')
    assertSays(
      await copy.change({ ...owners, 'catalog-info.yaml': `${ownerless}# again\n` }),
      /^warning: this push was accepted/,
      /catalog\.ownerFrom/,
    )
  })

  test('what it costs: nothing without a missing owner, else two calls of git', async () => {
    const hook = await hookOf('counted', 'codeowners')
    const { PATH, calls } = countingGit(join(fixture.host.directory, 'counting-owners'))
    const { repository, copy } = await fixture.seeded(owners, { hook })
    const callsOf = async (files: Record<string, string>) => {
      const before = await copy.git('rev-parse', 'HEAD')
      assertQuiet(await copy.change(files))
      const input = `${before} ${await copy.git('rev-parse', 'HEAD')} refs/heads/main\n`
      const run = await runHook([hook], { cwd: repository.directory, input, env: { PATH } })
      assert.deepEqual([run.exitCode, run.stdout], [0, ''])
      return calls()
    }
    const usual = await callsOf({ 'catalog-info.yaml': GOOD })
    const two = { 'a/catalog-info.yaml': ownerless, 'b/catalog-info.yaml': ownerless.replace('payments', 'b') }
    assert.deepEqual(await callsOf(two), [...usual, 'cat-file --batch', 'ls-tree'].sort())
  })
})
