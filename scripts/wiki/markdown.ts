// A wiki page as a page of docs/: links, pictures, headings and HTML led on; every other byte stays as it was written.
import type { Heading, Html, Nodes, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { toString as textOf } from 'mdast-util-to-string'
import { encodedPath } from '../../schemas/url-path.ts'
import { applyEdits, type Edit } from './edits.ts'
import { anchorsOf, mkdocsAnchor } from './headings.ts'
import { rewriteHtml } from './html.ts'
import { relativePath, type Target, type Targets } from './targets.ts'
import type { Page } from './tree.ts'

/** A page's text, taken apart once. */
export type ReadPage = {
  page: Page
  front: string
  text: string
  root: Root
  anchors: Map<string, string>
  hasTitle: boolean
}

/** `text`: without a byte order mark. */
export function readPage(page: Page, whole: string): ReadPage {
  // MkDocs reads it as data about the page
  const front = /^---[ \t]*\r?\n[\s\S]*?\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/.exec(whole)?.[0] ?? ''
  const text = whole.slice(front.length)
  const root = fromMarkdown(text, { extensions: [{ disable: { null: SLOW } }] })
  const headings = nodesOf(root).filter((node): node is Heading => node.type === 'heading')
  const hasTitle = headings.some(({ depth }) => depth === 1)
  const words = headings.map(heading => headingWords(textOf(heading)))
  // The title that we add is a heading of MkDocs' own page, and not of GitHub's.
  const anchors = anchorsOf(hasTitle ? words : [page.name, ...words])
  return { page, front, text, root, anchors, hasTitle }
}

/** Links and emphasis are looked for by our own means: with them, half a megabyte of `[[a]]` takes minutes. */
const SLOW = ['attention', 'labelEnd', 'labelStartImage', 'labelStartLink', 'definition']

/** A heading is short, so its links and emphasis may be read, too. */
function headingWords(text: string): string {
  const plain = text.replace(WIKI_LINK, (_, inner: string) => wikiLinkParts(inner).text)
  return plain.length > 500 ? plain : textOf(fromMarkdown(plain))
}

export type Linking = {
  targets: Targets
  /** Of the page, by its file; read or not. */
  anchors: (file: string) => ReadonlyMap<string, string> | undefined
  /** Told once a link: what leads nowhere, what was taken out. */
  note: (words: string) => void
}

/** `[[…]]`; nothing in it may be a bracket or a line end. */
const WIKI_LINK = /\[\[([^[\]\n]+)\]\]/g

/** The body only, as part of `on`: a footer is of another file than the page that it stands on. */
export function convertMarkdown({ text, root }: Pick<ReadPage, 'text' | 'root'>, on: Page, linking: Linking): string {
  const links = destinations(text)
  // `](<About Us>)`: without links there, the parser takes it for a tag.
  const angles = new Set(links.map(({ start }) => start))
  const nodes = nodesOf(root).filter(node => node.type !== 'html' || !angles.has(rangeOf(node).start))
  const code = nodes.filter(({ type }) => type === 'code' || type === 'inlineCode' || type === 'html').map(rangeOf)
  const isCode = insideOf(code)
  const edits: Edit[] = [
    ...wikiLinks(text, isCode, on, linking),
    ...links.flatMap(({ text: address, ...place }) =>
      isCode(place.start) ? [] : [{ ...place, text: markdownAddress(address, on, linking) }],
    ),
  ]
  const blocks = new Set<Nodes>(
    nodes.flatMap(node => (node.type === 'paragraph' || !('children' in node) ? [] : node.children)),
  )
  for (const node of nodes)
    if (node.type === 'html') edits.push(htmlEdit(text, node, blocks.has(node), { on, linking }))
  return applyEdits(text, [
    ...edits.filter(({ start, end, text: now }) => text.slice(start, end) !== now),
    ...blankLines(text, root),
  ])
}

export const titleOf = (name: string) => `# ${name.replace(/[\\`*_{}[\]<>#]/g, '\\$&')}\n\n`

function wikiLinks(text: string, isCode: (at: number) => boolean, on: Page, linking: Linking): Edit[] {
  return [...text.matchAll(WIKI_LINK)].flatMap(match => {
    const [whole, inner = ''] = match
    const place = { start: match.index, end: match.index + whole.length }
    if (isCode(place.start)) return []
    if (/^_toc_$/i.test(inner.trim())) return [{ ...place, text: '[TOC]' }]
    const { text: words, name, options } = wikiLinkParts(inner)
    // `[[ -f x ]]` in a line of prose is no name of a page
    if (/[$"'`=;]/.test(name) || /^-/.test(name)) return []
    const target = linking.targets.named(name, on)
    const address = addressOf(target, on, linking, relativePath)
    if (target.kind === 'missing') linking.note(`[[${inner}]] leads to nothing in the wiki`)
    const isPicture =
      target.kind !== 'page' && /\.(png|jpe?g|gif|svg|webp|bmp|ico|avif)$/i.test(name.replace(/[?#].*$/, ''))
    return [
      { ...place, text: isPicture ? picture(address, words === name ? '' : words, options) : `[${words}](${address})` },
    ]
  })
}

/** `text|Page`, and for a picture `path|alt=…|width=…`. A `|` in a table is written `\|`. */
function wikiLinkParts(inner: string): { text: string; name: string; options: Map<string, string> } {
  const [first = '', ...rest] = inner.split(/\\?\|/).map(part => part.trim())
  const options = new Map(
    rest.filter(isOption).map(part => [part.split('=')[0] ?? '', part.split('=').slice(1).join('=')]),
  )
  const [second] = rest.filter(part => !isOption(part))
  if (second !== undefined) return { text: first, name: second, options }
  return { text: options.get('alt') ?? first, name: first, options }
}

const isOption = (part: string) => /^(alt|width|height|align|float|frame|title)(=|$)/.test(part)

function picture(address: string, alt: string, options: ReadonlyMap<string, string>): string {
  const sizes = ['width', 'height'].flatMap(name => {
    const size = /^\d+/.exec(options.get(name) ?? '')?.[0]
    return size === undefined ? [] : [`${name}="${size}"`]
  })
  // A Markdown picture, so that MkDocs leads it on; the size as its extension attr_list reads it.
  return `![${alt}](${address})${sizes.length === 0 ? '' : `{ ${sizes.join(' ')} }`}`
}

/** Every `](address` and `[name]: address`; also those that GitHub takes for text and Python-Markdown for a link (a blank in it). */
function destinations(text: string): Edit[] {
  const found: Edit[] = []
  for (const match of text.matchAll(
    /\]\([ \t]*(?:<([^<>\n]*)>|([^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*(?:[ ][^\s()"'<>]+)*))(?=[ \t]*(?:\)|["'(]))/g,
  )) {
    const address = match[1] ?? match[2] ?? ''
    const start = match.index + match[0].lastIndexOf(match[1] === undefined ? address : `<${address}>`)
    if (address !== '')
      found.push({ start, end: start + address.length + (match[1] === undefined ? 0 : 2), text: address })
  }
  for (const match of text.matchAll(/^ {0,3}\[(?!\^)[^\]\n]+\]:[ \t]*(?:<([^<>\n]*)>|(\S+))/gm)) {
    const address = match[1] ?? match[2] ?? ''
    const end = match.index + match[0].length
    found.push({ start: end - address.length - (match[1] === undefined ? 0 : 2), end, text: address })
  }
  return found
}

function markdownAddress(address: string, on: Page, linking: Linking): string {
  const target = linking.targets.linked(address, on)
  if (target.kind === 'missing') linking.note(`the link to ${address} leads to nothing in the wiki`)
  if (target.kind === 'unsafe') linking.note('a link that runs a program was taken out')
  // An address outside stays as it was written.
  if (target.kind === 'url' && target.url === address) return address
  return addressOf(target, on, linking, relativePath)
}

function htmlEdit(text: string, node: Html, isBlock: boolean, { on, linking }: { on: Page; linking: Linking }): Edit {
  const { start, end } = rangeOf(node)
  const link = (address: string) => {
    const target = linking.targets.linked(address, on)
    if (target.kind === 'unsafe') return undefined
    if (target.kind === 'missing') linking.note(`the link to ${address} leads to nothing in the wiki`)
    if (target.kind === 'url' && target.url === address) return address
    return addressOf(target, on, linking, builtPath)
  }
  const { html: now, removed } = rewriteHtml(text.slice(start, end), { link, isBlock })
  for (const what of new Set(removed)) linking.note(`${what} is nothing that GitHub shows; it was taken out`)
  return { start, end, text: now }
}

function addressOf(target: Target, on: Page, linking: Linking, path: (from: string, to: string) => string): string {
  if (target.kind === 'unsafe') return '#'
  if (target.kind === 'url' || target.kind === 'missing') return target.url.replaceAll(' ', '%20')
  if (target.kind === 'file') return escaped(path(on.file, target.file))
  const { page, anchor } = target
  const hash = anchor === undefined || anchor === '' ? '' : `#${mkdocsAnchor(anchor, linking.anchors(page.file))}`
  if (page === on && hash !== '') return hash
  return `${escaped(path(on.file, page.file))}${hash}`
}

/** In HTML MkDocs leads nothing on: a page `a/b.md` is served as `a/b/`, and so it has to be named there. */
function builtPath(from: string, to: string): string {
  const place = (file: string) =>
    /(^|\/)index\.md$/.test(file) ? file.replace(/index\.md$/, '') : file.replace(/\.md$/, '/')
  const there = /\.md$/.test(to) ? place(to) : to
  return relativePath(`${place(from)}x`, there) || './'
}

const escaped = (path: string) => encodedPath(path).replace(/[()]/g, c => (c === '(' ? '%28' : '%29'))

/** Python-Markdown takes a list right below a line of text for more of that text. */
function blankLines(text: string, root: Root): Edit[] {
  return root.children.flatMap((node, i) => {
    const before = root.children[i - 1]
    if (node.type !== 'list' || before?.type !== 'paragraph') return []
    if (node.position?.start.line !== (before.position?.end.line ?? 0) + 1) return []
    const start = text.lastIndexOf('\n', rangeOf(node).start - 1) + 1
    return [{ start, end: start, text: text[start - 2] === '\r' ? '\r\n' : '\n' }]
  })
}

function nodesOf(root: Nodes): Nodes[] {
  const nodes: Nodes[] = []
  const open: Nodes[] = [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    nodes.push(node)
    if ('children' in node) open.push(...[...node.children].reverse())
  }
  return nodes
}

function rangeOf({ position }: Nodes): { start: number; end: number } {
  return { start: position?.start.offset ?? 0, end: position?.end.offset ?? 0 }
}

/** For ranges in the order of their places, none inside another. */
function insideOf(ranges: readonly { start: number; end: number }[]): (at: number) => boolean {
  return at => {
    let low = 0
    let high = ranges.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ranges[middle]?.end ?? 0) <= at) low = middle + 1
      else high = middle
    }
    const range = ranges[low]
    return range !== undefined && range.start <= at
  }
}
