// `relations`, which the catalog writes, copied into a file: what spec does not say of it yet.
import { formatEntityRef } from '../../../schemas/entity-ref.ts'
import type { Facts } from '../../diagnostics/facts.ts'
import { isMapValue, mapAt, type Subject } from '../check.ts'
import { isPossible } from './impossible-ref.ts'
import { partsOf } from './relation.ts'
import { scalar } from './value-at.ts'

/** The spec field that makes a relation of this type; `partOf` is made by several. */
const FIELDS: Record<string, string> = {
  ownedBy: 'owner',
  dependsOn: 'dependsOn',
  dependencyOf: 'dependencyOf',
  providesApi: 'providesApis',
  consumesApi: 'consumesApis',
  memberOf: 'memberOf',
  childOf: 'parent',
  parentOf: 'children',
  hasMember: 'members',
}
const LISTS = /s$|On$|dependencyOf|memberOf|children/

/** More than is compared. */
const MAX_RELATIONS = 100
/** More than a hint can say: half of it would be lost. */
const MAX_HINT = 200

type Unsaid = Pick<Facts['root-relations'], 'ways' | 'isEmpty'>

/** `ways`: what is left to be written in spec, so that nothing is lost; none of them where nobody can tell. */
export function unsaidRelations(relations: unknown, { written, version }: Subject): Unsaid {
  if (!relations || (Array.isArray(relations) ? relations : Object.keys(Object(relations))).length === 0)
    return { isEmpty: true }
  if (!Array.isArray(relations) || relations.length > MAX_RELATIONS) return {}
  const fields = new Map<string, string[]>()
  for (const one of relations) {
    const { type, targetRef: ref } = isMapValue(one) ? one : {}
    if (typeof ref !== 'string' || !isPossible(ref)) return {}
    const field = fieldOf(String(type), ref, written.kind)
    const known = version?.relations.find(relation => relation.field === field)
    const kind = partsOf(ref).kind ?? known?.defaultKind
    if (field === undefined || kind === undefined || (version !== undefined && known === undefined)) return {}
    fields.set(field, [...(fields.get(field) ?? []), ref])
  }
  const spec = mapAt(written, 'spec')
  const isSame = sameRef(mapAt(written, 'metadata').namespace)
  const added: string[] = []
  const ways: string[] = []
  for (const [field, refs] of fields) {
    const defaultKind = version?.relations.find(relation => relation.field === field)?.defaultKind
    const value = Object.hasOwn(spec, field) ? (spec[field] ?? undefined) : undefined
    const said = Array.isArray(value) ? value : value === undefined ? [] : [value]
    if (said.some(one => typeof one !== 'string')) return {}
    const missing = refs.filter((ref, i) => ![...said, ...refs.slice(0, i)].some(one => isSame(one, ref, defaultKind)))
    if (missing.length === 0) continue
    const words = missing.map(scalar).join(', ')
    if (LISTS.test(field))
      if (value === undefined) added.push(`${field}: [${words}]`)
      else ways.push(`add to ${field} in spec: ${words}`)
    else if (missing.length > 1) return {}
    else if (value === undefined) added.push(`${field}: ${words}`)
    else ways.push(`in spec keep "${field}: ${said.join(', ')}", or write "${field}: ${words}"`)
  }
  if (added.length > 0)
    ways.unshift(`write in spec${added.length > 1 ? ', each on a line of its own' : ''}: ${added.join(', ')}`)
  return ways.join('; ').length > MAX_HINT ? {} : { ways }
}

function fieldOf(type: string, ref: string, kind: unknown): string | undefined {
  if (type !== 'partOf') return Object.hasOwn(FIELDS, type) ? FIELDS[type] : undefined
  const whole = partsOf(ref).kind?.toLowerCase() ?? (kind === 'System' || kind === 'Domain' ? 'domain' : 'system')
  if (whole === 'domain') return kind === 'Domain' ? 'subdomainOf' : 'domain'
  return { system: 'system', component: 'subcomponentOf' }[whole]
}

/** As the catalog completes them. Where neither the text nor the field has a kind, the other's is meant. */
function sameRef(namespace: unknown) {
  const own = typeof namespace === 'string' && namespace !== '' ? namespace : 'default'
  const whole = (ref: string, meant: string | undefined) => {
    const { kind = meant ?? '', namespace = own, name } = partsOf(ref)
    return formatEntityRef({ kind, namespace, name })
  }
  return (one: string, other: string, defaultKind: string | undefined) =>
    whole(one, defaultKind ?? partsOf(other).kind) === whole(other, defaultKind ?? partsOf(one).kind)
}
