// Catalog files in which nothing is checked: the built hook names each, and follows a Location whatever its folder is called.
import { test } from 'node:test'
import { component, locationOf } from '../built-hook.ts'
import { assertQuiet, assertRefused, assertSays, usePushFixture } from './push-fixture.ts'

const fixture = usePushFixture()
const README = { 'README.md': 'x' }

test('an unrendered template at the root, an empty file, one with a comment alone: a line each', async () => {
  const { copy } = await fixture.seeded(README)
  const push = await copy.change({
    'catalog-info.yaml': component(`\${{ values.name }}`),
    'a/catalog-info.yaml': '',
    'b/catalog-info.yaml': '# to do\n',
  })
  assertSays(
    push,
    /^warning: catalog-info\.yaml was not checked: a template, by "\$\{\{ values\.name \}\}" in line 4$/m,
    /^warning: a\/catalog-info\.yaml has no entity in it$/m,
    /^warning: b\/catalog-info\.yaml has no entity in it$/m,
  )
})

test('a pointer of Git LFS is called one', async () => {
  const { copy } = await fixture.seeded(README)
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 311\n`
  assertRefused(
    await copy.change({ 'catalog-info.yaml': pointer }),
    'catalog-info.yaml:1:1: error: this is a Git LFS pointer',
  )
})

test('a folder called templates: its Locations are followed, its documents judged', async () => {
  const { copy } = await fixture.seeded(README)
  const inner = locationOf('./foo/template.yaml')
    .replace('name: all', 'name: templates')
    .replace('spec:', 'spec:\n  type: file')
  const template = `apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: { name: my template }
spec: { type: service, steps: [] }
`
  const files = {
    'catalog-info.yaml': locationOf('./templates/all.yaml'),
    'templates/all.yaml': inner,
    'templates/foo/template.yaml': template,
  }
  assertRefused(await copy.change(files), 'templates/all.yaml:5:9', 'templates/foo/template.yaml:3:19')
  const good = {
    ...files,
    'templates/all.yaml': inner.replace('file', 'url'),
    'templates/foo/template.yaml': template.replace('my ', 'my-'),
  }
  assertQuiet(await copy.change(good))
})
