// Checked files in the format that was asked for.
import type { CheckedFile } from '../../hooks/catalog/file.ts'
import type { HookConfig } from '../../hooks/config/hook-config.ts'
import type { Note } from '../../hooks/diagnostics/note.ts'
import { annotations } from '../../hooks/report/annotations.ts'
import { jsonReport } from '../../hooks/report/json.ts'
import { sarifReport } from '../../hooks/report/sarif.ts'
import { terminalReport } from '../../hooks/report/terminal.ts'
import packageJson from '../../package.json' with { type: 'json' }
import type { CheckOptions } from './options.ts'
import { summaryOf } from './summary.ts'

export function render(
  format: CheckOptions['format'],
  files: readonly CheckedFile[],
  { notes, unseen }: { notes: readonly Note[]; unseen: readonly Note[] },
  config: HookConfig,
): string {
  if (format === 'json') return jsonReport(files, [...notes, ...unseen])
  if (format === 'sarif') return sarifReport(files, packageJson.version)
  if (format === 'github') return annotations(files)
  const diagnostics = files.flatMap(file => file.diagnostics)
  const texts = new Map(files.map(file => [file.path, file.text]))
  const report = terminalReport({
    headline: 'check',
    rejected: diagnostics.some(({ severity }) => severity === 'error'),
    diagnostics,
    textOf: path => texts.get(path) ?? '',
    notes: [...notes, ...unseen],
    maxProblems: Number.POSITIVE_INFINITY,
    short: false,
    footer: config.help.footer ? [config.help.footer] : [],
  })
  return `${files.length === 0 ? '' : summaryOf(files, notes.length > 0)}${report}`
}
