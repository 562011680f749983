// A push's own page: where it is, in plain words, what is next, and all that has happened to it.

import { type Html, html } from '../../../schemas/html.ts'
import { notKnownWords, verdictWords } from '../../runtime/verdict-words.ts'
import { TEST_PATH } from '../../store/ports/jobs.ts'
import type { FileRecord, PushRecord } from '../../store/ports/records.ts'
import type { PushVerdict } from '../../store/ports/verdicts.ts'
import { action } from './layout.ts'
import { commit, entity, type Links } from './links.ts'
import { gateWords, repositoryAddress } from './repository-page.ts'
import { badge, branchOf, count, cut, linked, sentence, time, WAY_OUT } from './words.ts'

export function pushPage(
  push: PushRecord,
  { nowMs, hasAdminToken, links }: { nowMs: number; hasAdminToken: boolean; links: Links },
): Html {
  const canRedrive = push.state === 'dead' || push.state === 'rejected' || push.state === 'unknown'
  return html`<p class="crumbs"><a href="/">Status</a> › <a href="${repositoryAddress(push.repository)}">${cut(push.repository, 80)}</a></p>
<h1>${cut(push.repository, 80)} ${commit(links, push)} ${badge(push.state)}</h1>
<p class="lead">${whereIs(push, nowMs)}</p>
${canRedrive && hasAdminToken && html`<p>${action('Redrive', `/v1/pushes/${encodeURIComponent(push.id)}/redrive`, 'The push is looked at once more, from GHES on.', 'redrive')}</p>`}
<section aria-labelledby="files"><h2 id="files">Files</h2>
<div class="scroll"><table class="pushes"><thead><tr><th scope="col">File</th><th scope="col">State</th><th scope="col">What came of it</th></tr></thead>
<tbody>${push.files.map(file => fileRow(file, nowMs, links))}</tbody></table></div></section>
<section aria-labelledby="history"><h2 id="history">What has happened</h2>
<ol class="steps">${push.history.map(
    ({ atMs, step, detail }) =>
      html`<li>${time(atMs, nowMs)} <strong>${step}</strong> <span>${linked(cut(detail, 400))}</span></li>`,
  )}</ol></section>
<section aria-labelledby="about"><h2 id="about">About</h2>
<dl class="about"><dt>Branch</dt><dd>${cut(branchOf(push.ref), 200)}</dd><dt>From</dt><dd><code>${push.before}</code></dd><dt>To</dt><dd>${commit(links, push, push.after)}</dd>
${push.gate && html`<dt>The gate</dt><dd>${gateWords(push.gate)}</dd>`}${push.pusher && html`<dt>Pushed by</dt><dd>${cut(push.pusher, 100)}</dd>`}${push.bypass && html`<dt>Bypassed the gate</dt><dd>“${cut(push.bypass, 400)}”</dd>`}
<dt>Received</dt><dd>${time(push.receivedAtMs, nowMs)}${push.parts && html` – ${push.parts.here} of ${count(push.parts.of, 'message')}`}</dd><dt>Id</dt><dd><code>${push.id}</code>${originOf(push.id)}</dd></dl></section>`
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** All that the catalog has said, beyond the sentence. */
function errorsOf({ files }: PushVerdict): Html | false {
  const errors = files.flatMap(({ path, errors = [] }) => errors.map(error => `${path}: ${error}`))
  return (
    errors.length > 1 &&
    html` <span class="dim">${errors.slice(1, 6).map(error => html`${sentence(cut(error, 300))} `)}</span>`
  )
}

const isTest = ({ files }: PushRecord) => files.some(({ path }) => path === TEST_PATH)

/** The answer to "where is my push?". */
function whereIs(push: PushRecord, nowMs: number): Html {
  const open = push.files.filter(({ state }) => state === 'queued' || state === 'waiting')
  const next = Math.min(...open.map(({ nextAttemptAtMs }) => nextAttemptAtMs ?? Number.POSITIVE_INFINITY))
  const when = Number.isFinite(next) ? html` Looked at again ${time(Math.max(next, nowMs), nowMs)}.` : undefined
  const trouble = open.map(({ lastError }) => lastError).find(error => error !== undefined)
  const held = trouble && html` Held up: ${sentence(cut(trouble, 300))}`
  switch (push.state) {
    case 'waiting':
      return html`It is kept here, and waits until GHES shows the commit on ${cut(branchOf(push.ref), 80)}: before that nothing is refreshed.${held}${when}`
    case 'landed': {
      const covered =
        push.reason?.startsWith('superseded') &&
        html` ${linked(push.reason)}: that refresh shows this content or newer.`
      return html`It is on the branch. ${count(push.files.length - open.length, 'file')} of ${push.files.length} done; the rest is refreshed in its turn.${held}${covered}${when}`
    }
    case 'forwarded':
      if (isTest(push))
        return html`A test that has gone the whole way: it was signed, stored and found at GHES, and Backstage has answered. Nothing was refreshed.`
      if (push.verdict) return html`${sentence(cut(capital(verdictWords(push.verdict)), 400))}${errorsOf(push.verdict)}`
      if (push.notKnown) return html`${sentence(cut(capital(notKnownWords(push.notKnown)), 400))}`
      return html`Backstage was asked to refresh ${push.files.length === 1 ? 'its file' : `its ${push.files.length} files`}; the catalog shows it within seconds.`
    case 'unknown': {
      const unknown = push.files.filter(({ state }) => state === 'unknown').length
      return html`It has landed, and the catalog knows neither ${unknown === 1 ? 'its file' : `${unknown} of its files`} nor an entity that comes from ${unknown === 1 ? 'it' : 'them'}, so nothing was refreshed for ${unknown === 1 ? 'it' : 'them'}. ${WAY_OUT}`
    }
    case 'rejected':
      return html`It never landed: ${sentence(cut(push.reason ?? 'no reason was kept', 400))} Nothing was refreshed for it.`
    case 'dead':
      return html`It was given up: ${sentence(cut(push.reason ?? 'no reason was kept', 400))} It stays here until somebody redrives it, or a later push of the same file is forwarded.`
  }
}

/** Of a file with very many entities the first ones are enough to find the others by. */
const MOST_ENTITIES = 10

function entitiesOf({ entities = [] }: FileRecord, links: Links): Html | false {
  const found = entities.slice(0, MOST_ENTITIES).flatMap(ref => entity(links, ref) ?? [])
  const more = entities.length - found.length
  return (
    found.length > 0 &&
    html`<p class="entities">${found.map(one => html`${one} `)}${more > 0 && `and ${more} more`}</p>`
  )
}

function fileRow(file: FileRecord, nowMs: number, links: Links): Html {
  const name =
    file.kind === 'compare'
      ? html`A comparison to be made at GHES <span class="dim">which files were left out</span>`
      : file.kind === 'repository'
        ? html`A question to GHES <span class="dim">what has become of the repository: an event told of it</span>`
        : file.path === TEST_PATH
          ? html`A test <span class="dim">no file: Backstage is asked for an answer</span>`
          : html`<code>${cut(file.path, 200)}</code> <span class="dim">${file.change}</span>${entitiesOf(file, links)}`
  const words = {
    waiting: 'waits',
    queued: 'queued',
    superseded: 'superseded',
    forwarded: 'forwarded',
    unknown: 'unknown to the catalog',
    rejected: 'not landed',
    dead: 'dead letter',
  }[file.state]
  const tone = {
    waiting: 'wait',
    queued: 'wait',
    superseded: 'quiet',
    forwarded: 'good',
    unknown: 'lost',
    rejected: 'quiet',
    dead: 'bad',
  }[file.state]
  return html`<tr><th scope="row" data-label="File">${name}</th><td data-label="State"><span class="badge ${tone}">${words}</span></td>
<td data-label="What came of it">${file.outcome && linked(cut(file.outcome, 300))}${file.lastError && html`<p class="dim">${cut(file.lastError, 300)}</p>`}${file.attempts > 0 && html`<p class="dim">${count(file.attempts, 'failed attempt')}</p>`}${file.nextAttemptAtMs !== undefined && html`<p class="dim">next ${time(Math.max(file.nextAttemptAtMs, nowMs), nowMs)}</p>`}</td></tr>`
}

/** What a webhook told beyond the announced push is kept under its id with an ending. */
function originOf(id: string): Html | undefined {
  const origin = /^(msg_[0-9a-f]{32})_(compare|compared|further)$/.exec(id)?.[1]
  return origin === undefined ? undefined : html` – follows from <a href="/pushes/${origin}">${origin}</a>`
}
