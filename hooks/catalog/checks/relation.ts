// Entity references in spec, and the type of a Location: what the catalog looks at once the schema has passed.
import { type Found, isMapValue, mapAt, type Subject } from '../check.ts'
import { isUnknown } from '../unknown.ts'
import { isName, proposeName } from './formats.ts'
import { likelyKind } from './intent.ts'
import { unknownPlaceholder } from './placeholder.ts'

/** `parseEntityRef` of @backstage/catalog-model 1.10.3: only emptiness of the parts is checked, and that the kind is known. */
export function checkRefs({ entity, version, profile }: Subject, found: Found): void {
  if (!version) return
  const spec = mapAt(entity, 'spec')
  for (const { field, defaultKind } of version.relations) {
    const value = spec[field]
    const refs = Array.isArray(value) ? value : [value]
    for (const [i, ref] of refs.entries()) {
      const why = isUnknown(ref) || passes(ref, value, profile.name) ? undefined : wrongInRef(ref, defaultKind)
      if (why === undefined) continue
      const path = Array.isArray(value) ? ['spec', field, i] : ['spec', field]
      const unknown = unknownPlaceholder(ref)
      if (unknown !== undefined) {
        found({ code: 'placeholder-unknown', facts: unknown, path: [...path, unknown.placeholder], part: 'key' })
        continue
      }
      const written = typeof ref === 'string' ? ref : (JSON.stringify(ref) ?? '')
      const proposals = typeof ref === 'string' ? propose(ref, why, defaultKind) : []
      found({
        code: 'entity-ref',
        facts: {
          field: `spec.${field}`,
          name: field,
          found: written,
          why,
          proposals,
          kind: (defaultKind ?? 'component').toLowerCase(),
        },
        path,
        part: 'value',
      })
    }
  }
}

/**
 * A catalog model looks at texts only; the built-in processor at every entry, unless the whole field is empty. dependencyOf, which no schema
 * describes, can hold anything.
 */
function passes(ref: unknown, whole: unknown, profile: string): boolean {
  return profile === 'builtin' ? !whole : typeof ref !== 'string' || ref === ''
}

type Wrong = 'no kind' | 'no name' | 'empty part'

export function wrongInRef(ref: unknown, defaultKind: string | undefined): Wrong | undefined {
  if (!ref) return 'no name'
  const { kind = defaultKind, namespace = 'default', name } = typeof ref === 'string' ? partsOf(ref) : partsOfMap(ref)
  if (!name) return 'no name'
  if (kind === undefined) return 'no kind'
  return !kind || !namespace ? 'empty part' : undefined
}

/** `{ kind, namespace, name }`, the form that Backstage's own code knows beside the text. */
function partsOfMap(ref: unknown): { kind?: unknown; namespace?: unknown; name?: unknown } {
  return isMapValue(ref) ? { kind: ref.kind ?? undefined, namespace: ref.namespace ?? undefined, name: ref.name } : {}
}

/** Kind and namespace are undefined where the text has none. */
export function partsOf(ref: string): { kind: string | undefined; namespace: string | undefined; name: string } {
  const slash = ref.indexOf('/')
  const firstColon = ref.indexOf(':')
  const colon = slash !== -1 && slash < firstColon ? -1 : firstColon
  return {
    kind: colon === -1 ? undefined : ref.slice(0, colon),
    namespace: slash === -1 ? undefined : ref.slice(colon + 1, slash),
    name: ref.slice(Math.max(colon + 1, slash + 1)),
  }
}

function propose(ref: string, why: Wrong, defaultKind: string | undefined): string[] {
  // What the name is, only its writer knows.
  if (why === 'no name') return []
  const [, ofUrl = ''] = /^https?:\/\/[^\s/]+\/.*?([^/?#]+?)(?:\.git)?\/?$/.exec(ref) ?? []
  if (isName(ofUrl)) return defaultKind === undefined ? withKinds(ofUrl) : [ofUrl]
  const rest = ref.replace(/^[:/\s]+/, '')
  if (why === 'no kind') {
    // resource/db: the kind is there, behind the wrong sign.
    const [first, second] = ref.split('/')
    if (second && ['component', 'resource', 'api', 'system', 'group'].includes(first?.toLowerCase() ?? ''))
      return [`${first}:${second}`]
    return withKinds(rest)
  }
  if (wrongInRef(rest, defaultKind) === 'no kind') return withKinds(rest)
  return wrongInRef(rest, defaultKind) === undefined ? [rest] : []
}

/** A name that no entity can have, as the nearest that one can; nothing where there is none. */
function withKinds(written: string): string[] {
  const [namespace, name = namespace] = written.split('/')
  const isWell = name !== undefined && isName(name)
  const ref = isWell ? written : name === namespace ? proposeName(written) : undefined
  if (ref === undefined) return []
  const likely = likelyKind(ref)
  return [`${likely}:${ref}`, `${likely === 'component' ? 'resource' : 'component'}:${ref}`]
}

/** A Location read from git may only have the type "url", which is also what no type means. */
export function checkLocation({ entity }: Subject, found: Found): void {
  if (entity.kind !== 'Location' || !isMapValue(entity.spec)) return
  const { type } = entity.spec
  if (typeof type !== 'string' || type === 'url' || type === '') return
  found({ code: 'location-type', facts: { found: type }, path: ['spec', 'type'], part: 'value' })
}
