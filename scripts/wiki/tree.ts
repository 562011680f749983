// What lies in a wiki: its pages, its attachments, what is kept without being a page, and what is refused, each under the name that it gets in docs/.

/** A file of the wiki's git tree. */
export type WikiFile = { path: string; mode: string; id: string; bytes: number }

/** `file`: its path below docs/, by which everything in docs/ finds it. */
export type Page = { path: string; id: string; name: string; file: string }
type Attachment = { path: string; id: string; file: string }

export type WikiTree = {
  /** `Home` first, then by path. */
  pages: Page[]
  /** Pictures and everything else that a page may link to. */
  attachments: Attachment[]
  /** Pages in markups that MkDocs does not read: kept as files, and listed on a page of their own. */
  foreign: Attachment[]
  sidebar?: WikiFile
  footer?: WikiFile
  refused: { path: string; reason: string }[]
  /** Parts of the wiki that have no place in TechDocs. */
  left: { path: string; reason: string }[]
}

/** GitHub shows no page that is larger. */
const MOST_PAGE_BYTES = 512 * 1024
/** It is read with all that Markdown has, which takes long where somebody wants it to. */
const MOST_SIDEBAR_BYTES = 64 * 1024
/** GHES takes no file that is larger in a push. */
const MOST_FILE_BYTES = 100 * 1024 * 1024

const PAGE = /\.(md|markdown|mdown|mkdn?)$/i
const FOREIGN = /\.(rst|rest|asciidoc|adoc|asc|textile|org|mediawiki|wiki|creole|pod|rdoc|txt)$/i
/** The pages that GitHub shows beside, above and below every other. */
const SPECIAL = /(?:^|\/)_(sidebar|footer|header)\.[^/.]+$/i

export const FOREIGN_LIST_FILE = 'pages-in-other-markups.md'

export function readTree(files: readonly WikiFile[]): WikiTree {
  const tree: WikiTree = { pages: [], attachments: [], foreign: [], refused: [], left: [] }
  const names = fileNames()
  for (const file of [...files].sort(byPlace)) {
    const { path, id } = file
    const reason = refusal(file)
    const special = SPECIAL.exec(path)?.[1]?.toLowerCase()
    if (reason !== undefined) tree.refused.push({ path, reason })
    else if (special !== undefined) addSpecial(tree, special, file)
    else if (PAGE.test(path)) tree.pages.push({ path, id, name: pageName(path), file: names(path, '.md') })
    else if (FOREIGN.test(path)) tree.foreign.push({ path, id, file: names(path) })
    else if (/(?:^|\/)\./.test(path)) tree.left.push({ path, reason: 'a hidden file' })
    else tree.attachments.push({ path, id, file: names(path) })
  }
  return tree
}

function addSpecial(tree: WikiTree, special: string, file: WikiFile): void {
  const isAtTop = !file.path.includes('/') && PAGE.test(file.path)
  if (special === 'sidebar' && isAtTop && file.bytes > MOST_SIDEBAR_BYTES)
    tree.refused.push({
      path: file.path,
      reason: 'a sidebar of more than 64 KiB; the pages stand in the order of their names',
    })
  else if (special === 'sidebar' && isAtTop) tree.sidebar ??= file
  else if (special === 'footer' && isAtTop) tree.footer ??= file
  else
    tree.left.push({ path: file.path, reason: 'only _Sidebar.md and _Footer.md at the top of the wiki have a place' })
}

function refusal({ path, mode, bytes }: WikiFile): string | undefined {
  if (mode === '120000') return 'a symbolic link'
  if (mode === '160000') return 'a submodule'
  if (!mode.startsWith('100')) return `a file of mode ${mode}`
  if (path.split('/').some(part => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git'))
    return 'its path leads out of its folder'
  if (PAGE.test(path) && bytes > MOST_PAGE_BYTES)
    return `a page of ${megabytes(bytes)}; the most is 512 KiB, as on GitHub`
  if (bytes > MOST_FILE_BYTES) return `a file of ${megabytes(bytes)}; the most that GHES takes is 100 MiB`
  return undefined
}

const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`

/** `Home` first: it becomes index.md whatever else would like to. */
function byPlace(one: WikiFile, other: WikiFile): number {
  const isHome = ({ path }: WikiFile) => (/^home\.[^/]+$/i.test(path) && PAGE.test(path) ? 0 : 1)
  return isHome(one) - isHome(other) || (one.path < other.path ? -1 : 1)
}

/** As GitHub names a page: its file's name, dashes for blanks. */
const pageName = (path: string): string =>
  baseName(path)
    .replace(/\.[^.]+$/, '')
    .replaceAll('-', ' ')
    .trim()

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Names that MkDocs, a web server, and the disks of macOS and Windows take, each given once. */
function fileNames(): (path: string, ending?: string) => string {
  const given = new Set<string>([FOREIGN_LIST_FILE])
  return (path, ending) => {
    const at = path.lastIndexOf('.')
    const isNamed = at > path.lastIndexOf('/') + 1
    const stem = (isNamed ? path.slice(0, at) : path).split('/').map(safeSegment)
    if (ending !== undefined && stem.length === 1) stem[0] = pageStem(stem[0] ?? '')
    // MkDocs leaves this folder out
    if (stem.length > 1 && stem[0] === 'templates') stem[0] = 'templates-folder'
    const end = ending ?? (isNamed ? path.slice(at).replace(/[^.A-Za-z0-9]/g, '-') : '')
    for (let n = 1; ; n++) {
      const name = `${stem.join('/')}${n === 1 ? '' : `-${n}`}${end}`
      const folded = name.toLowerCase()
      if (!given.has(folded)) {
        given.add(folded)
        return name
      }
    }
  }
}

/** MkDocs takes README.md for an index, too. */
const pageStem = (stem: string) =>
  /^home$/i.test(stem) ? 'index' : /^(readme|index)$/i.test(stem) ? `${stem}-page` : stem

/** Windows takes no such file, whatever its ending. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/i

function safeSegment(segment: string): string {
  const safe = segment
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M}._-]+/gu, '-')
    .replace(/^\.+|[.]+$/g, '')
  const short = [...safe].slice(0, 60).join('')
  return short === '' ? 'page' : RESERVED.test(short) ? `${short}-page` : short
}
