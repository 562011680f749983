// The kind: known, in a known version, and its own schema.
import { nearest } from '../../../schemas/nearest.ts'
import { ANY_API_VERSION } from '../../../schemas/own-kinds.ts'
import type { KindVersion, Profile, SchemaError } from '../../../schemas/profile.ts'
import { type Found, mapAt, type Subject } from '../check.ts'
import type { Value } from '../parse.ts'
import { isUnknown, sureErrors } from '../unknown.ts'
import { isApiVersion, isKind } from './formats.ts'
import { kindMeantBy } from './intent.ts'
import { explainSchemaErrors } from './schema.ts'

/** Known only where a catalog model is installed (plugin-catalog-backend-module-ai-model). */
const MODEL_KINDS = ['AiResource']
/** An API of this type has remotes there, and no definition. */
const MODEL_API_TYPE = 'mcp-server'

/** The version of a kind that the catalog would choose: by kind, apiVersion, then spec.type when it has a schema of its own. */
export function chooseVersion(profile: Profile, entity: Value): KindVersion | undefined {
  const versions = versionsFor(profile, entity)
  const specType = mapAt(entity, 'spec').type
  return (
    versions.find(v => v.specType !== undefined && v.specType === specType) ??
    versions.find(v => v.specType === undefined)
  )
}

const versionsFor = (profile: Profile, { kind, apiVersion }: Value): KindVersion[] =>
  profile.kinds
    .find(candidate => candidate.kind === kind)
    ?.versions.filter(v => v.apiVersion === apiVersion || v.apiVersion === ANY_API_VERSION) ?? []

export function checkKind({ entity, profile, version }: Subject, found: Found): void {
  const { kind, apiVersion } = entity
  if (typeof kind !== 'string' || typeof apiVersion !== 'string' || !isKind(kind)) return
  const known = profile.kinds.find(candidate => candidate.kind === kind)
  if (!known) {
    const names = profile.kinds.map(candidate => candidate.kind).sort()
    const close = nearest(kind, names)
    const meant = close.some(name => name.toLowerCase() === kind.toLowerCase()) ? undefined : kindMeantBy(kind)
    const facts = {
      kind,
      known: names,
      close: MODEL_KINDS.includes(kind) ? [] : close,
      ...(meant ? { meant } : {}),
      ofModel: MODEL_KINDS.includes(kind),
    }
    found({ code: 'unknown-kind', facts, path: ['kind'], part: 'value' })
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

/** The apiVersion that an entity of this kind is most likely to have. */
export function usualApiVersion(profile: Profile, kind: unknown): string | undefined {
  return profile.kinds.find(candidate => candidate.kind === kind)?.versions[0]?.apiVersion
}

export function checkSchema({ entity, version, profile, source }: Subject, found: Found): void {
  if (!version) return
  const errors = errorsBy(version, entity)
  if (errors.length === 0) return
  // Where the type is not known, any schema of the kind may be the one that holds.
  const spec = mapAt(entity, 'spec')
  const isAny = isUnknown(spec) || isUnknown(spec.type)
  if (isAny && versionsFor(profile, entity).some(other => errorsBy(other, entity).length === 0)) return
  // It lacks what another wiring of the catalog does not ask for: which one that is, is the way out.
  const { type } = spec
  const isOfModel = profile.name === 'builtin' && entity.kind === 'API' && type === MODEL_API_TYPE
  const isAboutIt = (error: SchemaError) => isOfModel && error.params['missingProperty'] === 'definition'
  if (errors.some(isAboutIt)) {
    const facts = { kind: 'API', type: MODEL_API_TYPE, known: [], close: [], ofModel: true }
    found({ code: 'unknown-kind', facts, path: ['spec', 'type'], part: 'value' })
  }
  explainSchemaErrors(
    errors.filter(error => !isAboutIt(error)),
    entity,
    version,
    source,
    found,
  )
}

const errorsBy = ({ validate }: KindVersion, entity: Value): readonly SchemaError[] =>
  validate(entity) ? [] : sureErrors(validate.errors ?? [], entity)
