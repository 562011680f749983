// A survey as CSV (RFC 4180): a line for each problem, and one for each repository without any.
import { lineUrl, type SurveyReport } from './report.ts'

const HEAD = [
  ...['repository', 'verdict', 'branch', 'fork', 'owners', 'path', 'line', 'column', 'severity', 'code', 'message'],
  ...['hint', 'url', 'remark'],
]

export function csvReport({ repositories, failures, webUrl }: SurveyReport): string {
  const rows = repositories.flatMap(one => {
    const { repository, verdict, branch = '', fork, owners, problems, notes, reason } = one
    const about = [repository, verdict, branch, fork ? 'yes' : 'no', owners.join(' ')]
    const remark = [reason, ...notes.map(({ path, text }) => `${path ?? ''} ${text}`.trim())].filter(Boolean).join('; ')
    if (problems.length === 0) return [[...about, '', '', '', '', '', '', '', '', remark]]
    return problems.map(({ path, line, column, severity, code, message, hint = '' }, i) => [
      ...[...about, path, String(line), String(column), severity, code, message, hint],
      ...[lineUrl(webUrl, one, path, line), i === 0 ? remark : ''],
    ])
  })
  const failed = failures.map(failure => ['', 'not-looked-at', ...Array<string>(HEAD.length - 3).fill(''), failure])
  return csvText([HEAD, ...rows, ...failed])
}

export const csvText = (rows: readonly (readonly string[])[]): string =>
  rows.map(row => `${row.map(cell).join(',')}\r\n`).join('')

/** What a spreadsheet would take for a formula begins with an apostrophe: OWASP, "CSV Injection". */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
