// What a survey's and a migration's page have in common: head and policy, how many there are of each, and the table of repositories.
import { createHash } from 'node:crypto'
import { type Html, html } from '../../schemas/html.ts'
import { encodedPath } from '../../schemas/url-path.ts'
import { SCRIPT, STYLE } from './page-assets.ts'

type Frame = {
  title: string
  heading: string
  organizations: readonly string[]
  webUrl: string
  /** ISO 8601 */
  at: string
  /** Behind it, on the same line. */
  more?: string
  /** Added to that of all pages. */
  style?: string
}

/** Style and script are in the page, and its policy allows them by their digests and nothing else. */
export function framed({ title, heading, organizations, webUrl, at, more = '', style = '' }: Frame, parts: Html[]) {
  const host = URL.canParse(webUrl) ? new URL(webUrl).host : webUrl
  const styles = STYLE + style
  const policy = `default-src 'none'; style-src ${digest(styles)}; script-src ${digest(SCRIPT)}; base-uri 'none'; form-action 'none'`
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${{ markup: policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title} ${organizations.join(', ')}</title>
<style>${{ markup: styles }}</style>
</head>
<body>
<main>
<h1>${heading}</h1>
<div class="soft">${organizations.join(', ')} on ${host}, ${at.slice(0, 16).replace('T', ' ')} UTC${more}</div>
${parts.map(part => html`${part}\n`)}</main>
<script>${{ markup: SCRIPT }}</script>
</body>
</html>
`
  return page.markup
}

const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

export const number = (n: number) => n.toLocaleString('en')

/** How many repositories are so. `title` names it wherever no number is beside it. */
export type Share = { value: string; colour: string; n: number; title: string; words: string }

/** As a bar and as a list; `label` says the bar in words. */
export function sharesOf(shares: readonly Share[], label: string): Html {
  const all = shares.reduce((sum, { n }) => sum + n, 0)
  let at = 0
  const bars = shares.map(({ colour, n, title }) => {
    const width = (1000 * n) / Math.max(1, all)
    at += width
    return html`<rect class="${colour}" x="${(at - width).toFixed(2)}" width="${width.toFixed(2)}" height="10"><title>${title}: ${number(n)}</title></rect>`
  })
  const entries = shares
    .filter(({ n }) => n > 0)
    .map(({ colour, n, words }) => html`<li><span class="dot ${colour}"></span><b>${number(n)}</b> ${words}</li>`)
  return html`<svg viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="${label}">${bars}</svg>
<ul class="counts">${entries}</ul>`
}

type Table = { shares: readonly Share[]; filter: string; heads: readonly string[]; rows: readonly Html[] }

/** Its second column is what the shares are of. */
export function repositoriesTable({ shares, filter, heads, rows }: Table): Html {
  const options = shares
    .filter(({ n }) => n > 0)
    .map(({ value, title }) => html`<option value="${value}">${title}</option>`)
  return html`<h2>Repositories</h2>
<form hidden><input name="text" type="search" placeholder="${filter}" aria-label="Filter"><select name="verdict" aria-label="${heads[0] ?? ''}"><option value="">all</option>${options}</select><output class="soft"></output></form>
<table class="repositories"><thead><tr><th>Repository</th>${heads.map(head => html`<th>${head}</th>`)}</tr></thead><tbody>
${rows}</tbody></table>`
}

/** The first cells of a row. `order`: of what the shares are of. */
export const firstCells = (
  { webUrl, repository, about }: { webUrl: string; repository: string; about: string },
  { order, tone, words }: { order: number; tone: string; words: string },
): Html =>
  html`<td class="repository"><a href="${webUrl}/${encodedPath(repository)}">${repository}</a>${about === '' ? '' : html`<div class="soft">${about}</div>`}</td><td data-key="${order}"><span class="badge ${tone}">${words}</span></td>`

export const severityOf = (severity: string): Html =>
  html`<span class="${severity === 'error' ? 'bad' : 'warn'}">${severity}</span>`
