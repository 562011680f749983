// Formats of names, keys, tags, links and references as patterns: those of hooks/catalog/checks/formats.ts and relation.ts, which a test holds them to.
import { isMap } from '../../schemas/unknown.ts'
import { belowOrPlaceholder } from './editor-placeholders.ts'
import { changeProperty, type JsonSchema, propertyOf, when, withProperty } from './json-schema.ts'

const NAME = '(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const LABEL = '[a-z0-9]+(?:-+[a-z0-9]+)*'
const PREFIX = `(?:(?=[^/]{1,253}/)(?=[^./]{1,63}[./])${LABEL}(?:[.](?=[^./]{1,63}[./])${LABEL})*/)?`
const AT_MOST_63 = '(?=[^/]{1,63}$)'

/** `words` take the place of "does not match the pattern" in yaml-language-server. */
const text = (pattern: string, words: string): JsonSchema => ({ type: 'string', pattern, errorMessage: words })

const NAME_WORDS = 'letters, digits, "-", "_" or ".", a letter or digit at both ends, at most 63'
const name = text(`^${AT_MOST_63}${NAME}$`, `Expected a name: ${NAME_WORDS}.`)
const namespace = text(
  `^${AT_MOST_63}${LABEL}$`,
  'Expected a namespace: lower-case letters, digits, "-" inside, at most 63.',
)
const key = text(
  `^${PREFIX}${AT_MOST_63}${NAME}$`,
  `Expected a key: an optional prefix (a DNS name in lower case) and "/", then ${NAME_WORDS}.`,
)
const labelValue = text(
  `^(?:${AT_MOST_63}${NAME})?$`,
  `Expected nothing, or ${NAME_WORDS}. Longer texts go into annotations.`,
)
const tag = text(
  `^${AT_MOST_63}[a-z0-9:+#]+(?:-[a-z0-9:+#]+)*$`,
  'Expected a tag: lower-case letters, digits, ":", "+", "#", single "-" inside, at most 63.',
)
/** What `new URL` takes, but for much of what may be wrong behind the scheme: no host at all, and a blank or the like in it. */
const BAD_HOST = '[^/?#\\\\@]*[ <>^|][^/?#\\\\@]*[^/?#\\\\@\\u0000-\\u0020][^@]*$'
const url = text(
  `^(?![\\u0000-\\u0020]*[Hh][Tt][Tt][Pp][Ss]?:[/\\\\]*(?:[?#]|$|${BAD_HOST}))[\\u0000-\\u0020]*[A-Za-z][-A-Za-z0-9+.\\t\\r\\n]*:`,
  'Expected an absolute URL with its scheme: https://...',
)
const notBlank = text('\\S', 'Expected a string that is not blank.')

/** An apiVersion of any kind. */
export const API_VERSION = text(
  `^${PREFIX}${AT_MOST_63}[a-z0-9A-Z]+$`,
  'Expected [prefix/]version such as backstage.io/v1alpha1.',
)

/** Set by the catalog whatever the file says. */
const OF_CATALOG = ['backstage.io/managed-by-location', 'backstage.io/managed-by-origin-location']
const WORDS = ['description', 'title', 'examples', 'default']

const worded = ({ ...schema }: JsonSchema) =>
  Object.fromEntries(Object.entries(schema).filter(([at]) => WORDS.includes(at)))
const also = (rule: JsonSchema) => (schema: JsonSchema) => ({ ...schema, ...rule })

/** Name, namespace and the map of annotations are read before placeholders are. */
export function metadataRules(schema: JsonSchema): JsonSchema {
  const items = (list: JsonSchema) => (isMap(list['items']) ? list['items'] : {})
  const link = (one: JsonSchema) =>
    [['url', url] as const, ['title', notBlank] as const, ['icon', notBlank] as const].reduce(
      (changed, [field, rule]) => changeProperty(changed, field, also(rule)),
      one,
    )
  const annotations = OF_CATALOG.reduce(
    (changed, field) => changeProperty(changed, field, worded),
    also({ propertyNames: key })(propertyOf(schema, 'annotations')),
  )
  const labels = also({ propertyNames: key, additionalProperties: labelValue })
  const tags = (list: JsonSchema) => ({ ...list, items: { ...items(list), ...tag } })
  const links = (list: JsonSchema) => ({ ...list, items: link(items(list)) })
  const formed = belowOrPlaceholder(
    changeProperty(changeProperty(changeProperty(schema, 'labels', labels), 'tags', tags), 'links', links),
  )
  return [
    ['name', { ...propertyOf(schema, 'name'), ...name }] as const,
    ['namespace', { ...propertyOf(schema, 'namespace'), ...namespace }] as const,
    ['annotations', orEmpty(belowOrPlaceholder(annotations))] as const,
  ].reduce((changed, [field, rule]) => withProperty(changed, field, rule), formed)
}

/** `annotations:` with nothing behind it is taken by the catalog as none; so is whatever else counts as nothing in JavaScript. */
export const orEmpty = (schema: JsonSchema): JsonSchema =>
  when(
    { type: ['null', 'string', 'boolean', 'number'], anyOf: [{ enum: [null, '', false] }, { type: 'number' }] },
    {},
    schema,
  )

const REST = '[^/]+(?:/[\\s\\S]+)?'
const REF = text(`^(?:[^:/]+:${REST}|[^:/]+(?:/[\\s\\S]+)?)$`, 'Expected an entity reference: [kind:][namespace/]name.')
const REF_WITH_KIND = text(
  `^[^:/]+:${REST}$`,
  'Expected an entity reference with its kind: component:name or resource:namespace/name.',
)

/** What the rule says of a text, where other types are nothing to it. */
const ofTexts = ({ type: _type, ...rule }: JsonSchema): JsonSchema => rule

type Relation = { path: string; defaultKind?: string }

/** A spec with its references. Fields that no schema describes are relations as well (dependencyOf). */
export function withRefs(spec: JsonSchema, relations: readonly Relation[]): JsonSchema {
  return relations.reduce((changed, { path, defaultKind }) => {
    const field = path.replace(/^spec\./, '')
    const rule = ofTexts(defaultKind === undefined ? REF_WITH_KIND : REF)
    const known = propertyOf(spec, field)
    if (Object.keys(known).length === 0)
      return withProperty(changed, field, { ...rule, pattern: `^$|${rule['pattern']}`, items: rule })
    const items = isMap(known['items']) ? { items: { ...known['items'], ...rule } } : rule
    return withProperty(changed, field, { ...known, ...items })
  }, spec)
}
