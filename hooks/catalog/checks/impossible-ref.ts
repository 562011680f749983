// References that no entity can have: the catalog takes them and never finds what is meant, since no name may look so.
import { type Found, mapAt, type Subject } from '../check.ts'
import type { Path } from '../position.ts'
import { hasHole } from './annotation-value.ts'
import { entriesIn } from './format.ts'
import { isKind, isName, isNamespace, proposeName } from './formats.ts'
import { partsOf } from './relation.ts'
import { variableIn } from './variable.ts'

export function checkImpossibleRefs({ entity, version, source }: Subject, found: Found): void {
  const spec = mapAt(entity, 'spec')
  for (const { field, defaultKind } of version?.relations ?? []) {
    const value = spec[field]
    for (const [i, ref] of (Array.isArray(value) ? value : [value]).entries()) {
      if (typeof ref !== 'string' || ref === '' || hasHole(ref) || variableIn(ref) !== undefined || isPossible(ref))
        continue
      const { kind = defaultKind } = partsOf(ref)
      const path: Path = Array.isArray(value) ? ['spec', field, i] : ['spec', field]
      const several = Array.isArray(value) ? entriesIn(source(path)?.text) : undefined
      const facts = {
        field: `spec.${field}`,
        found: ref,
        kind: kind !== undefined && isKind(kind) ? kind : (defaultKind ?? 'entity'),
        ...(several === undefined ? proposalFor(ref) : { way: several }),
        ...(field === 'owner' ? userFor(ref) : {}),
      }
      found({
        code: 'impossible-ref',
        facts,
        path,
        part: 'value',
      })
    }
  }
}

/** Kind, namespace and name are compared in lower case. Providers' entities, too, have names that pass. */
export function isPossible(ref: string): boolean {
  const { kind, namespace, name } = partsOf(ref)
  return (
    (kind === undefined || isKind(kind)) &&
    (namespace === undefined || isNamespace(namespace.toLowerCase())) &&
    isName(name)
  )
}

/** A path of three parts begins with a kind only where that is one. */
const KINDS = /^(?:api|component|domain|group|location|resource|system|template|user)$/i

/** `proposal`: the same parts, written as they have to be; `example`: how the name of what is meant most likely looks. */
function proposalFor(ref: string): { proposal?: string; example?: string } {
  const closed = ref.replace(/^[\s"'`\p{Pi}\p{Ps}]+|[\s"'`,;.\p{Pf}\p{Pe}]+$/gu, '').replace(/\s*([:/])\s*/g, '$1')
  // "group:default:web" and "group/default/web".
  const parts = closed.split(/[:/]/)
  const [kind = '', namespace = '', name = ''] = parts
  const proposal = [
    closed,
    ...(parts.length === 3 && (closed.includes(':') || KINDS.test(kind)) ? [`${kind}:${namespace}/${name}`] : []),
  ].find(isPossible)
  if (proposal !== undefined) return { proposal }
  const mail = mailOf(ref)
  if (mail !== undefined) return {}
  const [, before = '', last = ''] = /^((?:[\w.-]+:)?(?:[\w.-]+\/)?)([^:/@]+)$/.exec(closed) ?? []
  const proposed = before === '' ? undefined : proposeName(last.toLowerCase())
  if (proposed !== undefined && isPossible(before + proposed)) return { example: before.toLowerCase() + proposed }
  const words = /^(?:@[\w.-]+\/)?([\p{L}\p{N}\s_.'-]+)$/u.exec(closed)?.[1]
  const example = words?.trim() === undefined ? undefined : proposeName(words.trim().toLowerCase())
  return example === undefined ? {} : { example }
}

const mailOf = (ref: string) => /^(?:\w+:|[^<>@]*<)?([\w.+-]+)@[\w-]+(?:\.[\w-]+)+>?$/.exec(ref)?.[1]

/** Whoever names a person by an address means a user. */
function userFor(ref: string): { user?: string } {
  const user = proposeName(mailOf(ref) ?? '')
  return user === undefined ? {} : { user: `user:${user}` }
}
