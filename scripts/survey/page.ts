// A survey as one page to look at: nothing from elsewhere, readable without JavaScript, on a phone, in the dark.
import { noun } from '../../schemas/count.ts'
import { type Html, html } from '../../schemas/html.ts'
import { firstCells, framed, number, repositoriesTable, type Share, severityOf, sharesOf } from './page-frame.ts'
import { isWhole, lineUrl, type SurveyReport } from './report.ts'
import { type Surveyed, VERDICTS, type Verdict } from './repository.ts'
import { VERDICT_WORDS } from './table.ts'

export function pageReport(report: SurveyReport): string {
  const { organizations, webUrl, atMs } = report
  const shares = sharesIn(report)
  const heading = 'What turning the catalog gate on would mean'
  const limits = html`<h2>What this survey cannot know</h2>
<div class="card">${report.limits.map(limit => html`<p>${limit}</p>`)}</div>`
  return framed({ title: 'Survey of', heading, organizations, webUrl, at: new Date(atMs).toISOString() }, [
    ...[summary(report, shares), reasons(report), unlooked(report), repositories(report, shares), limits],
  ])
}

const wordsOf = (verdict: Verdict) => VERDICT_WORDS.find(([one]) => one === verdict)?.[1] ?? verdict
const colourOf = (verdict: Verdict) => (['refused', 'warned', 'accepted'].includes(verdict) ? verdict : 'rest')

const sharesIn = ({ counts }: SurveyReport): Share[] =>
  VERDICT_WORDS.map(([value, words]) => ({ value, words, title: words, n: counts[value], colour: colourOf(value) }))

function summary({ counts }: SurveyReport, shares: Share[]): Html {
  const checked = counts.refused + counts.warned + counts.accepted
  const share = checked === 0 ? '' : ` (${((100 * counts.refused) / checked).toFixed(1)} %)`
  return html`<p class="headline ${counts.refused > 0 ? 'bad' : 'good'}">${number(counts.refused)} of ${number(checked)} repositories with a catalog file would be refused${share}</p>
${sharesOf(shares, `${number(counts.refused)} of ${number(counts.repositories)} repositories would be refused`)}
<p class="soft">${number(counts.repositories)} ${noun(counts.repositories, 'repository', 'repositories')} in all, ${number(counts.forks)} of them ${noun(counts.forks, 'a fork', 'forks')}; ${number(counts.files)} catalog ${noun(counts.files, 'file')} with ${number(counts.errors)} ${noun(counts.errors, 'error')} and ${number(counts.warnings)} ${noun(counts.warnings, 'warning')}.</p>`
}

function reasons({ reasons: all }: SurveyReport): Html {
  if (all.length === 0) return html``
  const rows = all.map(
    ({
      code,
      severity,
      title,
      repositories: n,
      problems,
    }) => html`<tr><td class="n">${number(n)}</td><td class="n">${number(problems)}</td><td>${severityOf(severity)}</td><td>${title} <code class="soft">${code}</code></td></tr>
`,
  )
  return html`<h2>Why</h2>
<table class="reasons"><thead><tr><th>Repositories</th><th>Problems</th><th>Severity</th><th>What</th></tr></thead><tbody>
${rows}</tbody></table>`
}

function unlooked(report: SurveyReport): Html {
  if (isWhole(report)) return html``
  const n = report.counts['not-looked-at']
  return html`<h2>Not all was looked at</h2>
<div class="card warn">${report.failures.map(failure => html`<p>${failure}</p>`)}${n > 0 ? html`<p>${n} ${noun(n, 'repository', 'repositories')} could not be looked at; the list has the reasons.</p>` : ''}</div>`
}

const repositories = (report: SurveyReport, shares: Share[]): Html =>
  repositoriesTable({
    shares,
    filter: 'Name, owner, code or words',
    heads: ['Verdict', 'Errors', 'What'],
    rows: report.repositories.map(one => row(report, one)),
  })

function row({ webUrl }: SurveyReport, one: Surveyed): Html {
  const { repository, verdict, fork, owners, problems, notes, reason } = one
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const tone =
    verdict === 'refused'
      ? 'bad'
      : verdict === 'warned' || verdict === 'not-looked-at'
        ? 'warn'
        : verdict === 'accepted'
          ? 'good'
          : 'soft'
  const about = [
    ...(fork ? ['fork'] : []),
    ...(owners.length > 0 ? [`owner ${owners.slice(0, 5).join(', ')}`] : []),
  ].join('; ')
  const remarks = [
    ...(reason === undefined ? [] : [reason]),
    ...notes.map(({ path, text }) => `${path ?? 'it'} ${text}`),
  ]
  return html`<tr data-verdict="${verdict}">${firstCells({ webUrl, repository, about }, { order: VERDICTS.indexOf(verdict), tone, words: wordsOf(verdict) })}<td class="n" data-unit="${noun(errors, 'error')}">${errors || ''}</td><td>${problemList(webUrl, one)}${remarks.map(text => html`<div class="soft">${text}</div>`)}</td></tr>
`
}

function problemList(webUrl: string, one: Surveyed): Html {
  const [first] = one.problems
  if (first === undefined) return html``
  const items = one.problems.map(
    ({ path, line, column, severity, code, message, hint }) =>
      html`<li><a href="${lineUrl(webUrl, one, path, line)}"><code>${path}:${line}:${column}</code></a> ${severityOf(severity)} ${message} <code class="soft">${code}</code>${hint === undefined ? '' : html`<div class="soft">${hint}</div>`}</li>`,
  )
  const worst = one.problems.find(({ severity }) => severity === 'error') ?? first
  return html`<details><summary>${worst.message}${one.problems.length > 1 ? ` and ${one.problems.length - 1} more` : ''}</summary><ol class="problems">${items}</ol></details>`
}
