// Ways out of the page: to the commit on GHES, and to the entity in Backstage.
import { type Html, html } from '../../../schemas/html.ts'
import type { PushSummary } from '../../store/ports/records.ts'
import { short } from './words.ts'

/** Both without a slash at the end. */
export type Links = { ghes: string; backstage: string }

type Pushed = Pick<PushSummary, 'repository' | 'before' | 'after'>

/** The commit, in short or as a whole. What became of a repository has none. */
export function commit(links: Links, { repository, before, after }: Pushed, words = short(after)): Html {
  const text = html`<code>${words}</code>`
  if (/^0+$/.test(after) || before === after) return text
  return html`<a href="${links.ghes}/${repository}/commit/${after}">${text}</a>`
}

/** `component:default/payments` → its page; undefined for what is no reference. */
export function entity(links: Links, ref: string): Html | undefined {
  const [, kind, namespace, name] = /^([^:/]+):([^:/]+)\/([^:/]+)$/.exec(ref) ?? []
  if (kind === undefined || namespace === undefined || name === undefined) return undefined
  const path = [namespace, kind, name].map(encodeURIComponent).join('/')
  return html`<a href="${links.backstage}/catalog/${path}">${ref}</a>`
}
