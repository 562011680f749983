// The way out of a value that has the wrong type: the line as it should be, made of what stands in the file.
//
// Whoever does it to the letter has a value that is accepted and means what it meant; where that is not certain, nothing is proposed.
import { isEndless, isMapValue } from '../check.ts'
import type { Path } from '../position.ts'
import type { Source, Written } from '../source.ts'
import { inQuotes } from '../syntax/quotes.ts'
import { isKey, isToFillIn, isUrl } from './formats.ts'
import { isKindWord, likelyKind, whatToWrite } from './intent.ts'
import { asEntry, linkIn } from './link.ts'
import { asList, hasRequired, NONE } from './right-list.ts'
import { asValid, formatAt, OF_ANY_KIND, REFERENCES, scalar } from './value-at.ts'
import { line, type Mistyped, removed } from './wrong-type.ts'

/** A line that is longer is no help. */
const MAX_HINT = 200

export function rightForm(wrong: Mistyped): string | undefined {
  const way = wayOut(wrong)
  return way === undefined || way.length > MAX_HINT ? undefined : way
}

function wayOut(wrong: Mistyped): string | undefined {
  const written = wrong.source(wrong.path)
  // What a quoted file holds is not written here.
  if (written === undefined) return undefined
  const isNumber = isEndless(wrong.value, written.text)
  if (isNumber && wrong.expected === 'a string') return asString({ ...wrong, value: Number.POSITIVE_INFINITY }, written)
  if (isNumber && wrong.expected === 'a list') return asList({ ...wrong, value: Number.POSITIVE_INFINITY }, written)
  if (isNumber) return undefined
  if (wrong.value === null) return forEmpty(wrong, written)
  if (written.form === 'alias') return forAlias(wrong, written)
  if (wrong.expected === 'a string') return asString(wrong, written)
  if (wrong.expected === 'a list') return asList(wrong, written)
  if (wrong.expected === 'a map') return asMap(wrong, written)
  return undefined
}

function forAlias({ path, value, expected }: Mistyped, written: Written): string {
  const { meant } = written
  const isOfWord = typeof value === 'number' || typeof value === 'boolean'
  return isOfWord && expected === 'a string' && meant !== undefined && asValid(path, meant) === meant
    ? `write the value out in its place, in quotes: ${line(written, `"${meant}"`)}`
    : `write the value out in the place of ${written.text}`
}

function forEmpty({ path, expected, source, isOptional, example }: Mistyped, written: Written): string {
  const meant = /^#\S/.test(written.comment ?? '') ? (written.comment ?? '') : undefined
  if (meant !== undefined && expected === 'a string') {
    const text = meant.replace(/\s+#.*$/, '')
    const isRef = path[0] === 'spec' && !(path.includes('type') || path.includes('lifecycle'))
    const bare = text.replace(/^#+/, '')
    const valid = isRef ? (/\s/.test(bare) || !formatAt(path).isValid(bare) ? undefined : bare) : asValid(path, text)
    return `"#" begins a comment; write${valid === undefined ? ' the value before it' : `: ${typeof path.at(-1) === 'number' ? '- ' : ''}${line(written, isRef ? scalar(valid) : inQuotes(valid))}`}`
  }
  const list = path.slice(0, -1)
  const isAlone = path.at(-1) === 0 && source([...list, 1]) === undefined
  if (isAlone)
    return path[0] === 'spec' && ['children', 'memberOf'].includes(String(path[1]))
      ? whatToWrite(list, undefined)
      : 'remove it, with its key'
  if (typeof path.at(-1) === 'number') {
    const below = written.form === 'block' ? written.text.split('\n').length - 1 : 0
    if (below > 0) return `remove this line and the ${below > 1 ? `${below} lines` : 'one'} below it`
    return written.form === 'block' ? 'remove the line' : 'remove the empty entry'
  }
  if (path.length === 3 && (path[1] === 'annotations' || path[1] === 'labels'))
    return written.isAlone
      ? `write "" for an empty string, or remove "${path[1]}:" and all below it`
      : `${removed(written)}, or write "" for an empty string`
  return isOptional() && !written.isAlone ? `${removed(written)}, or write its value` : whatToWrite(path, example)
}

function asString(wrong: Mistyped, written: Written): string | undefined {
  const { path, value, source, isOptional } = wrong
  if (typeof value === 'number' || typeof value === 'boolean') {
    // A tag makes a number of what is in quotes.
    if (written.form === 'quoted') return undefined
    const valid = asValid(path, written.text)
    if (valid === written.text) return `put it in quotes: ${line(written, `"${valid}"`)}`
    // A sign that goes makes another number of it.
    if (path[1] === 'labels') return 'an annotation accepts any string: move it to metadata.annotations, in quotes'
    if (valid !== undefined) return `write: ${line(written, `"${valid}"`)}`
    return path[0] === 'kind' ? 'write the kind, for example "kind: Component"' : undefined
  }
  if (path[0] === 'spec' && path[1] === 'definition' && path.length === 2)
    return asDefinition(value, written, part => source([...path, ...part]))
  // `[""]` says as much as nothing.
  if (Array.isArray(value) && value.length > 0 && isNothing(value)) return forEmpty(wrong, written)
  if (Array.isArray(value)) return oneOf(value, path, source, written, isOptional)
  return isMapValue(value) ? mapAsString(value, path, source, written) : undefined
}

const isNothing = (value: unknown): boolean =>
  value === null || value === '' || (Array.isArray(value) && value.every(isNothing))

function oneOf(
  value: readonly unknown[],
  path: Path,
  source: Source,
  written: Written,
  isOptional: () => boolean,
): string | undefined {
  if (value.length === 0)
    return isOptional() && !written.isAlone && typeof path.at(-1) !== 'number'
      ? `${removed(written)}, or write one value`
      : undefined
  const some = [...value.entries()].filter(([, item]) => !isNothing(item))
  const texts = some.map(([i, item]) => (typeof item === 'string' ? item : source([...path, i])?.text))
  if (some.some(([, item]) => Object(item) === item) || texts.some(text => text === undefined)) return undefined
  if (path[1] === 'annotations') return `write one string: ${line(written, inQuotes(texts.join(',')))}`
  if (path.join('.') === 'spec.target' && texts.length > 1)
    return source(['spec', 'targets']) === undefined
      ? `write: targets: [${texts.map(text => scalar(text ?? '')).join(', ')}]`
      : undefined
  const [only] = texts
  // A list in a list: all of them were meant.
  if (typeof path.at(-1) === 'number' && value.length > 1) {
    const entries = texts.map(text => asValid(path, text ?? ''))
    return entries.includes(undefined)
      ? undefined
      : `a list in the list: write ${entries.map(entry => `"- ${scalar(entry ?? '')}"`).join(', ')}, each on a line of its own`
  }
  if (isToFillIn(only ?? '')) return `this was to be filled in: write a ${path.at(-1)} of your own`
  const valid = only === undefined ? undefined : asValid(path, only)
  if (valid === undefined) return undefined
  const isText = typeof some[0]?.[1] === 'string'
  return `write one value: ${line(written, isText ? scalar(valid) : `"${valid}"`)}`
}

function mapAsString(value: Record<string, unknown>, path: Path, source: Source, written: Written): string | undefined {
  const entries = Object.entries(value)
  const [[key, item] = ['', undefined]] = entries
  const ref = path[0] === 'spec' && REFERENCES.has(String(path[1])) ? refIn(value, String(path[1])) : undefined
  if (ref !== undefined) return `write the reference as one word: ${line(written, ref)}`
  const refs = entries.map(([kind, name]) => refIn({ [kind]: name }, ''))
  if (path[1] === 'targets' && entries.length === 1 && typeof item === 'string' && item !== '')
    return `write the path alone: - ${scalar(item)}`
  const { name, kind, namespace } = value
  const alone =
    REFERENCES.has(String(path[1])) && entries.length > 1
      ? refIn(
          { name, ...(kind === undefined ? {} : { kind }), ...(namespace === undefined ? {} : { namespace }) },
          String(path[1]),
        )
      : undefined
  if (alone !== undefined)
    return `write the reference alone: ${typeof path.at(-1) === 'number' ? '- ' : ''}${line(written, alone)}`
  if (REFERENCES.has(String(path[1])) && typeof path[2] === 'number' && !refs.includes(undefined))
    return `write each as an entry of its own: ${refs.map(one => `"- ${one}"`).join(', ')}`
  // What names an entity is looked at before placeholders are.
  const isOfEnvelope = path[0] !== 'spec' && path.length <= 2
  if (isOfEnvelope && entries.some(([name]) => name.startsWith('$'))) return 'write the value itself here'
  if (entries.some(([name]) => name.startsWith('$'))) {
    const others = Object.keys(value).filter(name => !name.startsWith('$'))
    if (others.length > 0 && entries.length > 1)
      return `a placeholder stands alone: remove ${keysIn((part: Path) => source([...path, ...part]), others)}`
  }
  if (path[1] === 'annotations' && written.form === 'block' && /^[\w-]+(?:\.[\w-]+)+$/.test(String(path.at(-1)))) {
    const below = typeof item === 'string' ? source([...path, key]) : undefined
    if (below?.form === 'plain' || below?.form === 'quoted')
      return `write the prefix and the name as one key: ${String(path.at(-1))}/${key}: ${below.text}${entries.length > 1 ? ', and so for the others' : ''}`
  }
  if (path[1] === 'annotations' && written.form === 'block' && written.anchor === undefined)
    return `write "${written.key}: |" in the place of "${written.key}:", which makes a string of the lines below`
  if (!/^[[{].*$/.test(written.text) || written.form !== 'flow') return undefined
  // Of `{{ x }}` the brackets are a template's.
  if (entries.length === 1 && item === null && asValid(path, key) === key && !written.text.startsWith('{{'))
    return `write it without the brackets: ${line(written, scalar(key))}`
  return formatAt(path).isValid(written.text) ? `put it in quotes: ${line(written, inQuotes(written.text))}` : undefined
}

/** `{ component: cart }`, `{ name: cart, kind: component }` as the reference that is meant. */
function refIn(value: Record<string, unknown>, field: string): string | undefined {
  const entries = Object.entries(value)
  const [[key, item] = ['', undefined]] = entries
  const isWord = (text: unknown) => typeof text === 'string' && /^[\w.-]+(?:\/[\w.-]+)?$/.test(text)
  if (entries.length === 1 && isKindWord(key) && isWord(item)) return `${key}:${item}`
  const { kind, namespace, name } = value
  if (!isWord(name) || entries.some(([field]) => !['kind', 'namespace', 'name'].includes(field))) return undefined
  if ((kind !== undefined && !isWord(kind)) || (namespace !== undefined && !isWord(namespace))) return undefined
  const usual = OF_ANY_KIND.includes(field) ? `${likelyKind(String(name))}:` : ''
  return `${typeof kind === 'string' ? `${kind.toLowerCase()}:` : usual}${typeof namespace === 'string' ? `${namespace}/` : ''}${name}`
}

/** What may name a file. */
const isLikePath = (target: unknown) => typeof target === 'string' && /^\S{1,200}$/.test(target)

/** As they stand in the file. */
const keysIn = (source: Source, keys: readonly string[]) =>
  keys
    .map(key => source([key])?.key ?? key)
    .map(key => (/^["']/.test(key) ? key : `"${key}"`))
    .join(', ')

function asDefinition(value: unknown, written: Written, source: Source): string | undefined {
  const isOneFile = Array.isArray(value) && /^- +\$text: +\S+$/.test(written.text)
  if (isOneFile) return 'replace each "- " with two spaces: an API has one definition'
  if (Array.isArray(value)) return 'an API has one definition: write an entity with a name of its own for each'
  if (!isMapValue(value)) return undefined
  const keys = Object.keys(value)
  // $yaml and $json are maps by now, and empty.
  if (keys.length === 0)
    return 'write "$text" in the place of "$yaml" or "$json": the definition is the text of the file'
  const placeholder = keys.find(key => key.startsWith('$'))
  const others = keys.filter(key => key !== placeholder)
  if (placeholder !== undefined && others.length === 0) return undefined
  if (placeholder !== undefined && !isLikePath(value[placeholder])) return undefined
  if (placeholder !== undefined) return `a placeholder stands alone: remove ${keysIn(source, others)}`
  return written.form === 'block'
    ? 'write "definition: |" in the place of "definition:", which makes a string of the lines below'
    : undefined
}

/** `tier=backend`, and lists of these or of `{ name: tier, value: backend }`: as lines of a map. Nothing where one of them is something else. */
function pairsIn(value: unknown, path: Path): string[] {
  const items = typeof value === 'string' ? value.split(/[\s,]+/) : value
  const lines = [items].flat().map(item => {
    const { name, key = name, value: held, ...others } = isMapValue(item) ? item : { value: undefined }
    const [, left, right] = /^([\w./-]+)\s*[=:]\s*(\S+)$/.exec(typeof item === 'string' ? item : '') ?? []
    const [word, meant] = Object.keys(others).length === 0 && isMapValue(item) ? [key, held] : [left, right]
    return typeof word === 'string' &&
      typeof meant === 'string' &&
      isKey(word) &&
      asValid([...path, word], meant) === meant
      ? `${word}: ${scalar(meant)}`
      : ''
  })
  return lines.includes('') ? [] : lines
}

const shownPairs = (pairs: readonly string[]) => pairs.map(one => `"${one.replaceAll('"', "'")}"`).join(', ')

/** Whether these are lines `- a=b`, and nothing else. */
const isJoined = (text: string, pairs: readonly string[]) =>
  pairs.map(pair => `- ${pair.replace(': ', '=')}`).join() ===
  text
    .split('\n')
    .map(line => line.trim())
    .join()

const inBraces = (text: string) => (text.startsWith('{') ? text : `{ ${text} }`)

function asMap({ path, value, isOptional }: Mistyped, written: Written): string | undefined {
  if (
    written.form === 'block text' &&
    written.key !== undefined &&
    /^[|>].*\n[^\S\n]*[\w.-]+:(?:\s|$)/.test(written.text)
  )
    return written.isBelow
      ? `remove the line with "${/^\S+/.exec(written.text)?.[0]}"`
      : `write "${written.key}:" in the place of "${written.key}: ${/^\S+/.exec(written.text)?.[0]}"`
  if (typeof value === 'string' && NONE.test(value) && written.key !== undefined && isOptional() && !written.isAlone)
    return removed(written)
  const [, sign] =
    (written.isBelow &&
      written.form === 'plain' &&
      /^\s*[A-Za-z][\w./-]*([:=])\S+(?:\n\s*[A-Za-z][\w./-]*\1\S+)+$/.exec(written.text)) ||
    []
  if (sign !== undefined)
    return sign === '=' ? 'write ": " in the place of each "="' : 'write a space after the first ":" of each line'
  if (path.join('.') === 'spec.profile' && typeof value === 'string' && /^\w[\w .-]*$/.test(written.text))
    return `write below "profile:", on a line of its own and indented: displayName: ${written.text}`
  const pairs = path.length === 2 && path[0] === 'metadata' ? pairsIn(value, path) : []
  const [pair] = pairs
  if (pair !== undefined && typeof value === 'string')
    return pairs.length === 1 && written.isBelow
      ? `write in its place: ${pair}`
      : pairs.length === 1
        ? `write below "${path[1]}:", on a line of its own and indented: ${pair}`
        : `write below "${path[1]}:", indented and each on a line of its own: ${shownPairs(pairs)}`
  if (pair !== undefined)
    return isJoined(written.text, pairs)
      ? 'replace each "- " with two spaces, and each "=" with ": "'
      : `write in the place of the list, indented and each on a line of its own: ${shownPairs(pairs)}`
  if (path[1] === 'links' && path.length === 3 && typeof value === 'string') {
    const [, target = value] = /^url:\s+(\S+)\s*$/.exec(value) ?? []
    const link = linkIn(target)
    if (link !== undefined && (link.title !== undefined || link.url !== target) && !written.isInBrackets)
      return asEntry(link)
    return [target, ...(/^[\w.-]+\.[a-z]{2,}(?:[:/].*)?$/i.test(target) ? [`https://${target}`] : [])]
      .filter(one => isUrl(one) && !/:\s|\n/.test(one))
      .map(url => (written.isInBrackets ? `write it as a map: { url: "${url}" }` : `write "- url: ${url}"`))[0]
  }
  if (Array.isArray(value)) {
    const keys = value.flatMap(item => (isMapValue(item) ? Object.keys(item) : ['', '']))
    const isOneMap = value.length > 0 && new Set(keys).size === keys.length && !keys.includes('')
    if (typeof path.at(-1) === 'number')
      return isOneMap && value.length === 1 && written.form === 'block' && hasRequired(String(path.at(-2)), keys)
        ? 'replace the second "- " with two spaces'
        : undefined
    if (isOneMap && written.form === 'block') {
      const isDeeper = new RegExp(`\\n {${written.indent + 1},}- `).test(written.text)
      return `replace each "- "${isDeeper ? ` in column ${written.indent + 1}` : ''} with two spaces: these lines are one map, not a list`
    }
    if (value.length === 1 && isOneMap && !/^\[\s*\?/.test(written.text))
      return `write it as a map: ${line(written, inBraces(written.text.slice(1, -1).trim()))}`
  }
  return undefined
}
