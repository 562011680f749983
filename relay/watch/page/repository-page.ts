// A repository's own page, for whoever owns it: what would be refused on its default branch today, and what has been pushed.
import { type Html, html } from '../../../schemas/html.ts'
import { encodedPath } from '../../../schemas/url-path.ts'
import type { PushSummary } from '../../store/ports/records.ts'
import type { SurveyAnswer, SurveyedRepository } from '../survey-file.ts'
import type { Links } from './links.ts'
import { pushTable } from './overview.ts'
import { count, cut, sentence, time } from './words.ts'

export type RepositoryView = {
  /** OWNER/NAME, as asked for. */
  repository: string
  survey: SurveyAnswer
  /** Latest first. */
  pushes: readonly PushSummary[]
  nowMs: number
  links: Links
}

/** Where the page of OWNER/NAME is. */
export const repositoryAddress = (repository: string) => `/repositories/${encodedPath(repository)}`

/** So many are shown; the rest is counted. */
const SHOWN = 100

export function repositoryPage({ repository, survey, pushes, nowMs, links }: RepositoryView): Html {
  return html`<p class="crumbs"><a href="/">Status</a></p>
<h1>${cut(repository, 80)}</h1>
<section aria-labelledby="today"><h2 id="today">What would be refused on the default branch</h2>
${surveyed(survey, nowMs)}${sinceThen(survey, pushes, nowMs)}
<p class="dim">To look by yourself, in a clone: <code>catalog-gate check</code> finds the same; <code>catalog-gate check --fix</code> mends what is certain.</p></section>
<section aria-labelledby="pushes"><h2 id="pushes">Latest pushes</h2>
${pushTable(pushes, { nowMs, links }, 'None that is kept. Pushes are forgotten eight days after they have ended.')}</section>`
}

function surveyed(survey: SurveyAnswer, nowMs: number): Html {
  switch (survey.result) {
    case 'none':
      return html`<p class="empty">No survey is shown here: <code>survey</code> in relay.yaml names none. What pushes have shown is below.</p>`
    case 'unreadable':
      return html`<p class="empty">The survey that <code>survey</code> in relay.yaml names cannot be shown: ${sentence(cut(survey.reason, 200))}</p>`
    case 'not in it':
      return html`<p class="empty">The survey of ${time(survey.atMs, nowMs)} does not have this repository.</p>`
    case 'surveyed':
      return html`<p class="lead">${verdictOf(survey.repository)} <span class="dim">As of the survey, ${time(survey.atMs, nowMs)}.</span></p>${problemsOf(survey.repository)}`
  }
}

function verdictOf({ verdict, branch, reason, files, problems }: SurveyedRepository): Html {
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const where = html`${branch ? html`The next push of a catalog file to ${cut(branch, 80)}` : 'The next push of a catalog file'}`
  switch (verdict) {
    case 'refused':
      return html`${where} would be refused as long as its file has one of these: ${count(errors, 'error')}.`
    case 'warned':
      return html`There ${errors === 1 ? 'is' : 'are'} ${count(errors, 'error')}. Pushes are only warned here so far.`
    case 'accepted':
      return html`Nothing would be refused: ${count(files.length, 'catalog file')} ${files.length === 1 ? 'is' : 'are'} as the catalog wants ${files.length === 1 ? 'it' : 'them'}.`
    case 'no-catalog-file':
      return html`It has no catalog file.`
    case 'not-looked-at':
      return html`It could not be looked at${reason === undefined ? '' : html`: ${cut(reason, 200)}`}.`
    case 'off':
      return html`The gate is turned off for it.`
    default:
      return html`Nobody can push to it now: it is ${cut(verdict, 40)}.`
  }
}

function problemsOf({ problems, notes }: SurveyedRepository): Html {
  const errorsFirst = problems.toSorted((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'))
  const rest = problems.length - SHOWN
  return html`${
    problems.length > 0 &&
    html`<ul class="rows">${errorsFirst
      .slice(0, SHOWN)
      .map(
        ({ severity, code, path, line, message, hint, source }) =>
          html`<li><span class="badge ${severity === 'error' ? 'bad' : 'wait'}">${severity}</span> ${place(`${path}:${line}`, source)} <span>${sentence(cut(message, 400))}</span>${hint && html` <span>${sentence(cut(hint, 400))}</span>`} <span class="dim">${cut(code, 60)}</span></li>`,
      )}</ul>`
  }${rest > 0 && html`<p class="dim">And ${count(rest, 'more')}.</p>`}${
    notes.length > 0 &&
    html`<ul class="rows dim">${notes.slice(0, SHOWN).map(({ path, text }) => html`<li>${path && html`<code>${cut(path, 200)}</code> `}${cut(text, 300)}</li>`)}</ul>`
  }`
}

/** Only an address of the web: the file is written by another program. */
const place = (text: string, source: string | undefined): Html =>
  source !== undefined && /^https?:\/\//.test(source)
    ? html`<a href="${source}"><code>${cut(text, 200)}</code></a>`
    : html`<code>${cut(text, 200)}</code>`

/** What the hook has said of pushes that came after the survey, of the branch that it looked at where that is known. */
function sinceThen(survey: SurveyAnswer, pushes: readonly PushSummary[], nowMs: number): Html | false {
  const fromMs = 'atMs' in survey ? survey.atMs : 0
  const branch = survey.result === 'surveyed' ? survey.repository.branch : undefined
  const found = pushes.filter(
    ({ gate, ref, receivedAtMs, state }) =>
      gate !== undefined &&
      receivedAtMs > fromMs &&
      state !== 'rejected' &&
      (branch === undefined || ref === `refs/heads/${branch}`),
  )
  return (
    found.length > 0 &&
    html`<h3>${fromMs === 0 ? 'What pushes have shown' : 'Pushed since'}</h3><ul class="rows">${found.map(
      ({ id, gate, receivedAtMs }) =>
        html`<li><a href="/pushes/${encodeURIComponent(id)}">${time(receivedAtMs, nowMs)}</a> ${gate && gateWords(gate)}</li>`,
    )}</ul>`
  )
}

export function gateWords({ errors, warnings, first }: NonNullable<PushSummary['gate']>): Html {
  if (errors === 0 && warnings === 0) return html`The hook has found nothing wrong.`
  const counts = [errors > 0 && count(errors, 'error'), warnings > 0 && count(warnings, 'warning')].filter(Boolean)
  return html`The hook has found ${counts.join(' and ')}${first === undefined ? '.' : html`: ${sentence(cut(first, 300))}`}`
}
