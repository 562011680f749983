// HTML in a wiki page: its links are led on, and what GitHub would not show either is taken out.
import { Parser } from 'htmlparser2'
import { applyEdits, type Edit } from './edits.ts'

/** What GitHub lets through, by the documentation of its renderer. */
const SHOWN = new Set(
  `a abbr b bdo blockquote br caption cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li
  mark ol p picture pre q rp rt ruby s samp small source span strike strong sub summary sup table tbody td tfoot th thead time tr tt ul var
  wbr`.split(/\s+/),
)
/** Nothing of these is shown, their text neither. */
const HIDDEN = new Set(['script', 'style', 'template'])
const LINKS = new Set(['href', 'src', 'srcset', 'poster', 'cite', 'longdesc'])

/** Around Markdown that begins after an empty line. Python-Markdown reads it there only where the tag says so (its extension md_in_html). */
const MARKDOWN_INSIDE = new Set(['details', 'div', 'blockquote'])
const closes = (html: string, name: string) => html.toLowerCase().includes(`</${name}`)

type Rewriting = {
  /** What an address becomes; `undefined`: it is not to be followed. */
  link: (address: string) => string | undefined
  /** A block of its own, not a tag in a line of text. */
  isBlock: boolean
}

export function rewriteHtml(html: string, { link, isBlock }: Rewriting): { html: string; removed: string[] } {
  // In a line of text each tag is a piece of its own, the closing one, too.
  const closed = /^<\/([a-z][a-z0-9-]*)\s*>$/i.exec(html.trim())?.[1]
  if (closed !== undefined) return { html: SHOWN.has(closed.toLowerCase()) ? html : '', removed: [] }
  const edits: Edit[] = []
  const removed: string[] = []
  let hiddenFrom: { name: string; at: number } | undefined
  const parser: Parser = new Parser(
    {
      onopentag(name, attributes, isImplied) {
        if (isImplied || hiddenFrom) return
        const place = { start: parser.startIndex, end: parser.endIndex + 1 }
        if (HIDDEN.has(name)) hiddenFrom = { name, at: place.start }
        else if (!SHOWN.has(name)) edits.push({ ...place, text: '' })
        if (!SHOWN.has(name)) return void removed.push(`<${name}>`)
        const kept = Object.entries(attributes).map(([key, value]) => ({
          key,
          value,
          now: attributeNow(key, value, link),
        }))
        removed.push(...kept.filter(({ now }) => now === undefined).map(({ key }) => `${key}=`))
        const holdsMarkdown = isBlock && MARKDOWN_INSIDE.has(name) && !closes(html.slice(place.end), name)
        if (!holdsMarkdown && kept.every(({ value, now }) => value === now)) return
        if (holdsMarkdown && !('markdown' in attributes)) kept.push({ key: 'markdown', value: '', now: '1' })
        const words = kept.flatMap(({ key, now }) => (now === undefined ? [] : ` ${key}="${quoted(now)}"`))
        const isClosed = html.slice(place.start, place.end).endsWith('/>')
        edits.push({ ...place, text: `<${name}${words.join('')}${isClosed ? ' /' : ''}>` })
      },
      onclosetag(name, isImplied) {
        if (isImplied) return
        const place = { start: parser.startIndex, end: parser.endIndex + 1 }
        if (hiddenFrom?.name === name) {
          edits.push({ start: hiddenFrom.at, end: place.end, text: '' })
          hiddenFrom = undefined
        } else if (!hiddenFrom && !SHOWN.has(name) && place.end > place.start) edits.push({ ...place, text: '' })
      },
    },
    { lowerCaseTags: true, lowerCaseAttributeNames: true, recognizeSelfClosing: false },
  )
  parser.end(html)
  if (hiddenFrom) edits.push({ start: hiddenFrom.at, end: html.length, text: '' })
  return { html: applyEdits(html, edits), removed }
}

function attributeNow(key: string, value: string, link: Rewriting['link']): string | undefined {
  if (/^(on|style$|srcdoc$|formaction$|xmlns)/.test(key)) return undefined
  if (!LINKS.has(key)) return value
  return key === 'srcset' ? undefined : link(value)
}

const quoted = (value: string) =>
  value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
