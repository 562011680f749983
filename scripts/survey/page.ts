// A survey as one page to look at: nothing from elsewhere, readable without JavaScript, on a phone, in the dark.
import { noun } from '../../schemas/count.ts'
import { type Html, html } from '../../schemas/html.ts'
import { encodedPath } from '../../schemas/url-path.ts'
import { policyWith, SCRIPT, STYLE } from './page-assets.ts'
import { isWhole, lineUrl, type SurveyReport } from './report.ts'
import { type Surveyed, VERDICTS, type Verdict } from './repository.ts'
import { VERDICT_WORDS } from './table.ts'

const POLICY = policyWith(STYLE)

export function pageReport(report: SurveyReport): string {
  const { organizations, webUrl, atMs } = report
  const host = URL.canParse(webUrl) ? new URL(webUrl).host : webUrl
  const names = organizations.join(', ')
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${{ markup: POLICY }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Survey of ${names}</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
<main>
<h1>What turning the catalog gate on would mean</h1>
<div class="soft">${names} on ${host}, ${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC</div>
${summary(report)}
${reasons(report)}
${unlooked(report)}
${repositories(report)}
<h2>What this survey cannot know</h2>
<div class="card">${report.limits.map(limit => html`<p>${limit}</p>`)}</div>
</main>
<script>${{ markup: SCRIPT }}</script>
</body>
</html>
`
  return page.markup
}

const number = (n: number) => n.toLocaleString('en')
const wordsOf = (verdict: Verdict) => VERDICT_WORDS.find(([one]) => one === verdict)?.[1] ?? verdict
const colourOf = (verdict: Verdict) => (['refused', 'warned', 'accepted'].includes(verdict) ? verdict : 'rest')

function summary({ counts }: SurveyReport): Html {
  const checked = counts.refused + counts.warned + counts.accepted
  let at = 0
  const bars = VERDICT_WORDS.map(([verdict]) => {
    const width = (1000 * counts[verdict]) / Math.max(1, counts.repositories)
    at += width
    return html`<rect class="${colourOf(verdict)}" x="${(at - width).toFixed(2)}" width="${width.toFixed(2)}" height="10"><title>${wordsOf(verdict)}: ${number(counts[verdict])}</title></rect>`
  })
  const entries = VERDICT_WORDS.filter(([verdict]) => counts[verdict] > 0).map(
    ([verdict, words]) =>
      html`<li><span class="dot ${colourOf(verdict)}"></span><b>${number(counts[verdict])}</b> ${words}</li>`,
  )
  const share = checked === 0 ? '' : ` (${((100 * counts.refused) / checked).toFixed(1)} %)`
  return html`<p class="headline ${counts.refused > 0 ? 'bad' : 'good'}">${number(counts.refused)} of ${number(checked)} repositories with a catalog file would be refused${share}</p>
<svg viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="${number(counts.refused)} of ${number(counts.repositories)} repositories would be refused">${bars}</svg>
<ul class="counts">${entries}</ul>
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
    }) => html`<tr><td class="n">${number(n)}</td><td class="n">${number(problems)}</td><td><span class="${severity === 'error' ? 'bad' : 'warn'}">${severity}</span></td><td>${title} <code class="soft">${code}</code></td></tr>
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

function repositories(report: SurveyReport): Html {
  const options = VERDICT_WORDS.filter(([verdict]) => report.counts[verdict] > 0).map(
    ([verdict, words]) => html`<option value="${verdict}">${words}</option>`,
  )
  return html`<h2>Repositories</h2>
<form hidden><input name="text" type="search" placeholder="Name, owner, code or words" aria-label="Filter"><select name="verdict" aria-label="Verdict"><option value="">all</option>${options}</select><output class="soft"></output></form>
<table class="repositories"><thead><tr><th>Repository</th><th>Verdict</th><th>Errors</th><th>What</th></tr></thead><tbody>
${report.repositories.map(one => row(report, one))}</tbody></table>`
}

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
  return html`<tr data-verdict="${verdict}"><td class="repository"><a href="${urlOf(webUrl, repository)}">${repository}</a>${about ? html`<div class="soft">${about}</div>` : ''}</td><td data-key="${VERDICTS.indexOf(verdict)}"><span class="badge ${tone}">${wordsOf(verdict)}</span></td><td class="n" data-unit="${noun(errors, 'error')}">${errors || ''}</td><td>${problemList(webUrl, one)}${remarks.map(text => html`<div class="soft">${text}</div>`)}</td></tr>
`
}

function problemList(webUrl: string, one: Surveyed): Html {
  const [first] = one.problems
  if (first === undefined) return html``
  const items = one.problems.map(
    ({ path, line, column, severity, code, message, hint }) =>
      html`<li><a href="${lineUrl(webUrl, one, path, line)}"><code>${path}:${line}:${column}</code></a> <span class="${severity === 'error' ? 'bad' : 'warn'}">${severity}</span> ${message} <code class="soft">${code}</code>${hint === undefined ? '' : html`<div class="soft">${hint}</div>`}</li>`,
  )
  const worst = one.problems.find(({ severity }) => severity === 'error') ?? first
  return html`<details><summary>${worst.message}${one.problems.length > 1 ? ` and ${one.problems.length - 1} more` : ''}</summary><ol class="problems">${items}</ol></details>`
}

/** Its name is GHES's, and so harmless; the address is the administrator's. */
const urlOf = (webUrl: string, repository: string) => `${webUrl}/${encodedPath(repository)}`
