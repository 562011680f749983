// The pages' routes on the inside, and the headers that keep them harmless.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Html, html } from '../../../schemas/html.ts'
import { openProbe } from '../../intake/health.ts'
import type { PushFilter } from '../../store/ports/records.ts'
import type { AdminOptions } from '../admin-options.ts'
import { isState } from '../query.ts'
import { readSearch } from '../search.ts'
import { page, type Search } from './layout.ts'
import { overview, pushTable } from './overview.ts'
import { pushPage } from './push-page.ts'
import { repositoryAddress, repositoryPage } from './repository-page.ts'
import { SCRIPT } from './script.ts'
import { STYLE } from './style.ts'
import { cut } from './words.ts'

const LISTED = { pushes: 25, found: 50, dead: 20, unknown: 5, bypassed: 10, ofRepository: 20 }

/** Everything from ourselves, nothing inline, in nobody's frame. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
}

export function addPages(app: FastifyInstance, options: AdminOptions): void {
  const asset = (text: string, type: string) => (_request: unknown, reply: FastifyReply) =>
    reply.headers({ ...HEADERS, 'content-type': `${type}; charset=utf-8` }).send(text)
  app.get('/assets/status.css', asset(STYLE, 'text/css'))
  app.get('/assets/status.js', asset(SCRIPT, 'text/javascript'))
  const canWrite = openProbe(options)
  app.get<{ Querystring: Record<string, unknown> }>('/', async ({ query }, reply) => {
    const [q, repository, state, before] = ['q', 'repository', 'state', 'before'].map(name => textOf(query[name]))
    const search: Search = {
      q: q ?? '',
      repository: repository ?? '',
      state: isState(state) ? state : '',
      before: before ?? '',
    }
    const id = /^msg_\w+$/.exec(search.q || search.repository)?.[0]
    if (id !== undefined && (await options.store.push(id)))
      return reply.redirect(`/pushes/${encodeURIComponent(id)}`, 302)
    if (Object.values(search).some(Boolean)) return found(options, reply, search)
    return show(options, reply, { title: 'catalog-gate relay', live: await overviewOf(options, canWrite), search })
  })
  app.get<{ Params: { id: string } }>('/pushes/:id', async ({ params }, reply) => {
    const push = await options.store.push(params.id)
    if (!push)
      return show(options, reply.code(404), {
        title: 'No such push',
        live: html`<h1>No push of this id</h1><p class="lead">It may be older than a week, or never have reached this relay. A push whose notification was lost is found by GHES's webhook or by the next reconcile, under the same id.</p><p><a href="/">To the status</a></p>`,
      })
    const hasAdminToken = options.adminSecret !== undefined
    return show(options, reply, {
      title: `${push.repository.slice(0, 80)} ${push.after.slice(0, 8)}`,
      live: pushPage(push, { nowMs: options.clock.now(), hasAdminToken, links: options.links }),
    })
  })
  app.get<{ Params: { owner: string; name: string } }>('/repositories/:owner/:name', async ({ params }, reply) => {
    const repository = `${params.owner}/${params.name}`
    // GHES allows no other names; a `*` would stand for anything in a search.
    if (!/^[\w.-]{1,100}\/[\w.-]{1,100}$/.test(repository))
      return show(options, reply.code(404), {
        title: 'No such repository',
        live: html`<h1>No repository of this name</h1>`,
      })
    const [survey, pushes] = await Promise.all([
      options.askSurvey(repository),
      options.store.list({ limit: LISTED.ofRepository, search: { name: repository.toLowerCase(), every: true } }),
    ])
    const known = survey.result === 'surveyed' ? survey.repository.repository : (pushes[0]?.repository ?? repository)
    const view = { repository: known, survey, pushes, nowMs: options.clock.now(), links: options.links }
    return show(options, reply, { title: `${known} – catalog-gate relay`, live: repositoryPage(view) })
  })
}

/** Only the first of a repeated parameter counts, and only as much as a name can be. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim().slice(0, 300) : '')

type Shown = { title: string; live: Html; search?: Search }

function show(options: AdminOptions, reply: FastifyReply, shown: Shown): FastifyReply {
  const frame = { draining: options.draining(), hasAdminToken: options.adminSecret !== undefined, ...shown }
  return reply.headers({ ...HEADERS, 'content-type': 'text/html; charset=utf-8' }).send(page(frame))
}

async function found(options: AdminOptions, reply: FastifyReply, search: Search): Promise<FastifyReply> {
  const { q, repository, state, before } = search
  const wanted = readSearch(q)
  const filter: PushFilter = {
    limit: LISTED.found,
    ...(repository === '' ? {} : { repository }),
    ...(isState(state) ? { state } : {}),
    ...(wanted === undefined ? {} : { search: wanted }),
    ...(before === '' ? {} : { before }),
  }
  const pushes = await options.store.list(filter)
  const [first] = pushes
  const isOne = first !== undefined && pushes.every(push => push.repository === first.repository)
  const live = html`<h1>Pushes${(q || repository) && html` of ${cut(q || repository, 120)}`}</h1>
${isOne && html`<p><a href="${repositoryAddress(first.repository)}">What would be refused in ${cut(first.repository, 80)} today</a></p>`}
<section>${pushTable(pushes, { nowMs: options.clock.now(), links: options.links }, 'None that is kept. A part of a name will do, or the beginning of a commit. Pushes are forgotten eight days after they are settled.')}</section>
<p class="pages">${before !== '' && html`<a href="${addressOf({ ...search, before: '' })}">Latest</a> `}${pushes.length === LISTED.found && html`<a href="${addressOf({ ...search, before: pushes.at(-1)?.id ?? '' })}">Older</a> `}<a href="/">To the status</a></p>`
  return show(options, reply, { title: 'Pushes – catalog-gate relay', live, search })
}

function addressOf(search: Search): string {
  return `/?${new URLSearchParams(Object.entries(search).filter(([, value]) => value !== ''))}`
}

const CANNOT_WRITE = 'It cannot write (is its disk full?), and messages are answered 503; the log says why.'

async function overviewOf(options: AdminOptions, canWrite: () => Promise<boolean>): Promise<Html> {
  const { store, clock, targetHealth, tokenEnds, reconciler, rate, turnedAway } = options
  const nowMs = clock.now()
  const always = {
    nowMs,
    links: options.links,
    targets: targetHealth(),
    tokenEnds: tokenEnds(),
    rate: rate(),
    turnedAway: turnedAway(),
    hasAdminToken: options.adminSecret !== undefined,
  }
  const when = { running: reconciler.running, organizations: reconciler.organizations }
  try {
    const [status, pushes, dead, unknown, bypassed, last, nextAtMs] = await Promise.all([
      store.status(),
      store.list({ limit: LISTED.pushes }),
      store.list({ limit: LISTED.dead, state: 'dead' }),
      store.list({ limit: LISTED.unknown, state: 'unknown' }),
      store.list({ limit: LISTED.bypassed, bypassed: true }),
      reconciler.last(),
      reconciler.dueAtMs(),
    ])
    const storeTrouble = (await canWrite()) ? undefined : CANNOT_WRITE
    const reconcile = { ...when, ...(nextAtMs > nowMs ? { nextAtMs } : {}), ...(last ? { last } : {}) }
    return overview({ ...always, status, storeTrouble, pushes, dead, unknown, bypassed, reconcile })
  } catch (error) {
    options.log.error({ err: error }, 'the status page cannot read the store')
    const storeTrouble = 'It cannot be read; the log says why.'
    return overview({
      ...always,
      status: undefined,
      storeTrouble,
      pushes: [],
      dead: [],
      unknown: [],
      bypassed: [],
      reconcile: when,
    })
  }
}
