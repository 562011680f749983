// Near misses of known fields in a document that the catalog takes: it would keep the field and do nothing with it.
//
// Only near misses: 813 of 8,727 accepted real documents have some unknown field, all of them legal; with this filter what is left were mistakes.
import { nearest } from '../../../schemas/nearest.ts'
import type { KindVersion } from '../../../schemas/profile.ts'
import { type Found, isMapValue, mapAt, type Subject } from '../check.ts'
import type { Path } from '../position.ts'

/** Seen in real files, and too far from the right word for a distance. */
const MEANT: Record<string, string> = {
  implementsApis: 'providesApis',
  implementsApi: 'providesApis',
  producesApis: 'providesApis',
  produceApis: 'providesApis',
  exposesApis: 'providesApis',
  usesApis: 'consumesApis',
  dependencies: 'dependsOn',
  parents: 'parent',
  systems: 'system',
  domains: 'domain',
}

/** A word of three letters or fewer is near to anything. */
const MIN_LENGTH = 4
const MAX_KEYS = 200

export function checkMisspelt({ entity, version }: Subject, found: Found): void {
  // A template's spec has maps of the author's own everywhere.
  if (!version || entity.kind === 'Template') return
  const metadata = mapAt(entity, 'metadata')
  checkMap(metadata, ['metadata'], 'metadata', version, found)
  if (Array.isArray(metadata.links)) {
    for (const [i, link] of metadata.links.entries())
      checkMap(link, ['metadata', 'links', i], 'metadata.links[]', version, found)
  }
  const spec = mapAt(entity, 'spec')
  checkMap(spec, ['spec'], 'spec', version, found)
  checkMap(spec.profile, ['spec', 'profile'], 'spec.profile', version, found)
}

function checkMap(map: unknown, path: Path, where: string, version: KindVersion, found: Found): void {
  if (!isMapValue(map)) return
  const known = knownIn(version, where)
  if (known.length === 0) return
  for (const key of Object.keys(map).slice(0, MAX_KEYS)) {
    if (known.includes(key) || key.length < MIN_LENGTH) continue
    const meant = meantBy(key, known)
    // `owners` beside `owner` is more likely somebody's own field.
    if (meant === undefined || (Object.hasOwn(map, meant) && isOtherNumber(key, meant))) continue
    found({ code: 'misspelt-field', facts: { field: key, where, meant }, path: [...path, key], part: 'key' })
  }
}

const isOtherNumber = (a: string, b: string) => a === `${b}s` || b === `${a}s` || Object.hasOwn(MEANT, a)

function meantBy(key: string, known: readonly string[]): string | undefined {
  const listed = Object.hasOwn(MEANT, key) ? MEANT[key] : undefined
  return listed !== undefined && known.includes(listed)
    ? listed
    : nearest(
        key,
        known.filter(field => field.length >= MIN_LENGTH),
      )[0]
}

/** Asked for at every file, and the same for all of a kind: 30 ms of a push of 1,000 files. */
const knownFields = new WeakMap<KindVersion, Map<string, string[]>>()

function knownIn(version: KindVersion, where: string): string[] {
  const ofVersion = knownFields.get(version) ?? new Map<string, string[]>()
  knownFields.set(version, ofVersion)
  const known = ofVersion.get(where) ?? fieldsBelow(version, where)
  ofVersion.set(where, known)
  return known
}

function fieldsBelow(version: KindVersion, where: string): string[] {
  return Object.keys(version.fields).flatMap(field => {
    const rest = field.startsWith(`${where}.`) ? field.slice(where.length + 1) : ''
    return rest !== '' && !/[.[]/.test(rest) ? [rest] : []
  })
}
