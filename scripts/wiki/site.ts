// A wiki as the files that TechDocs reads: docs/ and mkdocs.yml.
import { stringify } from 'yaml'
import { encodedPath } from '../../schemas/url-path.ts'
import { convertMarkdown, readPage, titleOf } from './markdown.ts'
import { navOf, yamlNav } from './nav.ts'
import { pageText } from './page-text.ts'
import { targetsOf } from './targets.ts'
import { FOREIGN_LIST_FILE, type Page, readTree, type WikiFile, type WikiTree } from './tree.ts'

export type Wiki = {
  /** OWNER/NAME of the repository that it belongs to. */
  repository: string
  /** `https://HOST/OWNER/NAME` */
  webUrl: string
  files: readonly WikiFile[]
  /** The bytes of a blob. */
  read: (id: string) => Promise<Uint8Array>
}

/** What a person may want to know of one file of the wiki. */
export type Note = { path: string; words: string }

export type Site = {
  /** Path in the repository → blob. */
  files: Map<string, string>
  pages: number
  attachments: number
  notes: Note[]
}

const DOCS = 'docs'
const MKDOCS_FILE = 'mkdocs.yml'

/** `store` keeps a text as a blob of the repository, and gives its id. Two passes, so that no more than a page is in memory at a time. */
export async function siteOf(wiki: Wiki, store: (text: string) => Promise<string>): Promise<Site> {
  const tree = readTree(wiki.files)
  const targets = targetsOf(tree, wiki.webUrl)
  const read = async (id: string) => pageText(await wiki.read(id))
  const notes: Note[] = [
    ...tree.refused.map(({ path, reason }) => ({ path, words: `not brought over: ${reason}` })),
    ...tree.left.map(({ path, reason }) => ({ path, words: `left out: ${reason}` })),
    ...tree.foreign.map(({ path }) => ({ path, words: 'no Markdown: kept as a file, and listed on a page' })),
  ]
  const anchors = new Map<string, ReadonlyMap<string, string>>()
  for (const page of tree.pages) {
    const { text, as } = await read(page.id)
    anchors.set(page.file, readPage(page, text).anchors)
    if (as !== undefined) notes.push({ path: page.path, words: `no UTF-8: read as ${as}` })
  }
  const linking = (path: string) => {
    const told = new Set<string>()
    const note = (words: string) => {
      if (!told.has(words)) notes.push({ path, words })
      told.add(words)
    }
    return { targets, anchors: (file: string) => anchors.get(file), note }
  }
  const footer = tree.footer && readPage(pageOf(tree.footer), (await read(tree.footer.id)).text)
  const files = new Map(tree.attachments.map(({ file, id }) => [`${DOCS}/${file}`, id]))
  for (const { file, id } of tree.foreign) files.set(`${DOCS}/${file}`, id)
  for (const page of tree.pages) {
    const whole = readPage(page, (await read(page.id)).text)
    const body = convertMarkdown(whole, page, linking(page.path))
    const below = footer === undefined ? '' : `\n\n---\n\n${convertMarkdown(footer, page, linking('_Footer.md'))}`
    const text = `${whole.front}${whole.hasTitle ? '' : titleOf(page.name)}${body.trimEnd()}${below.trimEnd()}\n\n${origin(page)}`
    files.set(`${DOCS}/${page.file}`, await store(text))
  }
  if (tree.foreign.length > 0) files.set(`${DOCS}/${FOREIGN_LIST_FILE}`, await store(foreignList(tree)))
  const sidebar = tree.sidebar && (await read(tree.sidebar.id)).text
  const { nav, missing } = navOf(tree.pages, sidebar, targets)
  notes.push(...missing.map(name => ({ path: '_Sidebar.md', words: `${name} leads to nothing in the wiki` })))
  const others = tree.foreign.length > 0 ? [{ title: 'Pages in other markups', to: FOREIGN_LIST_FILE }] : []
  files.set(MKDOCS_FILE, await store(mkdocsYaml(wiki.repository, [...nav, ...others])))
  return { files, notes: onlyOnce(notes), pages: tree.pages.length, attachments: tree.attachments.length }
}

/** Python-Markdown's own: sizes of pictures, code between fences (of MkDocs by itself, of Zensical only when named), and Markdown inside of HTML. */
const EXTENSIONS = ['attr_list', 'fenced_code', 'md_in_html']

/** No `plugins`: TechDocs adds the one that it needs. */
function mkdocsYaml(repository: string, nav: Parameters<typeof yamlNav>[0]): string {
  const words = ` Made by catalog-gate wiki from the wiki of ${repository}. Change the wiki, its _Sidebar for the order:\n# what is changed here is overwritten.\n`
  const site = { site_name: repository.split('/')[1] ?? repository, markdown_extensions: EXTENSIONS, nav: yamlNav(nav) }
  return `#${words}${stringify(site, { lineWidth: 0 })}`
}

const origin = ({ path }: Page) =>
  `<!-- From the wiki page ${path.replaceAll('--', '- -')}. Change it there: what is changed here is overwritten. -->\n`

function foreignList({ foreign }: WikiTree): string {
  const items = foreign.map(({ path, file }) => `- [${path.replace(/[\\[\]`*_<>]/g, '\\$&')}](${encodedPath(file)})`)
  return `# Pages in other markups\n\nThese pages of the wiki are not written in Markdown. They are kept as they are.\n\n${items.join('\n')}\n`
}

const pageOf = ({ path, id }: WikiFile): Page => ({ path, id, name: '', file: '' })

function onlyOnce(notes: readonly Note[]): Note[] {
  const seen = new Set<string>()
  return notes.filter(({ path, words }) => {
    const key = `${path}\0${words}`
    return !seen.has(key) && seen.add(key) !== undefined
  })
}
