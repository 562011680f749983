// Tells a chat what somebody should look at: dead letters, bypasses, a target that does not work for long. Each at least once, and by one replica.
import { count } from '../../schemas/count.ts'
import { cutText } from '../../schemas/text.ts'
import type { Worker } from '../deliver/worker.ts'
import type { ChatMessage, Say } from '../runtime/chat-message.ts'
import type { Clock } from '../runtime/clock.ts'
import type { TargetName, Tell } from '../runtime/events.ts'
import type { Logger } from '../runtime/log.ts'
import { type Lead, leadRounds } from '../runtime/rounds.ts'
import { verdictWords } from '../runtime/verdict-words.ts'
import type { Leads, Notes } from '../store/ports/coordination.ts'
import type { PushSummary, Records } from '../store/ports/records.ts'

export type ChatOptions = {
  store: Pick<Records, 'list'> & Notes & Leads
  say: Say
  targetHealth: Worker['targetHealth']
  clock: Clock
  log: Logger
  tell?: Tell
  /** A target is told of when it has been down for so long. */
  afterMs: number
  /** Of GHES, without a slash at the end. */
  ghesUrl: string
}

const EVERY_MS = 5_000
/** A chat that does not take it is left alone for a while. */
const AGAIN_MS = 60_000
const NOTE = 'chat'
const SHOWN = 10
const LOOKED_AT = 100
/** What was told is remembered longer than a list is. */
const REMEMBERED = 5 * LOOKED_AT

/** Since when we tell, what was told, and which targets are down. */
type Memory = {
  sinceMs: number
  told: string[]
  down: Partial<Record<TargetName, { sinceMs: number; isTold: boolean }>>
}

/** Looks until the returned function is called. */
export function watchForChat(options: ChatOptions): () => void {
  const { store, clock, log } = options
  const failed = (error: unknown) => {
    log.error({ err: error }, 'chat: what is new could not be read')
    return AGAIN_MS
  }
  return leadRounds(
    { clock, firstInMs: EVERY_MS, round: lead => tellNews(options, lead), failed },
    { store, task: 'chat', leaseMs: 4 * EVERY_MS, othersAskMs: EVERY_MS },
  )
}

/** Returns when to look again. */
async function tellNews(options: ChatOptions, lead: Lead): Promise<number> {
  const { store, say, clock, log, tell } = options
  const note = await store.note(NOTE)
  const memory: Memory =
    note === undefined ? { sinceMs: clock.now(), told: [], down: {} } : (JSON.parse(note) as Memory) // our own writing
  for (const { message, keep } of [...(await newsOfPushes(options, memory)), ...newsOfTargets(options, memory)]) {
    if (!lead.isHeld()) return EVERY_MS
    const said = message === undefined ? ({ result: 'said' } as const) : await say(message)
    if (message !== undefined) tell?.({ event: 'chat', result: said.result === 'said' ? 'sent' : 'failed' })
    if (said.result === 'failed') {
      log.warn({ reason: said.reason, event: message?.event }, 'chat: a message was not taken; tried again')
      return AGAIN_MS
    }
    keep()
    await store.setNote(NOTE, JSON.stringify(memory))
  }
  if (note === undefined) await store.setNote(NOTE, JSON.stringify(memory))
  return EVERY_MS
}

/** `keep` puts into the memory what was said; some of it needs no words. */
type News = { message: ChatMessage | undefined; keep: () => void }

async function newsOfPushes({ store, clock, ghesUrl }: ChatOptions, memory: Memory): Promise<News[]> {
  const news = async (
    filter: { state: 'dead' } | { bypassed: true } | { refused: true },
    event: 'dead' | 'bypass' | 'refused',
    words: (push: PushSummary) => string,
  ): Promise<News[]> => {
    const at = (push: PushSummary) => (event === 'dead' ? (push.settledAtMs ?? push.receivedAtMs) : push.receivedAtMs)
    const keyOf = (push: PushSummary) => `${event} ${push.id} ${at(push)}`
    const listed = await store.list({ ...filter, limit: LOOKED_AT })
    const fresh = listed.filter(push => at(push) >= memory.sinceMs && !memory.told.includes(keyOf(push)))
    const [first] = fresh
    if (first === undefined) return []
    const many = fresh.length === LOOKED_AT ? `${LOOKED_AT} pushes or more` : count(fresh.length, 'push', 'pushes')
    const what = { dead: 'given up', bypass: 'let past the gate', refused: 'not taken by the catalog' }[event]
    const message: ChatMessage = {
      text:
        fresh.length === 1
          ? words(first)
          : `catalog-gate: ${many} ${what}. The latest: ${words(first).replace('catalog-gate: ', '')}`,
      event,
      at: new Date(clock.now()).toISOString(),
      count: fresh.length,
      pushes: fresh.slice(0, SHOWN).map(push => pushJson(push, ghesUrl)),
    }
    const keep = () => {
      memory.told = [...fresh.map(keyOf), ...memory.told].slice(0, REMEMBERED)
    }
    return [{ message, keep }]
  }
  const place = ({ repository, after }: PushSummary) => `${repository} at ${after.slice(0, 8)}`
  return [
    ...(await news(
      { state: 'dead' },
      'dead',
      push => `catalog-gate: ${place(push)} was given up: ${short(push.reason ?? 'no reason was kept')}`,
    )),
    ...(await news(
      { bypassed: true },
      'bypass',
      push =>
        `catalog-gate: ${push.pusher ?? 'somebody'} went past the gate with ${place(push)}: ${short(push.bypass ?? '')}`,
    )),
    ...(await news(
      { refused: true },
      'refused',
      push => `catalog-gate: ${place(push)}: ${short(verdictWords(push.verdict))}`,
    )),
  ]
}

const short = (text: string) => cutText(text, 300)

function pushJson({ id, repository, ref, after, pusher, reason, bypass }: PushSummary, ghesUrl: string) {
  return {
    id,
    repository,
    ref,
    after,
    ...(pusher === undefined ? {} : { pusher }),
    ...(reason === undefined ? {} : { reason }),
    ...(bypass === undefined ? {} : { bypass }),
    commitUrl: `${ghesUrl}/${repository}/commit/${after}`,
  }
}

const NAMES: Record<TargetName, string> = { ghe: 'GHES', backstage: 'Backstage' }

function newsOfTargets({ targetHealth, clock, afterMs }: ChatOptions, memory: Memory): News[] {
  const nowMs = clock.now()
  const at = new Date(nowMs).toISOString()
  return Object.entries(targetHealth()).flatMap(([name, { state, reason }]): News[] => {
    const target = name as TargetName
    const known = memory.down[target]
    const isDown = state === 'open' || state === 'half-open' || (state === 'unasked' && reason !== undefined)
    if (!isDown) {
      if (known === undefined || state === 'unasked') return []
      const text = `catalog-gate: ${NAMES[target]} works again; pushes that waited go on.`
      const message = known.isTold ? ({ text, event: 'works', at, target } as const) : undefined
      return [{ message, keep: () => delete memory.down[target] }]
    }
    if (known === undefined) {
      const keep = () => {
        memory.down[target] = { sinceMs: nowMs, isTold: false }
      }
      return [{ message: undefined, keep }]
    }
    if (known.isTold || nowMs - known.sinceMs < afterMs) return []
    const why = short(reason ?? 'no reason is known')
    const minutes = Math.round((nowMs - known.sinceMs) / 60_000)
    const text = `catalog-gate: ${NAMES[target]} has not worked for ${count(minutes, 'minute')}: ${why}. Pushes wait; none is lost.`
    const keep = () => {
      known.isTold = true
    }
    return [{ message: { text, event: 'down', at, target, reason: why }, keep }]
  })
}
