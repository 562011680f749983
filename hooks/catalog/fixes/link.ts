// Entries of metadata.links without a URL: `- Docs: https://…`, and one entry that was written as two.
import { isMap, isScalar, isSeq } from 'yaml'
import { linkMeant } from '../checks/link.ts'
import { at, breakOf, columnOf, isInFlow, nodeAt, rangeOf, type Subject, sourceOf, type Ways } from './candidate.ts'

export function proposeLinks(subject: Subject): Ways[] {
  const { finding, document, text } = subject
  const { path = [] } = finding
  if (finding.code !== 'missing-field' || path[1] !== 'links' || path[3] !== 'url') return []
  const links = nodeAt(document, path.slice(0, 2))?.node
  const link = nodeAt(document, path.slice(0, 3))?.node
  if (!isSeq(links) || !isMap(link) || isInFlow(links) || isInFlow(link)) return []
  const [pair, ...more] = link.items
  const { key, value } = pair ?? {}
  if (more.length > 0 || !isScalar(key) || !isScalar(value)) return []
  const [start, end] = [rangeOf(key)?.start, rangeOf(value)?.start]
  if (start === undefined || end === undefined) return []
  const { add } = linkMeant(document.toJSON(), path.map(String))
  if (add?.startsWith('replace')) {
    const next = links.items[Number(path[2]) + 1]
    const begin = isMap(next) ? rangeOf(next)?.start : undefined
    const dash = begin === undefined ? -1 : text.lastIndexOf('-', begin)
    const isTheirs =
      begin !== undefined && /^- +$/.test(text.slice(dash, begin)) && columnOf(text, begin) === columnOf(text, start)
    return isTheirs ? [[{ changes: at(dash, dash + 1, ' '), from: [path.slice(0, 2)] }]] : []
  }
  if (add === undefined || key.type !== 'PLAIN' || !/^: +$/.test(text.slice(rangeOf(key)?.end, end))) return []
  if (String(key.value) === 'title' || !/^https?:/.test(sourceOf(text, value))) return []
  const put = `title: ${sourceOf(text, key)}${breakOf(text)}${' '.repeat(columnOf(text, start))}url: `
  return [[{ changes: at(start, end, put), from: [path.slice(0, 3)], rewrites: true }]]
}
