// Fixes in SARIF as the specification has them (2.1.0, 3.30, 3.55 to 3.57): regions in UTF-16 units with an exclusive end, a URI, what goes and what comes.
//
// The whole report was held against OASIS's schema by hand; its licence keeps it out of this repository.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unbounded } from '../../../hooks/catalog/check-files.ts'
import { checkFile } from '../../../hooks/catalog/file.ts'
import { withFixes } from '../../../hooks/catalog/fixes/find.ts'
import { plainInstallation } from '../../../hooks/config/hook-config.ts'
import { applyEdits } from '../../../hooks/diagnostics/fix.ts'
import { sarifReport } from '../../../hooks/report/sarif.ts'
import { profile } from '../../../schemas/compiled/builtin.mjs'

const rules = { profile, installation: plainInstallation, repository: {}, severities: {}, helpUrl: '' }

const FILE = `apiversion: backstage.io/v1alpha1
kind: Component
metadata:
  name: a
  labels: {"\u{1f600}x": a, "b": 1.10}
spec:
  type: service
   lifecycle: production
  owner: t
`
/** Each by itself: of a document that is no YAML nothing else is told. */
const TEXTS = [
  FILE.replace('   lifecycle', '  lifecycle'),
  FILE.replace('apiversion', 'apiVersion').replace(/"b": 1.10|\u{1f600}/gu, ''),
  '- apiVersion: backstage.io/v1alpha1\n- kind: Component\n- metadata:\n    name: a\n- spec: { type: a, lifecycle: b, owner: c }\n',
].flatMap(text => [text, text.startsWith('-') ? text : `\ufeff${text}`, text.replaceAll('\n', '\r\n')])

type Region = { startLine: number; startColumn: number; endLine: number; endColumn: number }
type Replacement = { deletedRegion: Region; insertedContent: { text: string } }
type SarifFix = {
  description: { text: string }
  artifactChanges: { artifactLocation: { uri: string }; replacements: Replacement[] }[]
}

const edgesFor = (path: string) => ({
  again: async (bytes: Uint8Array) => checkFile(path, bytes, rules),
  taken: new Set<string>(),
  budget: unbounded,
  profile,
})

test('every fix: one change of one artifact, whose replacements make what the fix makes', async () => {
  const path = 'ä %#é/[x]:1 y/catalog-info.yaml'
  let count = 0
  for (const text of TEXTS) {
    const file = await withFixes(checkFile(path, Buffer.from(text), rules), edgesFor(path))
    const [run] = JSON.parse(sarifReport([file], '0.0.0')).runs
    assert.equal(run.columnKind, 'utf16CodeUnits')
    for (const [i, { fixes = [] }] of run.results.entries() as Iterable<[number, { fixes?: SarifFix[] }]>) {
      const { fix, hint } = file.diagnostics[i] ?? assert.fail('a result without its diagnostic')
      assert.equal(fixes.length, fix ? 1 : 0)
      for (const { description, artifactChanges } of fixes) {
        const [change, ...more] = artifactChanges
        assert.deepEqual([description.text, more], [hint, []])
        assert.ok(change && change.replacements.length > 0)
        const { uri } = change.artifactLocation
        assert.match(uri, /^(?:[A-Za-z0-9\-._~!$&'()*+,;=@/]|%[0-9A-F]{2})+$/, 'percent-encoded')
        assert.equal(decodeURIComponent(uri), path)
        assert.equal(replaced(text, change.replacements), applyEdits(text, fix?.edits ?? []))
        count++
      }
    }
  }
  assert.ok(count >= 12, `${count} fixes`)
})

/** As a reader of the report does it: lines from 1, columns in UTF-16 units from 1, a byte order mark is none of them. */
function replaced(text: string, replacements: readonly Replacement[]): string {
  const mark = text.startsWith('\ufeff') ? '\ufeff' : ''
  const lines = text.slice(mark.length).split('\n')
  const offset = (line: number, column: number) => {
    assert.ok(line >= 1 && column >= 1 && column <= (lines[line - 1] ?? '').length + 1, `${line}:${column} is a place`)
    return lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0) + column - 1
  }
  const inOrder = replacements
    .map(({ deletedRegion: { startLine, startColumn, endLine, endColumn }, insertedContent }) => ({
      start: offset(startLine, startColumn),
      end: offset(endLine, endColumn),
      put: insertedContent.text,
    }))
    .toSorted((a, b) => b.start - a.start || b.end - a.end)
  return (
    mark + inOrder.reduce((now, { start, end, put }) => now.slice(0, start) + put + now.slice(end), lines.join('\n'))
  )
}
