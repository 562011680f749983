// The kind: known, in a known version, and its own schema.
import { nearest } from '../../../schemas/nearest.ts'
import type { KindVersion, Profile } from '../../../schemas/profile.ts'
import { type Found, mapAt, type Subject } from '../check.ts'
import type { Value } from '../parse.ts'
import { isApiVersion, isKind } from './formats.ts'
import { explainSchemaErrors } from './schema.ts'

/** The version of a kind that the catalog would choose: by kind, apiVersion, then spec.type when it has a schema of its own. */
export function chooseVersion(profile: Profile, entity: Value): KindVersion | undefined {
  const versions =
    profile.kinds.find(({ kind }) => kind === entity.kind)?.versions.filter(v => v.apiVersion === entity.apiVersion) ??
    []
  const specType = mapAt(entity, 'spec').type
  return (
    versions.find(v => v.specType !== undefined && v.specType === specType) ??
    versions.find(v => v.specType === undefined)
  )
}

export function checkKind({ entity, profile, version }: Subject, found: Found): void {
  const { kind, apiVersion } = entity
  if (typeof kind !== 'string' || typeof apiVersion !== 'string' || !isKind(kind)) return
  const known = profile.kinds.find(candidate => candidate.kind === kind)
  if (!known) {
    const names = profile.kinds.map(candidate => candidate.kind).sort()
    found({
      code: 'unknown-kind',
      facts: { kind, known: names, close: nearest(kind, names) },
      path: ['kind'],
      part: 'value',
    })
    return
  }
  if (version || apiVersion === '' || !isApiVersion(apiVersion)) return
  const versions = [...new Set(known.versions.map(v => v.apiVersion))]
  found({
    code: 'unknown-api-version',
    facts: { kind, apiVersion, known: versions },
    path: ['apiVersion'],
    part: 'value',
  })
}

export function checkSchema({ entity, version }: Subject, found: Found): void {
  if (!version || version.validate(entity)) return
  explainSchemaErrors(version.validate.errors ?? [], entity, version, found)
}
