// The page that says at a glance whether all is well: lights, figures, dead letters, the last pushes, bypasses, the last reconcile.

import { type Html, html } from '../../../schemas/html.ts'
import type { TargetHealth } from '../../deliver/target.ts'
import type { ReconcileReport } from '../../reconcile/report.ts'
import type { TargetName } from '../../runtime/events.ts'
import { notKnownWords, verdictWords } from '../../runtime/verdict-words.ts'
import type { PushSummary, StoreStatus } from '../../store/ports/records.ts'
import type { TurnedAway } from '../turned-away.ts'
import { action } from './layout.ts'
import { commit, type Links } from './links.ts'
import { badge, branchOf, count, cut, duration, linked, sentence, short, time, WAY_OUT } from './words.ts'

export type Overview = {
  nowMs: number
  targets: Record<TargetName, TargetHealth>
  tokenEnds: Record<TargetName, number | undefined>
  /** Undefined when the store could not be read. */
  status: StoreStatus | undefined
  /** Why the store's light is red; undefined where it reads and writes. */
  storeTrouble: string | undefined
  /** Refreshes that this process has made, and in how long. */
  rate: { forwarded: number; withinMs: number }
  turnedAway: TurnedAway[]
  pushes: PushSummary[]
  dead: PushSummary[]
  unknown: PushSummary[]
  bypassed: PushSummary[]
  reconcile: { running: boolean; organizations: number; last?: ReconcileReport; nextAtMs?: number }
  hasAdminToken: boolean
  links: Links
}

export function overview(given: Overview): Html {
  return html`<h1>Status</h1>
${lights(given)}
${turnedAway(given)}
${given.status && figures(given, given.status)}
${deadLetters(given)}
${unknownPushes(given)}
<section aria-labelledby="pushes"><h2 id="pushes">Last pushes</h2>
${pushTable(given.pushes, given, 'No push has come yet. The hooks send one to POST /v1/pushes for every push that changes a catalog file.')}</section>
${reconcile(given)}
${bypasses(given)}`
}

function lights({ targets, tokenEnds, storeTrouble, nowMs, hasAdminToken }: Overview): Html {
  return html`<ul class="lights" aria-label="Dependencies">
${light('GHES', targets.ghe, nowMs, tokenEnds.ghe)}
${light('Backstage', targets.backstage, nowMs, tokenEnds.backstage)}
${storeLight(storeTrouble)}
</ul>
${hasAdminToken && html`<p class="dim">Does it all work? ${action('Send a test push', '/v1/test', 'A push that changes nothing goes the whole way: signed, stored, looked for at GHES, and Backstage is asked for an answer. It is of the repository that was pushed to last.', 'test')}</p>`}`
}

/** By route: what comes there, and the setting whose secret it is signed with. */
const SENDERS: Record<TurnedAway['route'], [what: string, setting: string]> = {
  pushes: ['message', 'secrets.hook'],
  lookups: ['question', 'secrets.hook'],
  github: ['webhook', 'secrets.webhook'],
  verdicts: ['verdict', 'secrets.backstage'],
  locations: ['question', 'secrets.backstage'],
  repositories: ['question', 'secrets.backstage'],
}

/** Nothing else here shows it: to the lights all is well, and nothing arrives. */
function turnedAway({ turnedAway, nowMs }: Overview): Html | false {
  if (turnedAway.length === 0) return false
  return html`<section aria-labelledby="refused" class="unknown"><h2 id="refused">Turned away</h2>
<ul class="rows">${turnedAway.map(({ route, count: times, sinceMs, lastMs, why }) => {
    const [what, setting] = SENDERS[route]
    return html`<li>${count(times, what)} to <code>/v1/${route}</code> since ${time(sinceMs, nowMs)}, the last ${time(lastMs, nowMs)}: ${sentence(why)}${why.startsWith('no signature') && html` Is the secret there one of <code>${setting}</code> here?`}</li>`
  })}</ul><p>Nothing of it was kept: what was missed comes by another way, with the next reconcile at the latest. Who has no business here is turned away, too.</p></section>`
}

/** People need some days to get a new one. */
const SOON_MS = 14 * 86_400_000

/** A token's end; told louder when it is near. */
function tokenEnd(endMs: number | undefined, nowMs: number): Html | false {
  if (endMs === undefined) return false
  if (endMs <= nowMs)
    return html`<p><strong>Its token has ended ${time(endMs, nowMs)}</strong>: put a new one into its file.</p>`
  if (endMs - nowMs > SOON_MS) return html`<p class="dim">Its token ends ${time(endMs, nowMs)}.</p>`
  return html`<p><strong>Its token ends ${time(endMs, nowMs)}</strong>: put a new one into its file before.</p>`
}

/** What is refused for it is not kept here: hooks take pushes all the same, and say that they were not told of. */
function storeLight(trouble: string | undefined): Html {
  const [tone, words] = trouble === undefined ? ['good', 'works'] : ['bad', 'paused']
  return html`<li class="light ${tone}"><strong>Store</strong> <span class="word">${words}</span>
${trouble && html`<p>${trouble} What hooks cannot tell meanwhile comes by webhook, as far as GHES repeats it, or with the next reconcile; what is stored is kept.</p>`}</li>`
}

function light(
  name: string,
  { state, reason, untilMs, lastFailure }: TargetHealth,
  nowMs: number,
  tokenEndMs?: number,
): Html {
  const [tone, words] = {
    unasked: reason === undefined ? ['quiet', 'not asked yet'] : ['bad', 'has not answered yet'],
    closed: ['good', 'works'],
    open: ['bad', 'paused'],
    'half-open': ['wait', 'is tried'],
  }[state] as [string, string]
  if (lastFailure)
    return html`<li class="light wait"><strong>${name}</strong> <span class="word">its last call failed</span>
<p>${time(lastFailure.atMs, nowMs)}: ${sentence(cut(lastFailure.reason, 300))} It is tried again by itself. Pushes wait meanwhile; none is lost.</p>${tokenEnd(tokenEndMs, nowMs)}</li>`
  return html`<li class="light ${tone}"><strong>${name}</strong> <span class="word">${words}</span>
${reason && html`<p>${sentence(cut(reason, 300))}${untilMs !== undefined && html` Tried again ${time(untilMs, nowMs)}.`} Pushes wait meanwhile; none is lost.</p>`}${tokenEnd(tokenEndMs, nowMs)}</li>`
}

function figures({ nowMs, rate }: Overview, { pushes, jobs, oldestOpenAtMs }: StoreStatus): Html {
  const figure = (value: string, words: string) => html`<div><dt>${words}</dt><dd>${value}</dd></div>`
  return html`<dl class="figures">
${figure(pushes.waiting.toLocaleString('en'), 'wait for GHES')}
${figure((jobs.queued + jobs.running).toLocaleString('en'), 'files to refresh')}
${figure(oldestOpenAtMs === undefined ? 'none' : duration(nowMs - oldestOpenAtMs), 'oldest wait')}
${figure(`${(rate.forwarded / (rate.withinMs / 60_000)).toLocaleString('en', { maximumFractionDigits: 1 })}/min`, `refreshes, last ${duration(rate.withinMs)}`)}
${figure(pushes.unknown.toLocaleString('en'), 'unknown to the catalog')}
${figure(pushes.dead.toLocaleString('en'), 'dead letters')}
</dl>`
}

function deadLetters({ dead, nowMs, hasAdminToken }: Overview): Html | false {
  if (dead.length === 0) return false
  return html`<section aria-labelledby="dead" class="trouble"><h2 id="dead">Dead letters</h2>
<p>Given up after a day of failures, or refused by Backstage. They stay until they are redriven, or a later push of the same files takes their place.
${hasAdminToken ? action('Redrive all of the last 7 days', '/v1/redrive?since=7d', 'All dead pushes of the last 7 days are looked at once more.', 'redrive-all') : html`Redrive needs <code>secrets.admin</code> in the configuration.`}</p>
<ul class="rows acting">${dead.map(
    push => html`<li><div><a href="/pushes/${encodeURIComponent(push.id)}">${cut(push.repository, 80)} ${short(push.after)}</a> <span class="dim">${time(push.receivedAtMs, nowMs)}</span></div>
<p>${cut(push.reason ?? 'no reason was kept', 300)}</p>
${hasAdminToken && action('Redrive', `/v1/pushes/${encodeURIComponent(push.id)}/redrive`, `${cut(push.repository, 80)} ${short(push.after)} is looked at once more.`, `redrive-${push.id}`)}</li>`,
  )}</ul></section>`
}

function unknownPushes({ status, nowMs, unknown }: Overview): Html | false {
  const all = status?.pushes.unknown ?? 0
  if (all === 0) return false
  return html`<section aria-labelledby="unknown" class="unknown"><h2 id="unknown">Unknown to the catalog</h2>
<p>${count(all, 'push', 'pushes')} of the last days changed files that the catalog does not know: nothing was refreshed for them. ${WAY_OUT} <a href="/?state=unknown">All of them</a></p>
<ul class="rows">${unknown.map(
    push =>
      html`<li><a href="/pushes/${encodeURIComponent(push.id)}">${cut(push.repository, 80)} ${short(push.after)}</a> <span class="dim">${time(push.receivedAtMs, nowMs)}</span></li>`,
  )}</ul></section>`
}

/** Each push with its way: received, landed, forwarded. */
export function pushTable(
  pushes: readonly PushSummary[],
  { nowMs, links }: { nowMs: number; links: Links },
  empty: string,
): Html {
  if (pushes.length === 0) return html`<p class="empty">${empty}</p>`
  return html`<div class="scroll"><table class="pushes"><thead><tr><th scope="col">Repository</th><th scope="col">Commit</th><th scope="col">State</th><th scope="col">Received</th><th scope="col">Landed</th><th scope="col">Settled</th></tr></thead>
<tbody>${pushes.map(push => pushRow(push, nowMs, links))}</tbody></table></div>`
}

function pushRow(push: PushSummary, nowMs: number, links: Links): Html {
  const { receivedAtMs, landedAtMs, settledAtMs } = push
  const after = (atMs: number | undefined) => (atMs === undefined ? '–' : `+${duration(atMs - receivedAtMs)}`)
  return html`<tr><th scope="row" data-label="Repository"><a href="/pushes/${encodeURIComponent(push.id)}">${cut(push.repository, 80)}</a> <span class="dim">${cut(branchOf(push.ref), 60)}</span></th>
<td data-label="Commit">${commit(links, push)}${push.pusher && html` <span class="dim">${cut(push.pusher, 40)}</span>`}</td>
<td data-label="State">${badge(push.state)}${push.reason && html`<p class="dim">${linked(cut(push.reason, 160))}</p>`}${push.verdict && html`<p class="dim">${cut(verdictWords(push.verdict), 160)}</p>`}${push.notKnown && html`<p class="dim">${cut(notKnownWords(push.notKnown), 160)}</p>`}</td>
<td class="when" data-label="Received">${time(receivedAtMs, nowMs)}</td><td class="when" data-label="Landed">${after(landedAtMs)}</td><td class="when" data-label="Settled">${after(settledAtMs)}</td></tr>`
}

function reconcile({ reconcile, nowMs, hasAdminToken }: Overview): Html {
  const { last, running, organizations, nextAtMs } = reconcile
  const ask =
    hasAdminToken &&
    !running &&
    action(
      'Reconcile now',
      '/v1/reconcile',
      'GHES is asked for its catalog files; what was missed is refreshed.',
      'reconcile-now',
    )
  if (organizations === 0)
    return html`<section aria-labelledby="reconcile"><h2 id="reconcile">Reconcile</h2><p class="empty">Off: <code>reconcile.organizations</code> is empty. With it, what neither hook nor webhook could tell is found once a day.</p></section>`
  return html`<section aria-labelledby="reconcile"><h2 id="reconcile">Reconcile</h2>
<p>${
    running
      ? 'It is running now.'
      : last
        ? html`Last ${time(last.startedAtMs, nowMs)}, ${last.result}: ${count(last.repositories, 'repository', 'repositories')} in ${duration(last.tookMs)} with ${count(last.requests, 'request')}. <strong>${count(last.drift, 'file')} had changed unheard-of</strong>, ${last.firstSeen.toLocaleString('en')} were new to the relay, ${count(last.redelivered, 'webhook delivery', 'webhook deliveries')} asked for again.`
        : 'None has ended yet.'
  }${nextAtMs !== undefined && !running && html` Next ${time(nextAtMs, nowMs)}.`} ${ask}</p>
${last && last.failures.length > 0 && html`<ul class="rows">${last.failures.slice(0, 10).map(failure => html`<li>${cut(failure, 300)}</li>`)}</ul>`}
${last && last.notes.length > 0 && html`<ul class="rows dim">${last.notes.slice(0, 10).map(note => html`<li>${cut(note, 300)}</li>`)}</ul>`}</section>`
}

function bypasses({ bypassed, nowMs }: Overview): Html {
  return html`<section aria-labelledby="bypasses"><h2 id="bypasses">Bypasses</h2>
${
  bypassed.length === 0
    ? html`<p class="empty">Nobody has gone past the gate. A push with <code>-o catalog-gate.skip='why'</code> would stand here with its reason.</p>`
    : html`<ul class="rows">${bypassed.map(
        push =>
          html`<li><a href="/pushes/${encodeURIComponent(push.id)}">${cut(push.repository, 80)} ${short(push.after)}</a> <span class="dim">${cut(push.pusher ?? 'somebody', 40)}, ${time(push.receivedAtMs, nowMs)}</span><p>“${cut(push.bypass ?? '', 300)}”</p></li>`,
      )}</ul>`
}</section>`
}
