// _Sidebar.md as the nav of mkdocs.yml; without one, the pages as GitHub lists them.
import type { List, Nodes, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { toString as textOf } from 'mdast-util-to-string'
import type { Targets } from './targets.ts'
import type { Page } from './tree.ts'

/** As MkDocs has it: `{ title: file }`, `{ title: URL }` or `{ title: [ … ] }`. */
export type NavItem = { title: string; to: string } | { title: string; items: NavItem[] }
export type YamlNav = { [title: string]: string | YamlNav }[]

type Reading = { targets: Targets; home: Page; placed: Set<string>; missing: string[] }

/** Pages that the sidebar does not name come last, in a section of their own: nothing is hidden. `missing`: what it names and the wiki has not. */
export function navOf(
  pages: readonly Page[],
  sidebar: string | undefined,
  targets: Targets,
): { nav: NavItem[]; missing: string[] } {
  const [home] = pages
  const reading: Reading | undefined = home && { targets, home, placed: new Set(), missing: [] }
  const named = sidebar === undefined || !reading ? [] : sections(fromMarkdown(sidebar), reading)
  const rest = pages
    .filter(({ file }) => !reading?.placed.has(file))
    .map(({ name, file }) => ({ title: name, to: file }))
  const [first] = rest
  const isHomeLeft = first?.to === 'index.md'
  const others = isHomeLeft ? rest.slice(1) : rest
  const atEnd = named.length > 0 && others.length > 0 ? [{ title: 'More pages', items: others }] : others
  return { nav: [...(isHomeLeft ? [first] : []), ...named, ...atEnd], missing: reading?.missing ?? [] }
}

export const yamlNav = (items: readonly NavItem[]): YamlNav =>
  items.map(item => ({ [item.title]: 'items' in item ? yamlNav(item.items) : item.to }))

/** A heading begins a section; lists and lines below it are its items. */
function sections(root: Root, reading: Reading): NavItem[] {
  const top: NavItem[] = []
  let into = top
  for (const node of root.children) {
    if (node.type === 'heading') {
      const items: NavItem[] = []
      const links = linksIn(node, reading)
      top.push({ title: plainText(node), items })
      items.push(...links)
      into = items
    } else if (node.type === 'list') into.push(...listItems(node, reading))
    else if (node.type !== 'html') into.push(...linksIn(node, reading))
  }
  return top.filter(item => !('items' in item) || item.items.length > 0)
}

function listItems(list: List, reading: Reading): NavItem[] {
  return list.children.flatMap((item): NavItem[] => {
    const own = item.children.filter(({ type }) => type !== 'list')
    const links = own.flatMap(node => linksIn(node, reading))
    const below = item.children.flatMap(node => (node.type === 'list' ? listItems(node, reading) : []))
    if (below.length === 0) return links
    const title = own.map(plainText).join(' ').trim()
    return [{ title: links[0]?.title ?? (title === '' ? 'Pages' : title), items: [...links, ...below] }]
  })
}

type Link = { title: string; address: string; isNamed: boolean }

function linksIn(node: Nodes, reading: Reading): NavItem[] {
  return linksOf(node).flatMap(({ title, address, isNamed }): NavItem[] => {
    const target = isNamed
      ? reading.targets.named(address, reading.home)
      : reading.targets.linked(address, reading.home)
    if (target.kind === 'page') {
      if (reading.placed.has(target.page.file)) return []
      reading.placed.add(target.page.file)
      return [{ title, to: target.page.file }]
    }
    if (target.kind === 'file') return [{ title, to: target.file }]
    if (target.kind === 'url' && /^https?:/.test(target.url)) return [{ title, to: target.url }]
    if (target.kind === 'missing') reading.missing.push(address)
    return []
  })
}

function linksOf(node: Nodes): Link[] {
  if (node.type === 'link') return [{ title: plainText(node) || node.url, address: node.url, isNamed: false }]
  if (node.type === 'text')
    return [...node.value.matchAll(/\[\[([^[\]\n]+)\]\]/g)].flatMap(([, inner = '']) => {
      const [first = '', second] = inner.split('|').map(part => part.trim())
      return /^_toc_$/i.test(first) ? [] : [{ title: first, address: second ?? first, isNamed: true }]
    })
  return 'children' in node ? node.children.flatMap(linksOf) : []
}

const plainText = (node: Nodes) =>
  textOf(node)
    .replace(/\[\[([^[\]|\n]+)[^[\]\n]*\]\]/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
