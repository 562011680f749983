// Checked files → SARIF 2.1.0, which code scanning on GHES and most editors read.
import { encodedPath } from '../../schemas/url-path.ts'
import type { CheckedFile } from '../catalog/file.ts'
import { codes } from '../diagnostics/codes.ts'
import type { Diagnostic, Fix, Place } from '../diagnostics/diagnostic.ts'
import { titles } from '../diagnostics/titles.ts'

export function sarifReport(files: readonly CheckedFile[], version: string): string {
  const problems = files.flatMap(file => file.diagnostics)
  const used = [...new Set(problems.map(({ code }) => code))].sort()
  const rules = used.map(id => ({
    id,
    shortDescription: { text: titles[id] },
    defaultConfiguration: { level: codes[id].severity ?? 'error' },
    ...helpUri(problems.find(({ code }) => code === id)),
  }))
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'catalog-gate', semanticVersion: version, rules } },
        columnKind: 'utf16CodeUnits',
        results: problems.map(problem => ({
          ruleId: problem.code,
          ruleIndex: used.indexOf(problem.code),
          level: problem.severity,
          message: { text: problem.hint ? `${problem.message}. ${problem.hint}` : problem.message },
          locations: [location(problem.path, problem)],
          ...(problem.label
            ? {
                relatedLocations: [{ ...location(problem.path, problem.label), message: { text: problem.label.text } }],
              }
            : {}),
          ...(problem.fix ? { fixes: [fixOf(problem.path, problem.fix, problem.hint)] } : {}),
        })),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

const helpUri = (problem: Diagnostic | undefined) => (problem?.url ? { helpUri: problem.url } : {})

const location = (path: string, place: Place) => ({
  physicalLocation: { artifactLocation: artifact(path), region: region(place) },
})

const fixOf = (path: string, { edits }: Fix, hint: string | undefined) => ({
  ...(hint === undefined ? {} : { description: { text: hint } }),
  artifactChanges: [
    {
      artifactLocation: artifact(path),
      replacements: edits.map(({ text, ...place }) => ({ deletedRegion: region(place), insertedContent: { text } })),
    },
  ],
})

const artifact = (path: string) => ({ uri: encodedPath(path) })

const region = ({ line, column, endLine, endColumn }: Place) => ({
  startLine: line,
  startColumn: column,
  endLine,
  endColumn,
})
