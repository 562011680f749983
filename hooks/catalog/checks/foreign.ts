// A document of another system (a workflow, a chart, a manifest of Kubernetes): one finding says so, whatever else would be wrong with it.

import { nearest } from '../../../schemas/nearest.ts'
import type { Profile } from '../../../schemas/profile.ts'
import { fieldOf } from '../../../schemas/unknown.ts'
import type { Found } from '../check.ts'
import type { Value } from '../parse.ts'
import { METADATA_FIELDS, ROOT_FIELDS, SPEC_FIELDS } from './known-fields.ts'

const ENVELOPE = ROOT_FIELDS.slice(0, 3)
/** Fields that other formats have, too. */
const COMMON = [
  'name',
  'title',
  'description',
  'type',
  'labels',
  'tags',
  'links',
  'owner',
  'profile',
  'target',
  'targets',
]

/** Whether it was told as one. */
export function tellForeign(written: Value, profile: Profile, found: Found): boolean {
  const { apiVersion, kind } = written
  const isOfOthers = typeof apiVersion === 'string' && apiVersion !== '' && !/back|stage/i.test(apiVersion)
  if (isOfOthers && typeof kind === 'string' && kind !== '') {
    const names = profile.kinds.map(known => known.kind)
    if (names.includes(kind) || nearest(kind, names).length > 0) return false
    const isList =
      Array.isArray(written['items']) &&
      written['items'].some(item => /back|stage/i.test(String(fieldOf(item, 'apiVersion'))))
    const facts = { kind, known: names, close: [], foreignVersion: apiVersion, ...(isList ? { isList } : {}) }
    found({ code: 'unknown-kind', facts, path: ['kind'], part: 'value' })
    return true
  }
  const keys = Object.keys(written).slice(0, 50)
  // The usual one: the distances of all its keys from all these took 15 ms of 1,000 files.
  if (keys.some(key => key !== 'apiVersion' && ENVELOPE.includes(key))) return false
  const [first] = keys
  const lacks = ENVELOPE.filter(field => !keys.includes(field))
  const isNear = (key: string) => nearest(key, ENVELOPE).length > 0
  const known = keys.filter(key => METADATA_FIELDS.includes(key) || SPEC_FIELDS.includes(key) || key === 'spec')
  const isOwn = known.some(key => !COMMON.includes(key))
  const others = keys.length - known.length
  if (keys.some(isNear) || (keys.includes('apiVersion') && !isOfOthers) || isOwn) return false
  if (known.length > 0 && (others === 0 || known.includes('owner'))) return false
  const format = ['openapi', 'swagger', 'asyncapi'].find(key => Object.hasOwn(written, key))
  found({
    code: 'not-an-entity',
    facts: { keys: keys.slice(0, 4), lacks, ...(format ? { format } : {}) },
    path: first === undefined ? [] : [first],
    part: first === undefined ? 'value' : 'key',
  })
  return true
}
