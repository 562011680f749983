// The editors' schema on this project's own cases: the golden files, the messages, the page of the checks.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { plainInstallation } from '../../hooks/config/hook-config.ts'
import { profile } from '../../schemas/compiled/builtin.mjs'
import { editorSchema } from '../../scripts/build/editor-schema.ts'
import { bakeHookConfig } from '../../scripts/config/hook-config.ts'
import { type Example, page, sectionsOf } from '../../scripts/maintain/checks-page.ts'
import { compareInEditor, type EditorFile } from '../agreement/editor.ts'
import { type LanguageServer, startLanguageServer } from '../support/language-server.ts'

const rules = { profile, installation: plainInstallation, repository: {}, severities: {}, helpUrl: '' }
let server: LanguageServer
before(async () => {
  server = await startLanguageServer(editorSchema({ ...plainInstallation, profile: 'builtin' }))
})
after(() => server.stop())

async function isShown(files: readonly EditorFile[], fewest: number): Promise<void> {
  const { refused, accepted, findings, placed, falseAlarms, silent } = await compareInEditor(files, rules, server)
  assert.ok(accepted + refused >= fewest, `${accepted} accepted and ${refused} refused are too few`)
  assert.deepEqual(falseAlarms, [])
  assert.deepEqual(silent, [])
  assert.ok(placed / findings >= 0.95, `${placed} of ${findings} findings are shown in their places`)
}

test('golden files', async () => {
  const cases = join(import.meta.dirname, '../cases')
  // That one names a schema of its own, which the language server then takes in the place of ours.
  const names = globSync('*.yaml', { cwd: cases }).filter(file => file !== 'root-schema-line.yaml')
  await isShown(
    names.map(file => ({ name: `case-${basename(file, '.yaml')}`, bytes: readFileSync(join(cases, file)) })),
    40,
  )
})

test('messages', async () => {
  const documents = readFileSync(join(import.meta.dirname, 'messages.txt'), 'utf8')
    .split(/^=== .*\n/m)
    .slice(1)
  const files = documents.map((part, i) => ({
    name: `message-${i}`,
    bytes: Buffer.from(part.replace(/^--->\n[\s\S]*/m, '')),
  }))
  await isShown(files, 40)
})

const examples = sectionsOf(readFileSync(page, 'utf8')).flatMap(section => section.examples)

test('examples of CHECKS.md', async () => {
  const plain = examples.filter(({ rule, hook }) => rule === undefined && hook === undefined)
  const files = plain.map(({ yaml }, i) => ({ name: `example-${i}`, bytes: Buffer.from(yaml) }))
  await isShown(files, 60)
})

test('its examples with a configuration', async () => {
  const configured = examples.filter(({ hook }) => hook !== undefined)
  assert.ok(configured.length >= 2)
  for (const example of configured) await isShownWith(example)
})

async function isShownWith({ kind, yaml, hook = '' }: Example): Promise<void> {
  const baked = bakeHookConfig(parse(hook))
  assert.ok(baked.result === 'config')
  const { catalog } = baked.config
  const own = await startLanguageServer(editorSchema(catalog))
  try {
    const file = { name: 'example', bytes: Buffer.from(yaml) }
    const found = await compareInEditor([file], { ...rules, installation: catalog }, own)
    assert.deepEqual([...found.falseAlarms, ...found.silent], [])
    if (kind === 'wrong') assert.equal(found.placed, found.findings)
  } finally {
    own.stop()
  }
}
