// What the catalog asks of a string at a place of an entity, and the string that is meant, written so that YAML takes it for one.
import type { Path } from '../position.ts'
import { inQuotes } from '../syntax/quotes.ts'
import {
  isKind,
  isLabelValue,
  isName,
  isNamespace,
  isTag,
  isUrl,
  proposeName,
  proposeNamespace,
  proposeTag,
} from './formats.ts'
import { likelyKind } from './intent.ts'
import { wrongInRef } from './relation.ts'

type Format = { isValid: (text: string) => boolean; propose: (text: string) => string | undefined }
const ANY: Format = { isValid: text => text !== '', propose: () => undefined }

/** Fields of spec that name other entities; of the first two the kind has to be written. */
export const OF_ANY_KIND = ['dependsOn', 'dependencyOf']
export const REFERENCES = new Set(
  [
    OF_ANY_KIND,
    ['owner', 'system', 'domain', 'subcomponentOf', 'subdomainOf', 'parent'],
    ['providesApis', 'consumesApis', 'children', 'members', 'memberOf'],
  ].flat(),
)

function referenceTo(field: string): Format {
  const isValid = (text: string) => wrongInRef(text, OF_ANY_KIND.includes(field) ? undefined : field) === undefined
  const propose = (text: string) => [`${likelyKind(text)}:${text}`].find(ref => isName(text) && isValid(ref))
  return { isValid, propose }
}

/** What the catalog asks of a string at a place. */
export function formatAt([root, field, part, last]: Path): Format {
  if (root === 'kind') return { isValid: isKind, propose: () => undefined }
  if (root === 'spec' && REFERENCES.has(String(field))) return referenceTo(String(field))
  if (root === 'spec' && field === 'presence')
    return { isValid: text => text === 'required' || text === 'optional', propose: () => undefined }
  if (root !== 'metadata') return ANY
  if (field === 'name') return { isValid: isName, propose: proposeName }
  if (field === 'namespace') return { isValid: isNamespace, propose: proposeNamespace }
  if (field === 'tags' && part !== undefined) return { isValid: isTag, propose: proposeTag }
  if (field === 'labels' && part !== undefined) return { isValid: isLabelValue, propose: proposeName }
  if (field === 'links' && last === 'url') return { isValid: isUrl, propose: () => undefined }
  return ANY
}

export const asValid = (path: Path, text: string): string | undefined => {
  const { isValid, propose } = formatAt(path)
  return isValid(text) ? text : propose(text)
}

/** A text as YAML takes it for a string. */
export const scalar = (text: string) =>
  /^[A-Za-z_][\w./@:+-]*$/.test(text) && !/^(?:true|false|null)$/i.test(text) && !text.endsWith(':')
    ? text
    : inQuotes(text)
