// What the gate refuses and a schema can say, the editors' schema shows; what the gate takes, it leaves alone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editorSchema } from '../../scripts/build/editor-schema.ts'
import { rounds, seed } from '../support/campaign.ts'
import { startLanguageServer } from '../support/language-server.ts'
import { PROFILES, rulesFor } from './compare.ts'
import { compareInEditor } from './editor.ts'
import { mutant } from './mutants.ts'

const FILES = rounds(60, 3000)

for (const profile of PROFILES) {
  test(`near the border, profile ${profile}`, async t => {
    const rules = rulesFor(profile)
    const server = await startLanguageServer(editorSchema({ ...rules.installation, profile }))
    t.after(() => server.stop())
    const files = Array.from({ length: FILES }, (_, index) => ({
      name: `${profile}-${index}`,
      bytes: mutant(seed, index).bytes,
    }))
    const { accepted, refused, findings, placed, falseAlarms, silent } = await compareInEditor(files, rules, server)
    const shown = refused - silent.length
    const percent = (part: number, of: number) => `${((100 * part) / of).toFixed(1)} %`
    t.diagnostic(
      `seed ${seed}: ${accepted} accepted, ${falseAlarms.length} false alarms; of ${refused} refused for what a schema can say ${percent(shown, refused)} are shown, of their findings ${percent(placed, findings)}`,
    )
    assert.deepEqual(falseAlarms.slice(0, 3), [])
    assert.ok(shown / refused >= 0.95, silent.slice(0, 5).join('\n---\n'))
    assert.ok(placed / findings >= 0.9, `only ${placed} of ${findings} findings are shown in their places`)
    // A generator gone wrong agrees with everything.
    assert.ok(accepted > FILES / 8 && refused > FILES / 8, `${accepted} accepted, ${refused} refused`)
  })
}
