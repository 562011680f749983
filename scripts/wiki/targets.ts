// Where a link of a wiki page leads: to a page, to a file, somewhere else on GHES, or nowhere.
import { decoded } from '../../schemas/url-path.ts'
import { baseName, type Page, type WikiTree } from './tree.ts'

export type Target =
  | { kind: 'page'; page: Page; anchor?: string }
  | { kind: 'file'; file: string }
  /** Outside of the wiki. */
  | { kind: 'url'; url: string }
  /** A page or file that the wiki has not: on GHES that is an offer to write it. */
  | { kind: 'missing'; url: string }
  /** A link that runs a program. */
  | { kind: 'unsafe' }

/** `webUrl`: of the repository, `https://HOST/OWNER/NAME`. */
export function targetsOf(tree: WikiTree, webUrl: string): Targets {
  return new Targets(tree, webUrl)
}

export class Targets {
  readonly #pages = new Map<string, Page[]>()
  readonly #files = new Map<string, string>()
  readonly #web: URL

  constructor(tree: WikiTree, webUrl: string) {
    this.#web = new URL(`${webUrl}/`)
    for (const page of tree.pages) {
      for (const key of new Set([
        keyOf(page.path),
        keyOf(page.path.replace(/\.[^./]+$/, '')),
        keyOf(stemOf(page.path)),
      ]))
        this.#pages.set(key, [...(this.#pages.get(key) ?? []), page])
    }
    for (const { path, file } of [...tree.attachments, ...tree.foreign]) this.#files.set(keyOf(path), file)
    // A page in another markup is linked to by its name, too.
    for (const { path, file } of tree.foreign) {
      for (const name of [path.replace(/\.[^./]+$/, ''), stemOf(path)])
        if (!this.#pages.has(keyOf(name)) && !this.#files.has(keyOf(name))) this.#files.set(keyOf(name), file)
    }
  }

  /** `[[name]]`: by the name of a page wherever it lies, or the path of a file. */
  named(name: string, from: Page): Target {
    const [, path = '', anchor] = /^([^#]*)(?:#(.*))?$/s.exec(name.trim()) ?? []
    if (path === '' && anchor !== undefined) return { kind: 'page', page: from, anchor }
    if (isAbsolute(path)) return this.linked(name.trim(), from)
    const plain = path.replace(/^\.?\//, '')
    return this.#found([plain, joined(folderOf(from.path), plain)], anchor, from) ?? this.#missing(plain)
  }

  /** `](destination)` and `href="destination"`: as a browser would resolve it on the page, and as an editor in the wiki's folder. */
  linked(destination: string, from: Page): Target {
    if (/^\s*(javascript|vbscript|data(?!:image\/))\s*:/i.test(destination)) return { kind: 'unsafe' }
    const [, path = '', anchor] = /^([^#]*)(?:#(.*))?$/s.exec(destination) ?? []
    if (path === '') return { kind: 'page', page: from, ...(anchor === undefined ? {} : { anchor }) }
    if (!isAbsolute(path)) {
      const local = decoded(path.replace(/\?.*$/s, ''))
      const near = [joined(folderOf(from.path), local.replace(/^\//, '')), joined('', local.replace(/^\//, ''))]
      const found = this.#found(local.startsWith('/') ? near.slice(1) : near, anchor, from)
      if (found !== undefined) return found
    }
    const pageUrl = new URL(`wiki/${encodeURIComponent(stemOf(from.path))}`, this.#web)
    if (!URL.canParse(destination, pageUrl.href)) return { kind: 'url', url: destination }
    const url = new URL(destination, pageUrl)
    const inside = this.#insideWiki(url)
    if (inside === undefined) return { kind: 'url', url: isAbsolute(path) ? destination : url.href }
    return this.#found([inside], anchor, from) ?? { kind: 'missing', url: url.href }
  }

  /** The part of an address that names something of this wiki, in each form that GHES has for it. */
  #insideWiki(url: URL): string | undefined {
    const path = decoded(url.pathname).toLowerCase()
    const own = decoded(this.#web.pathname).toLowerCase()
    const isHere = url.host === this.#web.host || url.host === `raw.${this.#web.host}`
    const starts = [`${own}wiki/`, `/raw/wiki${own}`, `/wiki${own}`, `${own.replace(/\/$/, '')}.wiki/`]
    const start = isHere ? starts.find(one => path.startsWith(one)) : undefined
    if (start !== undefined)
      return decoded(url.pathname)
        .slice(start.length)
        .replace(/^(raw|blob)\/[^/]+\//, '')
    return isHere && `${path}/` === starts[0] ? 'Home' : undefined
  }

  #found(paths: readonly string[], anchor: string | undefined, from: Page): Target | undefined {
    for (const path of paths) {
      const key = keyOf(path)
      const file = this.#files.get(key)
      const page = nearestTo(from, this.#pages.get(key) ?? [])
      if (page !== undefined) return { kind: 'page', page, ...(anchor === undefined ? {} : { anchor }) }
      if (file !== undefined) return { kind: 'file', file }
    }
    return undefined
  }

  #missing = (name: string): Target => ({
    kind: 'missing',
    url: new URL(`wiki/${encodeURIComponent(name.replaceAll(' ', '-'))}`, this.#web).href,
  })
}

/** From one file of docs/ to another, as a link in Markdown has it. */
export function relativePath(from: string, to: string): string {
  const source = folderOf(from).split('/').filter(Boolean)
  const parts = to.split('/')
  let same = 0
  while (same < source.length && same < parts.length - 1 && source[same] === parts[same]) same++
  return [...source.slice(same).map(() => '..'), ...parts.slice(same)].join('/')
}

/** Pages of one name in several folders: the one in the same folder, else the one that lies highest. */
const nearestTo = (from: Page, pages: readonly Page[]): Page | undefined =>
  pages.find(page => folderOf(page.path) === folderOf(from.path)) ??
  [...pages].sort((a, b) => a.path.split('/').length - b.path.split('/').length)[0]

/** GitHub knows pages in any letter case, and a blank as a dash. */
const keyOf = (path: string) => path.normalize('NFC').toLowerCase().trim().replaceAll(' ', '-')

const stemOf = (path: string) => baseName(path).replace(/\.[^.]+$/, '')

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

const isAbsolute = (path: string) => /^([a-z][a-z0-9+.-]*:|\/\/)/i.test(path)

/** `..` that leads out of the wiki leads to nothing in it. */
function joined(folder: string, path: string): string {
  const parts = folder.split('/').filter(Boolean)
  for (const part of path.split('/')) {
    if (part === '..' && parts.pop() === undefined) return ''
    if (part !== '..' && part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}
