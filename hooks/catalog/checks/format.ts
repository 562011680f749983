// Formats in the envelope and in metadata: names, labels, annotations, tags, links (FieldFormatEntityPolicy).
import { nearest } from '../../../schemas/nearest.ts'
import type { Profile } from '../../../schemas/profile.ts'
import { HIDDEN, hiddenName, withoutHidden } from '../../diagnostics/hidden.ts'
import { cut } from '../../diagnostics/wording.ts'
import { type Found, isMapValue, mapAt, type Subject } from '../check.ts'
import type { Value } from '../parse.ts'
import {
  isApiVersion,
  isKey,
  isKind,
  isLabelValue,
  isName,
  isNamespace,
  isTag,
  isToFillIn,
  isUrl,
  proposeKey,
  proposeName,
  proposeNamespace,
  proposeTag,
  wrongInName,
} from './formats.ts'
import { usualApiVersion } from './kind.ts'
import { linkIn } from './link.ts'

const NAME = 'letters, digits, "-", "_" or "."'
const KEY = `an optional prefix (a DNS name) and "/", then ${NAME}, at most 63`

/** To whoever writes them, letters of any alphabet are letters. */
const plainly = (rule: string, value: string) =>
  /[^\P{L}\p{ASCII}]/u.test(value) ? rule.replace('letters', 'letters a to z') : rule

/** Without what cannot be seen, and what ends a line in other languages. */
const kindIn = (kind: string) => withoutHidden(kind).replace(/[;,]$/, '')

/** With letters of other alphabets that look the same. */
const alike = (kind: string, { kinds }: Profile) =>
  /[^\p{ASCII}]/u.test(kind)
    ? nearest(
        kind,
        kinds.map(known => known.kind),
      )
    : []

/** `- java` and, further right, `- go`: one entry to YAML. */
export function entriesIn(text = ''): string | undefined {
  const entries = text.split(/\n\s*-\s+/)
  return entries.length < 2
    ? undefined
    : `begin each in the same column: write ${entries.map(entry => `"- ${entry}"`).join(', ')}, each on a line of its own`
}

/** The name in a URL, or behind a kind. */
const lastOf = (name: string) =>
  /^https?:\/\/[^/]+\/.*?([^/]+?)(?:\.git)?\/?$/.exec(name)?.[1] ??
  name.replace(/^(?:component|api|resource|system|domain|group|user):/i, '')

/** Values of other types are the schema's to tell. */
const text = (value: unknown): value is string => typeof value === 'string' && value !== ''

export function checkFormats({ entity, profile, source }: Subject, found: Found): void {
  const { apiVersion, kind } = entity
  if (text(apiVersion) && !isApiVersion(apiVersion)) {
    const hidden = hiddenName(HIDDEN.exec(apiVersion)?.[0] ?? '')
    const facts = {
      found: apiVersion,
      wrong: hidden === undefined ? 'is malformed' : `contains ${hidden}`,
      expected: '[prefix/]version such as backstage.io/v1alpha1',
      ...proposal(usualApiVersion(profile, typeof kind === 'string' ? kindIn(kind) : kind)),
    }
    found({ code: 'api-version-format', facts, path: ['apiVersion'], part: 'value' })
  }
  if (text(kind) && !isKind(kind)) {
    const facts = {
      found: kind,
      wrong: wrongInName(kind, /[A-Za-z0-9]/),
      expected: 'letters and digits, a letter first, at most 63',
      ...proposal([kindIn(kind), ...alike(kind, profile)].find(isKind)),
      way: 'write the kind of entity that it is, for example "kind: Component"',
    }
    found({ code: 'kind-format', facts, path: ['kind'], part: 'value' })
  }
  const metadata = mapAt(entity, 'metadata')
  if (text(metadata.name) && !isName(metadata.name)) {
    const facts = {
      found: metadata.name,
      wrong: wrongInName(metadata.name),
      expected: nameRule(metadata.name),
      ...proposal(proposeName(lastOf(metadata.name))),
      ...wayOf(metadata.name, 'name', '; metadata.title accepts any letters'),
    }
    found({ code: 'name-format', facts, path: ['metadata', 'name'], part: 'value' })
  }
  if (text(metadata.namespace) && !isNamespace(metadata.namespace)) {
    const { namespace } = metadata
    const facts = {
      found: namespace,
      wrong: wrongInName(namespace, /[-a-z0-9]/),
      expected: plainly('lower-case letters, digits or "-" inside, at most 63', namespace),
      ...proposal(proposeNamespace(namespace)),
      ...wayOf(namespace, 'namespace'),
    }
    found({ code: 'namespace-format', facts, path: ['metadata', 'namespace'], part: 'value' })
  }
  checkLabels(metadata.labels, found)
  checkAnnotationKeys(metadata.annotations, found)
  checkTags(metadata.tags, source, found)
  checkLinks(metadata.links, found)
}

const nameRule = (value: string) =>
  value.length > 63
    ? 'at most 63'
    : /^[-A-Za-z0-9_.]*$/.test(value)
      ? 'a letter or digit at both ends'
      : plainly(NAME, value)
const proposal = (value: string | undefined) => (value === undefined ? {} : { proposal: value })

/** Where no name can be proposed: what was to be filled in, and letters that have no plain form. */
function wayOf(value: string, what: string, otherwise = ''): { way?: string } {
  if (isToFillIn(value)) return { way: `this was to be filled in: write a ${what} of your own` }
  return /[^\p{ASCII}]/u.test(value.replace(/[^\p{L}]/gu, ''))
    ? { way: `write it in plain letters, a to z${otherwise}` }
    : {}
}

function checkLabels(labels: unknown, found: Found): void {
  if (!isMapValue(labels)) return
  for (const [key, value] of Object.entries(labels)) {
    const path = ['metadata', 'labels', key]
    if (!isKey(key)) found({ code: 'label-key', facts: { found: key, ...keyFacts(key, labels) }, path, part: 'key' })
    if (typeof value === 'string' && !isLabelValue(value)) {
      const facts = {
        key,
        found: value,
        wrong: wrongInName(value),
        expected: `${nameRule(value)}, or nothing`,
        // Of an address a label would lose what makes it one.
        ...(value.includes('@') ? {} : proposal(proposeName(value))),
      }
      found({ code: 'label-value', facts, path, part: 'value' })
    }
  }
}

function checkAnnotationKeys(annotations: unknown, found: Found): void {
  if (!isMapValue(annotations)) return
  for (const key of Object.keys(annotations)) {
    if (!isKey(key))
      found({
        code: 'annotation-key',
        facts: { found: key, ...keyFacts(key, annotations) },
        path: ['metadata', 'annotations', key],
        part: 'key',
      })
  }
}

function keyFacts(key: string, beside: Value): { wrong: string; expected: string; proposal?: string } {
  if (key === '<<')
    return { wrong: 'is a merge key, which the catalog does not resolve', expected: 'the lines themselves' }
  const proposed = proposeKey(key)
  // A key that is there already would be there twice.
  return { ...keyProblem(key), ...proposal(Object.hasOwn(beside, proposed ?? '') ? undefined : proposed) }
}

function keyProblem(key: string): { wrong: string; expected: string } {
  const [first = '', second, ...more] = key.split('/')
  if (more.length > 0) return { wrong: 'has more than one "/"', expected: KEY }
  const name = second ?? first
  if (!isName(name)) return { wrong: name === '' ? 'has no name' : wrongInName(name), expected: nameRule(name) }
  return { wrong: `has the prefix "${cut(first, 40)}"`, expected: 'a DNS name in lower case before "/"' }
}

function checkTags(tags: unknown, source: Subject['source'], found: Found): void {
  if (!Array.isArray(tags)) return
  for (const [i, tag] of tags.entries()) {
    if (!text(tag) || isTag(tag)) continue
    const several = entriesIn(source(['metadata', 'tags', i])?.text)
    const facts = {
      found: tag,
      wrong: wrongInName(tag, /[-a-z0-9:+#]/),
      expected:
        tag.length > 63 ? 'at most 63' : plainly('lower-case letters, digits, ":", "+" or "#", single "-" inside', tag),
      ...(several === undefined ? { ...proposal(proposeTag(tag)), ...wayOf(tag, 'tag') } : { way: several }),
    }
    found({ code: 'tag-format', facts, path: ['metadata', 'tags', i], part: 'value' })
  }
}

function checkLinks(links: unknown, found: Found): void {
  if (!Array.isArray(links)) return
  for (const [i, link] of links.entries()) {
    if (!isMapValue(link)) continue
    const path = ['metadata', 'links', i]
    if (text(link.url) && !isUrl(link.url)) {
      const proposed = /^[\w.-]+\.[a-z]{2,}(?:[:/].*)?$/i.test(link.url) ? `https://${link.url}` : linkIn(link.url)?.url
      found({
        code: 'link-url',
        facts: { found: link.url, ...proposal(proposed && isUrl(proposed) ? proposed : undefined) },
        path: [...path, 'url'],
        part: 'value',
      })
    }
    for (const name of ['title', 'icon']) {
      const value = link[name]
      if (text(value) && value.trim() === '') {
        found({
          code: 'link-text',
          facts: { field: `metadata.links[${i}].${name}`, name },
          path: [...path, name],
          part: 'value',
        })
      }
    }
  }
}
