// An entry of metadata.links that is written in another way: a title as the key, Markdown, a field of another name, two entries of one.
import { isMapValue, mapAt } from '../check.ts'
import type { Value } from '../parse.ts'
import { scalar } from './value-at.ts'

const OWN = ['title', 'icon', 'type']
/** What others call it. */
const URL_WORDS = /^(?:href|links?|ur[il]s?|address|target|website|page)$/i

const isWeb = (text: unknown): text is string => typeof text === 'string' && /^https?:\/\/[^\s<>]+$/.test(text)

/** The URL in `<https://…>` or `[Docs](https://…)`, with the title that is beside it; or behind a title, as `Docs: https://…`. */
export function linkIn(text: string): { url: string; title?: string } | undefined {
  const [, title, url] =
    /^\[([^[\]]+)\]\((https?:\/\/[^\s()]+)\)$/.exec(text) ??
    /^(?:(.*?\S)\s*[-:|\u2013\u2014]?\s+)?<?(https?:\/\/[^\s<>]+)>?$/.exec(text) ??
    []
  return url === undefined
    ? undefined
    : { url, ...(title === undefined ? {} : { title: title.replace(/\s*[-:|\u2013\u2014]$/, '') }) }
}

export const asEntry = ({ url, title }: { url: string; title?: string }) =>
  title === undefined
    ? `write "- url: ${url}"`
    : `write "- title: ${/^\p{L}[\p{L}\p{N} _.-]*$/u.test(title) ? title : scalar(title).replaceAll('"', "'")}" and below it "url: ${url}"`

type LinkMeant = { near?: string; add?: string }

/** Of an entry without `url`, which is at a path: `near`, the key that was meant as that; or `add`, what to write. */
export function linkMeant(entity: Value, path: readonly string[]): LinkMeant {
  const [root, list, index = '', field] = path
  const links = mapAt(entity, 'metadata').links
  if (root !== 'metadata' || list !== 'links' || field !== 'url' || !Array.isArray(links)) return {}
  const link: unknown = links[Number(index)]
  return isMapValue(link) ? meantBy(link, links[Number(index) + 1]) : {}
}

function meantBy(link: Value, next: unknown): LinkMeant {
  const others = Object.entries(link).filter(([key]) => !OWN.includes(key))
  const urls = others.filter(([key, value]) => isWeb(value) && !/[[\]{}]/.test(key))
  const [[key, url] = ['', '']] = urls
  if (urls.length === 1 && (URL_WORDS.test(key) || others.length > 1 || 'title' in link)) return { near: key }
  if (urls.length === 1) return { add: asEntry({ url: String(url), title: key }) }
  const [[name, title] = ['', undefined], ...more] = others
  if (isWeb(name) && more.length === 0)
    return { add: asEntry({ url: name, ...(typeof title === 'string' ? { title } : {}) }) }
  if (others.length > 0) return {}
  if (isMapValue(next) && 'url' in next && !('title' in next))
    return { add: 'replace the "- " before "url" with two spaces: both lines are one entry' }
  const held = typeof link.title === 'string' ? linkIn(link.title) : undefined
  return held?.title === undefined ? {} : { add: asEntry(held) }
}
