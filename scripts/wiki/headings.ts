// The names by which the headings of a page are linked to: GitHub's, and those that MkDocs gives the same headings.
import { decoded } from '../../schemas/url-path.ts'

/** GitHub's name → MkDocs' name, for the headings of one page in their order. */
export function anchorsOf(headings: readonly string[]): Map<string, string> {
  const anchors = new Map<string, string>()
  const onGithub = new Set<string>()
  const inMkdocs = new Set<string>()
  for (const heading of headings) {
    const ours = unique(mkdocsSlug(heading), inMkdocs)
    const theirs = githubUnique(githubSlug(heading), onGithub)
    if (!anchors.has(theirs)) anchors.set(theirs, ours)
  }
  return anchors
}

/** An anchor as it stands in a link, as MkDocs needs it; one that nothing is known of stays. */
export function mkdocsAnchor(anchor: string, anchors: ReadonlyMap<string, string> | undefined): string {
  const plain = decoded(anchor).toLowerCase()
  for (const name of [plain, plain.replace(/^(user-content|wiki)-/, ''), githubSlug(plain)]) {
    const known = anchors?.get(name)
    if (known !== undefined) return known
  }
  return anchor.replaceAll(' ', '-')
}

const githubSlug = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-')

function githubUnique(slug: string, used: Set<string>): string {
  let name = slug
  for (let n = 1; used.has(name); n++) name = `${slug}-${n}`
  used.add(name)
  return name
}

/** Python-Markdown's `slugify`, which the extension `toc` has by default: ASCII only. */
const mkdocsSlug = (heading: string) =>
  heading
    .normalize('NFKD')
    .replace(/[^\x00-\x7f]/g, '')
    .replace(/[^\w\s-]/g, '')
    .trim()
    .toLowerCase()
    .replace(/[-\s]+/g, '-')

/** Python-Markdown's `unique`: counts on at `_1`; a heading without one ASCII letter begins there. */
function unique(slug: string, used: Set<string>): string {
  let name = slug
  while (name === '' || used.has(name)) {
    const [, stem, n] = /^(.*)_([0-9]+)$/s.exec(name) ?? []
    name = stem === undefined ? `${name}_1` : `${stem}_${Number(n) + 1}`
  }
  used.add(name)
  return name
}
