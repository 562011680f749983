// Real pushes to what an installation's settings decide: its placeholders, its rules.
import { test } from 'node:test'
import { buildInto, GOOD, locationOf } from '../built-hook.ts'
import { assertQuiet, assertRefused, usePushFixture } from '../push/push-fixture.ts'

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
    'kind "User" is not taken from this file',
    'it is taken from https://*/acme/org/blob/main/**: move it there',
    '\nthe catalog takes nothing of this file until then: 1 good document is withheld\n',
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
