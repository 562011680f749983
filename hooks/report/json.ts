// Checked files → JSON for machines: `catalog-gate check --format json`. Fields may be added, none are renamed.
import type { CheckedFile } from '../catalog/file.ts'
import type { Note } from '../diagnostics/note.ts'

export function jsonReport(files: readonly CheckedFile[], notes: readonly Note[]): string {
  const problems = files.flatMap(file => file.diagnostics)
  const report = {
    files: files.map(({ path, documents }) => ({ path, documents })),
    problems: problems.map(({ label, ...problem }) => ({
      code: problem.code,
      severity: problem.severity,
      path: problem.path,
      document: problem.document,
      line: problem.line,
      column: problem.column,
      endLine: problem.endLine,
      endColumn: problem.endColumn,
      message: problem.message,
      ...(problem.hint === undefined ? {} : { hint: problem.hint }),
      ...(problem.url === undefined ? {} : { url: problem.url }),
      ...(label === undefined ? {} : { related: label }),
      ...(problem.fix === undefined ? {} : { fix: problem.fix }),
    })),
    ...(notes.length > 0
      ? { notChecked: notes.map(({ path, text }) => ({ ...(path === undefined ? {} : { path }), reason: text })) }
      : {}),
    counts: {
      files: files.length,
      documents: files.reduce((sum, file) => sum + file.documents.length, 0),
      errors: problems.filter(({ severity }) => severity === 'error').length,
      warnings: problems.filter(({ severity }) => severity === 'warning').length,
    },
  }
  return `${JSON.stringify(report, null, 2)}\n`
}
