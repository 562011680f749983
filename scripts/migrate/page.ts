// A migration as one page to look at: nothing from elsewhere, readable without JavaScript, on a phone, in the dark.
import { noun } from '../../schemas/count.ts'
import { type Html, html } from '../../schemas/html.ts'
import {
  firstCells,
  framed,
  number,
  repositoriesTable,
  type Share,
  severityOf,
  sharesOf,
} from '../survey/page-frame.ts'
import { STANDINGS, type Standing } from './plan.ts'
import type { Report, ReportRow } from './report.ts'
import { deliveryWords, STANDING_WORDS, standingWords } from './words.ts'

const STYLE = `
svg .propose, .dot.propose { fill: var(--link); background: var(--link) } .propose { color: var(--link) }
pre { background: var(--card); border-radius: .4rem; padding: .7rem .9rem; white-space: pre-wrap; overflow-wrap: anywhere; font: .85em/1.45 ui-monospace, monospace; margin: .5rem 0 }
td { overflow-wrap: anywhere } .badge { white-space: normal; overflow-wrap: normal }
details table { font-size: .9em; margin: .4rem 0 } details td, details th { padding: .2rem .6rem .2rem 0 } details td:first-child { white-space: nowrap; padding-right: .8rem } details td:nth-child(2) { min-width: 7rem }
@media (max-width: 40rem) { table.repositories details table td { display: table-cell } table.repositories details table tr { display: table-row } }
`

const COLOURS: Record<Standing, string> = {
  propose: 'propose',
  has: 'accepted',
  wrong: 'refused',
  misplaced: 'warned',
  held: 'warned',
  left: 'rest',
  unread: 'rest',
}
const TONES: Record<Standing, string> = {
  propose: 'propose',
  has: 'good',
  wrong: 'bad',
  misplaced: 'warn',
  held: 'warn',
  left: 'soft',
  unread: 'warn',
}

export function pageReport(report: Report): string {
  const shares = sharesIn(report)
  const heading = 'Catalog files for every repository'
  const more = `, ${report.requests} requests to GHES`
  return framed({ ...report, title: 'Catalog files for', heading, more, style: STYLE }, [
    ...[summary(report, shares), failed(report), repositories(report, shares)],
  ])
}

const sharesIn = ({ counts }: Report): Share[] =>
  STANDINGS.map(value => ({
    value,
    n: counts[value],
    colour: COLOURS[value],
    title: STANDING_WORDS[value],
    words: standingWords(value, counts[value]),
  }))

function summary({ counts, rows }: Report, shares: Share[]): Html {
  const known = rows.length - counts.left
  const whole = counts.has + counts.propose
  const guesses = rows.filter(({ reasons }) =>
    reasons.some(({ field, isGuess }) => field === 'owner' && isGuess),
  ).length
  return html`<p class="headline">${number(counts.has)} of ${number(known)} repositories have a catalog file that is right; with these, ${number(whole)}</p>
${sharesOf(shares, `${number(whole)} of ${number(known)} would have one`)}
<p class="soft">${number(guesses)} ${noun(guesses, 'owner is a guess, and looks', 'owners are guesses, and look')} so in the file.</p>`
}

function failed({ failures }: Report): Html {
  if (failures.length === 0) return html``
  return html`<h2>Not all could be looked at</h2><div class="card warn">${failures.map(failure => html`<p>${failure}</p>`)}</div>`
}

const repositories = ({ rows, webUrl }: Report, shares: Share[]): Html =>
  repositoriesTable({
    shares,
    filter: 'Name, owner or words',
    heads: ['Standing', 'What'],
    rows: rows.map(row => rowOf(row, webUrl)),
  })

function rowOf(row: ReportRow, webUrl: string): Html {
  const { repository, standing, why, owner, notes, problems, text } = row
  const delivery = deliveryOf(row)
  return html`<tr data-verdict="${standing}">${firstCells({ webUrl, repository, about: owner === '' ? '' : `owner ${owner}` }, { order: STANDINGS.indexOf(standing), tone: TONES[standing], words: standingWords(standing, 1) })}<td>${text === undefined ? html`<div>${why}</div>` : proposal(row, text)}${delivery === undefined ? '' : html`<div class="soft">${delivery}</div>`}${notes.map(note => html`<div class="soft">${note}</div>`)}${problemList(problems)}</td></tr>
`
}

/** Its address is where it leads to. */
function deliveryOf(row: ReportRow): Html | undefined {
  const words = deliveryWords(row)
  const { pullRequest } = row
  if (words === undefined) return undefined
  if (pullRequest === undefined) return html`${words}`
  const link = html`<a href="${webAddress(pullRequest.url)}">pull request</a>`
  const [before, ...after] = words.split(pullRequest.url)
  return after.length === 0 ? html`${link}, ${pullRequest.state}; ${words}` : html`${before}${link}${after.join('')}`
}

function proposal({ entities, reasons }: ReportRow, text: string): Html {
  const known = reasons.map(
    ({ field, value, reason, isGuess }) =>
      html`<tr><td>${field}</td><td><code>${value}</code></td><td>${isGuess ? html`<span class="warn">guess</span> ` : ''}${reason}</td></tr>`,
  )
  // In a block of its own each line stays one.
  const lines = text.split('\n').map(line => html`${line}${{ markup: '\n' }}`)
  return html`<details><summary>${entities.slice(0, 4).join(', ')}${entities.length > 4 ? ` and ${entities.length - 4} more` : ''}</summary><table>${known}</table><pre>${lines}</pre></details>`
}

function problemList(problems: ReportRow['problems']): Html {
  if (problems.length === 0) return html``
  const items = problems.map(
    ({ path, line, column, severity, message, code }) =>
      html`<li><code>${path}:${line}:${column}</code> ${severityOf(severity)} ${message} <code class="soft">${code}</code></li>`,
  )
  return html`<details><summary class="soft">${problems.length} found by the checks</summary><ol class="problems">${items}</ol></details>`
}

/** GHES's word for an address is not followed where it is none. */
const webAddress = (url: string) => (/^https?:\/\//.test(url) ? url : '#')
