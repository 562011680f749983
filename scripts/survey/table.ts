// A survey for the terminal: how many, why, and the first of them.

import { count } from '../../schemas/count.ts'
import { printable } from '../../schemas/printable.ts'
import { isWhole, type SurveyReport } from './report.ts'
import type { Surveyed, Verdict } from './repository.ts'

/** How a verdict is told, in the order of telling. */
export const VERDICT_WORDS: readonly (readonly [Verdict, string])[] = [
  ['refused', 'would be refused'],
  ['warned', 'errors, but hook.yaml only warns there'],
  ['accepted', 'accepted'],
  ['no-catalog-file', 'no catalog file'],
  ['off', 'hook.yaml turns the gate off there'],
  ['empty', 'empty'],
  ['archived', 'archived'],
  ['disabled', 'disabled or locked'],
  ['not-looked-at', 'not looked at'],
]

/** As many are listed on a terminal; the files hold all. */
const MOST_LISTED = 20
const WIDTH = 100

export function tableReport(report: SurveyReport, { csv, html }: { csv?: string; html?: string }): string {
  const { counts, organizations } = report
  const lines = [
    `${count(counts.repositories, 'repository', 'repositories')} of ${organizations.join(', ')}, ${count(counts.files, 'catalog file')}`,
    '',
    ...VERDICT_WORDS.filter(([verdict]) => counts[verdict] > 0 || verdict === 'refused').map(
      ([verdict, words]) => `${String(counts[verdict]).padStart(7)}  ${words}${share(verdict, report)}`,
    ),
    ...(counts.forks > 0
      ? ['', `${count(counts.forks, 'of them is a fork', 'of them are forks')}; a fork is checked like any other.`]
      : []),
    ...reasonLines(report),
    ...repositoryLines(report),
    ...unlookedLines(report),
    '',
    ...report.limits,
    ...[csv, html].flatMap(file => (file === undefined ? [] : [`All of it: ${file}`])),
  ]
  return lines.map(line => `${printable(line)}\n`).join('')
}

function share(verdict: Verdict, { counts }: SurveyReport): string {
  const checked = counts.refused + counts.warned + counts.accepted
  return verdict === 'refused' && checked > 0
    ? ` (${((100 * counts.refused) / checked).toFixed(1)} % of ${checked} with a catalog file)`
    : ''
}

function reasonLines({ reasons }: SurveyReport): string[] {
  if (reasons.length === 0) return []
  const width = Math.max(...reasons.map(({ code }) => code.length))
  return [
    '',
    `${'repositories'.padStart(12)}  ${'problems'.padStart(8)}  why`,
    ...reasons.map(
      ({ code, severity, title, repositories, problems }) =>
        `${String(repositories).padStart(12)}  ${String(problems).padStart(8)}  ${code.padEnd(width)}  ${severity === 'warning' ? 'warning: ' : ''}${title}`,
    ),
  ]
}

function repositoryLines({ repositories }: SurveyReport): string[] {
  const refused = repositories.filter(({ verdict }) => verdict === 'refused')
  if (refused.length === 0) return []
  const more = refused.length - MOST_LISTED
  return [
    '',
    'Would be refused:',
    ...refused.slice(0, MOST_LISTED).flatMap(describe),
    ...(more > 0 ? [`  and ${more} more; --csv FILE or --html FILE lists them all`] : []),
  ]
}

function describe({ repository, problems, owners }: Surveyed): string[] {
  const errors = problems.filter(({ severity }) => severity === 'error')
  const [first] = errors
  if (first === undefined) return []
  const owned = owners.length > 0 ? ` (owner ${owners.slice(0, 3).join(', ')})` : ''
  const rest = errors.length > 1 ? ` and ${errors.length - 1} more` : ''
  const text = `${first.path}:${first.line}:${first.column}: ${first.message} [${first.code}]`
  return [`  ${repository}${owned}`, `    ${text.length > WIDTH ? `${text.slice(0, WIDTH - 3)}...` : text}${rest}`]
}

function unlookedLines(report: SurveyReport): string[] {
  if (isWhole(report)) return []
  const unlooked = report.repositories.filter(({ verdict }) => verdict === 'not-looked-at')
  const more = unlooked.length - MOST_LISTED
  return [
    '',
    'Not looked at:',
    ...report.failures.map(failure => `  ${failure}`),
    ...unlooked.slice(0, MOST_LISTED).map(({ repository, reason = '' }) => `  ${repository}: ${reason}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ]
}
