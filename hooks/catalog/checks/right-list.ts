// The way out where a list belongs: what stands there, as the list that was meant.
import { hiddenName } from '../../diagnostics/hidden.ts'
import { quoted } from '../../diagnostics/wording.ts'
import { isMapValue } from '../check.ts'
import type { Path } from '../position.ts'
import type { Written } from '../source.ts'
import { isTag, isUrl } from './formats.ts'
import { isKindWord, likelyKind } from './intent.ts'
import { asValid, OF_ANY_KIND, scalar } from './value-at.ts'
import { line, type Mistyped, removed } from './wrong-type.ts'

export function asList({ path, value, source, isOptional }: Mistyped, written: Written): string | undefined {
  const name = String(path.at(-1))
  const isOfMaps = /^(?:links|steps|parameters|text|\w*ormDecorators)$/.test(name)
  if (typeof value === 'string' && NONE.test(value))
    return isOptional() && !written.isAlone ? removed(written) : `write: ${line(written, '[]')}`
  if (typeof value === 'string' && (name === 'links' || !isOfMaps)) return textAsList(value, name, path, written)
  if (typeof value === 'number' || typeof value === 'boolean') {
    const valid = isOfMaps ? undefined : asValid([...path, 0], written.text)
    return valid === undefined ? undefined : `write it as a list: ${line(written, `["${valid}"]`)}`
  }
  if (!isMapValue(value)) return undefined
  const entries = Object.entries(value)
  if (entries.length === 0 && !written.text.startsWith('{')) return undefined
  if (entries.length === 0)
    return isOptional() && !written.isAlone ? `${removed(written)}, or write a list` : `write: ${line(written, '[]')}`
  const glued = Object.keys(value)[0]
  if (glued !== undefined && /^-[A-Za-z]/.test(glued) && written.form === 'block')
    return `a space is missing after "-": write "- ${glued.slice(1)}: ${source([...path, glued])?.text ?? ''}"`
  const isOfNames = !isOfMaps
  if (name === 'links' && entries.every(([, item]) => typeof item === 'string' && isUrl(item)) && !('url' in value))
    return linksOf(entries)
  if (isOfNames && entries.every(([, item]) => item === null || item === true)) {
    const items = entries.map(([key]) => asValid([...path, 0], key))
    return items.includes(undefined)
      ? undefined
      : `write it as a list: ${name}: [${items.map(item => scalar(item ?? '')).join(', ')}]`
  }
  if (
    isOfNames &&
    entries.every(([key, item]) => isKindWord(key) && typeof item === 'string' && /^[\w./-]+$/.test(item))
  )
    return `write it as a list: ${name}: [${entries.map(([key, item]) => `${key}:${item}`).join(', ')}]`
  const pairs = name === 'tags' ? entries.map(([key, item]) => `${key}:${item}`.toLowerCase()) : []
  if (pairs.length > 0 && pairs.every(pair => isTag(pair) && /[^:]:[^:]/.test(pair)))
    return `write it as a list: tags: [${pairs.join(', ')}]`
  const [first] = entries
  const firstKey = first && source([...path, first[0]])?.key
  if (!hasRequired(name, Object.keys(value))) return undefined
  if (isOfNames || written.form !== 'block' || firstKey === undefined || written.indent < 2) return undefined
  return `replace the two spaces before "${firstKey}" with "- "`
}

/** `Home: https://…`: the title is the key. */
function linksOf([[title, url] = ['', '']]: [string, unknown][]): string {
  return `write each as an entry of its own: "- url: ${url}" and below it "title: ${title}"`
}

/** What an entry of such a list cannot be without. */
export function hasRequired(list: string, keys: readonly string[]): boolean {
  const required = { links: 'url', steps: 'action' }[list]
  return required === undefined || keys.includes(required)
}

/** Also as word processors write it. */
const DASH = /^[-\u2010-\u2015\u2212\u2022\u00b7]/

/** Written for nothing. */
export const NONE = /^(?:none|nil|n\/?a|nothing|empty)$/i

function textAsList(value: string, name: string, path: Path, written: Written): string | undefined {
  if (/\{\{|\}\}/.test(value)) return undefined
  if (written.form === 'block text' && /^\s*- /.test(value))
    return `write "${written.key}:" in the place of "${written.key}: ${/^\S+/.exec(written.text)?.[0]}"`
  const [sign = ''] = DASH.exec(written.text) ?? []
  if (sign !== '') {
    const entries = value.split(/\s+/).flatMap(item => item.replace(DASH, '') || [])
    const [blank] = /^-[^\S ]/.test(written.text) ? (written.text[1] ?? '') : ''
    const problem =
      sign !== '-'
        ? `${quoted(sign)} does not begin an entry of a list`
        : blank === undefined
          ? 'a space is missing after "-"'
          : `after "-" is ${hiddenName(blank) ?? 'no plain space'}`
    return entries.length > 0 && entries.every(item => asValid([...path, 0], item) === item && scalar(item) === item)
      ? `${problem}: write ${entries.map(item => `"- ${item}"`).join(', ')}, each on a line of its own`
      : undefined
  }
  if (name === 'links')
    return isUrl(value) ? `write below "links:", on a line of its own and indented: - url: ${scalar(value)}` : undefined
  const items = value.split(/[,;]/.test(value) ? /\s*[,;]\s*/ : /\s+(?:-\s+)?/).filter(Boolean)
  const valid = items.map(item => {
    const ref = OF_ANY_KIND.includes(name) && !item.includes(':') ? `${likelyKind(item)}:${item}` : item
    return asValid([...path, 0], ref)
  })
  return valid.length === 0 || valid.length > 12 || valid.includes(undefined)
    ? undefined
    : `write it as a list: ${line(written, `[${valid.map(item => scalar(item ?? '')).join(', ')}]`)}`
}
