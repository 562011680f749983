// Words of a value that are nearly right: a name with a blank in it, a misspelt kind or version, a reference with a blank behind its colon.
import { isScalar, type Node, type Scalar } from 'yaml'
import { nearest } from '../../../schemas/nearest.ts'
import { isKey, isName, isNamespace, isTag, isToFillIn } from '../checks/formats.ts'
import { kindMeantBy } from '../checks/intent.ts'
import { type Candidate, nodeAt, rangeOf, type Subject, sourceOf, type Ways } from './candidate.ts'

export function proposeWords(subject: Subject): Ways[] {
  const { finding, document } = subject
  const { path = [], part } = finding
  const place = nodeAt(document, path)
  const node = part === 'key' ? place?.key : place?.node
  if (!isScalar(node)) return []
  const said = wordOf(subject.text, node)
  if (said === undefined || isToFillIn(said)) return []
  const meant = meantBy(subject, said)
  if (meant === undefined || meant === said) return []
  const way = replaced(subject.text, node, meant)
  if (way === undefined) return []
  const to = part === 'key' ? [[...path.slice(0, -1), meant]] : [path]
  return [[{ changes: [way], from: [path], to, rewrites: true }]]
}

/** The text of a value as it stands in the file, when it stands there as it is. */
function wordOf(text: string, node: Scalar): string | undefined {
  const source = sourceOf(text, node)
  const { type } = node
  if (type === 'PLAIN') return source
  const inner = source.slice(1, -1)
  return (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') && inner === node.value ? inner : undefined
}

/** In the quotes that it has. */
function replaced(text: string, node: Node, word: string): Candidate['changes'][number] | undefined {
  const range = rangeOf(node)
  if (range === undefined) return undefined
  const [quote] = text[range.start] === '"' || text[range.start] === "'" ? [text[range.start]] : ['']
  return { ...range, text: `${quote}${word}${quote}` }
}

function meantBy(subject: Subject, said: string): string | undefined {
  switch (subject.finding.code) {
    case 'name-format':
      return checked(blanksJoined(said), isName)
    case 'label-value':
      return checked(said.trim(), isName)
    case 'label-key':
    case 'annotation-key':
      return checked(keyOf(said), isKey)
    case 'namespace-format':
      return checked(signsJoined(said), isNamespace)
    case 'tag-format':
      return checked(signsJoined(said), isTag)
    case 'unknown-kind':
    case 'kind-format':
      return kindOf(subject, said.trim())
    case 'api-version-format':
    case 'unknown-api-version':
      return versionOf(subject, said.trim())
    case 'wrong-type':
      return String(subject.finding.path?.join('.')) === 'apiVersion' ? versionOf(subject, said.trim()) : undefined
    case 'wrong-value':
      return subject.finding.facts.allowed.find(word => word.toLowerCase() === said.trim().toLowerCase())
    case 'location-type':
      return locationType(subject, said)
    case 'entity-ref':
      return referenceOf(subject.finding.facts.proposals, said)
    default:
      return undefined
  }
}

const checked = (word: string | undefined, isRight: (word: string) => boolean) =>
  word !== undefined && isRight(word) ? word : undefined

/** Accents that leave one plain letter. What German, Danish or Swedish make of theirs is not one thing. */
function unaccented(text: string): string | undefined {
  const plain = text
    .normalize('NFD')
    .replace(/[\u0300-\u0303\u0327\u0328\u030c]/g, '')
    .normalize('NFC')
  return /^[\x20-\x7e]*$/.test(plain) ? plain : undefined
}

/** `payments api` → `payments-api`: nothing but blanks and accents, and no longer a name than may be. */
const blanksJoined = (said: string) => unaccented(unquoted(said).trim())?.replace(/ +/g, '-')

/** Quotes as word processors write them, around all of it: YAML takes them for letters. */
const unquoted = (said: string) =>
  said.trim().replace(/^[\u2018-\u201f\u00ab\u00bb](.+)[\u2018-\u201f\u00ab\u00bb]$/u, '$1')

/** `Node.js` → `node-js`, for names in lower case with nothing else than "-". */
const signsJoined = (said: string) =>
  unaccented(unquoted(said).trim())
    ?.toLowerCase()
    .replace(/(?<=[a-z0-9])[ ._](?=[a-z0-9])/g, '-')

/** The prefix is the name of a host, in which case does not count. */
function keyOf(said: string): string | undefined {
  const slash = said.indexOf('/')
  const name = blanksJoined(said.slice(slash + 1))
  return name === undefined || slash === -1 ? name : `${said.slice(0, slash).trim().toLowerCase()}/${name}`
}

/** One that is spelt nearly so, and no other; or another word for it, where the type says the same. */
function kindOf({ profile, document, text, finding }: Subject, said: string): string | undefined {
  if (finding.code === 'unknown-kind' && (finding.facts.ofModel || finding.facts.foreignVersion !== undefined))
    return undefined
  const known = profile.kinds.map(({ kind }) => kind)
  const [one] = nearest(said, known, 1)
  const [close, ...others] = nearest(said, known, 2)
  if (one !== undefined) return one
  if (close !== undefined) return others.length === 0 ? close : undefined
  const meant = kindMeantBy(said)
  const type = nodeAt(document, ['spec', 'type'])?.node
  const word = isScalar(type) ? wordOf(text, type) : undefined
  return meant?.type !== undefined && meant.type === word ? meant.kind : undefined
}

/** The version of a kind of Backstage's: misspelt, without its prefix, or with a version that never was. */
function versionOf({ profile, document }: Subject, said: string): string | undefined {
  const kind = nodeAt(document, ['kind'])?.node
  const versions = profile.kinds.find(one => isScalar(kind) && one.kind === kind.value)?.versions ?? []
  const known = [...new Set(versions.map(({ apiVersion }) => apiVersion))]
  const [usual] = known
  if (usual === undefined) return undefined
  const word = said.toLowerCase().replace(/\s+/g, '')
  const same = known.find(version => version.toLowerCase() === word || version.split('/')[1] === word)
  if (same !== undefined) return same
  // What a template of another version holds is another language.
  if (usual.startsWith('scaffolder.'))
    return nearest(said, known, 2)[0] ?? (word === 'backstage.io/v1beta3' ? usual : undefined)
  const [prefix = '', version] = word.split('/')
  const isOurs = prefix === 'backstage.io' || nearest(prefix, ['backstage.io'], 2).length > 0
  if (isOurs && (version === undefined || /^v?\d+[a-z]*\d*$/.test(version))) return usual
  return /^v?\d+$/.test(word) ? usual : nearest(said, known, 2)[0]
}

/** `file` beside relative paths is how Backstage's own examples on a disk have it; in a repository the same paths are read without. */
function locationType({ document, text }: Subject, said: string): string | undefined {
  if (said.trim().toLowerCase() === 'url') return 'url'
  const target = nodeAt(document, ['spec', 'target'])?.node
  const isRelative = target !== undefined && /^["']?\.\.?\//.test(sourceOf(text, target))
  return said === 'file' && isRelative ? 'url' : undefined
}

/** The one proposal with the same letters, other than its signs. */
function referenceOf(proposed: readonly string[], said: string): string | undefined {
  const bare = (text: string) => text.replace(/[^\p{L}\p{N}_.-]/gu, '')
  const same = proposed.filter(one => bare(one) === bare(said))
  return same.length === 1 && proposed.length === 1 ? same[0] : undefined
}
