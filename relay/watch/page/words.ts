// Times, states and refs in words that need no manual.
import { noun } from '../../../schemas/count.ts'
import { type Html, html } from '../../../schemas/html.ts'
import type { PushState } from '../../store/ports/records.ts'

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
]

/** `1.4 s`, `3 min`, `2 h`: two digits at most, since nobody compares milliseconds of hours. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const [unit, size] = UNITS.find(([, size]) => ms >= size) ?? (['s', 1000] as const)
  return `${Math.floor(ms / size)} ${unit}`
}

/** How long ago or how far off, with the time itself for whoever points at it. */
export function time(atMs: number, nowMs: number): Html {
  const iso = new Date(atMs).toISOString()
  const off = nowMs - atMs
  const words = Math.abs(off) < 1000 ? 'now' : off > 0 ? `${duration(off)} ago` : `in ${duration(-off)}`
  return html`<time datetime="${iso}" title="${iso.replace('T', ' ').replace('Z', ' UTC')}">${words}</time>`
}

const STATE_WORDS: Record<PushState, { label: string; tone: 'wait' | 'good' | 'lost' | 'bad' | 'quiet' }> = {
  waiting: { label: 'waits for GHES', tone: 'wait' },
  landed: { label: 'on its way', tone: 'wait' },
  forwarded: { label: 'forwarded', tone: 'good' },
  unknown: { label: 'unknown to the catalog', tone: 'lost' },
  rejected: { label: 'not landed', tone: 'quiet' },
  dead: { label: 'dead letter', tone: 'bad' },
}

export const badge = (state: PushState): Html =>
  html`<span class="badge ${STATE_WORDS[state].tone}">${STATE_WORDS[state].label}</span>`

/** Of a file that the catalog does not know. */
export const WAY_OUT: Html = html`Register its Location in Backstage once, have a provider find it (its pattern goes in <code>backstage.locations</code>), or set <code>backstage.register</code>.`

export const branchOf = (ref: string) => ref.replace(/^refs\/heads\//, '')

/** A commit as people say it. */
export const short = (sha: string) => sha.slice(0, 8)

/** Long names are cut in the middle of what nobody reads: the end tells files apart. */
export const cut = (text: string, most = 120) =>
  text.length <= most ? text : `${text.slice(0, Math.floor(most / 2) - 1)} … ${text.slice(-(Math.ceil(most / 2) - 2))}`

export const count = (n: number, one: string, many?: string) => `${n.toLocaleString('en')} ${noun(n, one, many)}`

/** A reason as a sentence of its own. */
export const sentence = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`)

/** Ids of pushes in a text lead to them; nobody reads them to the end. */
export function linked(text: string): Html {
  const parts = text.split(/(msg_[0-9a-f]{32}\w*)/)
  return html`${parts.map((part, i) => (i % 2 === 1 ? html`<a href="/pushes/${part}">${part.slice(0, 12)}…</a>` : part))}`
}
