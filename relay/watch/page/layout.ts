// The frame of every page: head, navigation, the place of live content, the form for the admin token.
import { type Html, html, type Part } from '../../../schemas/html.ts'

/** What was asked for, as it stands in the address. */
export type Search = { q: string; repository: string; state: string; before: string }

export type Frame = {
  title: string
  draining: boolean
  hasAdminToken: boolean
  search?: Search
  live: Part
}

export function page({ title, draining, hasAdminToken, search, live }: Frame): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="/assets/status.css">
<link rel="icon" href="data:,">
<script src="/assets/status.js" defer></script>
</head>
<body>
<a class="skip" href="#live">To the content</a>
<header>
<p class="brand"><a href="/">catalog-gate relay</a></p>
<form class="search" action="/" method="get" role="search">
<label for="q">Repository, commit or address</label>
<input id="q" name="q" type="search" value="${search?.q || search?.repository || ''}" placeholder="payments, 3f2a91c, https://…" autocapitalize="off" autocomplete="off" spellcheck="false">
<label for="state">State</label>
<select id="state" name="state">${STATES.map(
    ([value, words]) => html`<option value="${value}"${search?.state === value && SELECTED}>${words}</option>`,
  )}</select>
<button>Find</button>
</form>
<p class="pulse" id="pulse" role="status"></p>
</header>
<main id="live" tabindex="-1">
${draining && html`<p class="notice">This relay is shutting down: it takes nothing more in and finishes what it has begun.</p>`}
${live}
</main>
${hasAdminToken && TOKEN_FORM}
<footer><p>Times are in UTC when pointed at. <a href="/v1/status">JSON</a> · <a href="/metrics">metrics</a></p></footer>
</body>
</html>
`.markup
}

const SELECTED: Html = { markup: ' selected' }

const STATES = [
  ['', 'any'],
  ['problem', 'only problems'],
  ['waiting', 'waits for GHES'],
  ['landed', 'on its way'],
  ['forwarded', 'forwarded'],
  ['unknown', 'unknown to the catalog'],
  ['rejected', 'not landed'],
  ['dead', 'dead letter'],
] as const

/** The token is sent as a header by the script, so that no other site can make a browser send it; it lives as long as the page. */
const TOKEN_FORM = html`<dialog id="ask" aria-labelledby="ask-title">
<form method="dialog">
<h2 id="ask-title">Admin token</h2>
<p id="ask-what"></p>
<label for="token">The token of secrets.admin</label>
<input id="token" type="password" autocomplete="off" required>
<p class="buttons"><button value="cancel" type="button" id="ask-cancel">Cancel</button> <button value="go" id="ask-go">Go on</button></p>
</form>
</dialog>`

/** Something that changes the relay's state: a button with the script, a command without it. */
export function action(label: string, path: string, what: string, id: string): Html {
  return html`<span class="action"><button type="button" hidden id="${id}" data-post="${path}" data-what="${what}">${label}</button><noscript><code>curl -X POST -H "Authorization: Bearer $(cat admin.token)" ADMIN${path}</code></noscript></span>`
}
