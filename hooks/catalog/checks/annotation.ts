// Well-known annotations: a key nearly right, one that stands where nothing reads it, and a value that its reader cannot use.

import { nearest } from '../../../schemas/nearest.ts'
import { fieldOf } from '../../../schemas/unknown.ts'
import { type Found, isMapValue, mapAt, type Subject } from '../check.ts'

/**
 * Those of Backstage's own list and of much used plugins. Plurals and short words of others stand near some of them, so that only names which
 * are not easily another's are here.
 */
const WELL_KNOWN = Object.entries({
  argocd: 'app-name app-selector',
  'backstage.io':
    'techdocs-ref techdocs-entity techdocs-entity-path techdocs-engine source-location view-url edit-url adr-location code-coverage kubernetes-id kubernetes-cluster kubernetes-namespace kubernetes-label-selector ldap-rdn ldap-dn ldap-uuid',
  'buildkite.com': 'project-slug',
  'circleci.com': 'project-slug',
  'dev.azure.com': 'project-repo build-definition',
  'github.com': 'project-slug team-slug user-login user-id',
  'gitlab.com': 'project-slug project-id',
  grafana: 'dashboard-selector alert-label-selector',
  'graph.microsoft.com': 'tenant-id group-id user-id',
  'jenkins.io': 'job-full-name',
  jira: 'project-key',
  'lighthouse.com': 'website-url',
  'newrelic.com': 'dashboard-guid',
  'opsgenie.com': 'component-selector',
  'pagerduty.com': 'integration-key service-id',
  'rollbar.com': 'project-slug',
  'sentry.io': 'project-slug',
  'sonarqube.org': 'project-key',
  'vault.io': 'secrets-path',
}).flatMap(([prefix, names]) => names.split(' ').map(name => ({ prefix, name, key: `${prefix}/${name}` })))

export const KEYS = WELL_KNOWN.map(({ key }) => key)

/** As many as are looked at: the nearest of them costs 10 µs a key. */
const MAX_KEYS = 200

export function checkAnnotationKeys({ written }: Subject, found: Found): void {
  const annotations = mapAt(mapAt(written, 'metadata'), 'annotations')
  for (const key of Object.keys(annotations).slice(0, MAX_KEYS)) {
    const meant = remembered(key)
    if (meant === undefined || Object.hasOwn(annotations, meant)) continue
    found({ code: 'misspelt-annotation', facts: { key, meant }, path: ['metadata', 'annotations', key], part: 'key' })
  }
}

/** The files of a push have much the same keys: 10 ms of a push of 1,000 files. */
const meantByKey = new Map<string, string | undefined>()

function remembered(key: string): string | undefined {
  if (!meantByKey.has(key) && meantByKey.size < 1000) meantByKey.set(key, meantBy(key))
  return meantByKey.has(key) ? meantByKey.get(key) : meantBy(key)
}

function meantBy(key: string): string | undefined {
  if (KEYS.includes(key)) return undefined
  const [almost] = nearest(key, KEYS, 1)
  if (almost !== undefined) return almost
  const slash = key.indexOf('/')
  const prefix = key.slice(0, Math.max(0, slash))
  const name = key.slice(slash + 1)
  const ofPrefix = WELL_KNOWN.filter(known => known.prefix === prefix)
  const [close] = nearest(
    name,
    ofPrefix.map(known => known.name),
    2,
  )
  if (close !== undefined) return `${prefix}/${close}`
  const ofName = WELL_KNOWN.filter(known => known.name === name && isPrefixMeant(prefix, known.prefix))
  return ofName.length === 1 ? ofName[0]?.key : undefined
}

/** No prefix at all, one without its ending, or with another one (`sonarqube.com`). Of a longer one, of an own server say, nothing is known. */
const isPrefixMeant = (prefix: string, known: string) =>
  prefix === '' || (prefix.split('.').length <= 2 && prefix.split('.')[0] === known.split('.')[0])

/** What belongs into metadata, and stands in spec: nothing reads it there. */
const OF_METADATA: Record<string, (value: unknown) => boolean> = {
  annotations: isMapValue,
  labels: isMapValue,
  tags: value => Array.isArray(value) && value.every(tag => typeof tag === 'string'),
  links: value => Array.isArray(value) && value.every(link => typeof fieldOf(link, 'url') === 'string'),
}

/** `example.com/a`: what has a host's name and a slash is no field of metadata or spec. */
const LIKE_AN_ANNOTATION = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+\/[\w.-]+$/i

export function checkMisplaced({ written, version }: Subject, found: Found): void {
  for (const where of ['metadata', 'spec']) {
    // A template's spec has maps of the author's own everywhere; so may a kind that only the site knows.
    if (where === 'spec' && (version === undefined || written.kind === 'Template')) continue
    const map = mapAt(written, where)
    const flat = where === 'metadata' ? flatBehindAnnotations(map) : []
    if (flat[0] !== undefined) {
      const facts = { field: flat[0], where, belongsIn: 'metadata.annotations', flat: flat.length }
      found({ code: 'misplaced-field', facts, path: [where, flat[0]], part: 'key' })
    }
    for (const [field, value] of Object.entries(map)) {
      if (flat.includes(field)) continue
      const isAnnotation = isLikeAnnotation(field, value)
      const isOfMetadata = where === 'spec' && isTheirs(field, value) && !isFieldOf(version, field)
      if (!isAnnotation && !isOfMetadata) continue
      const belongsIn = isAnnotation ? 'metadata.annotations' : 'metadata'
      found({ code: 'misplaced-field', facts: { field, where, belongsIn }, path: [where, field], part: 'key' })
    }
  }
  for (const key of Object.keys(mapAt(mapAt(written, 'metadata'), 'labels'))) {
    if (!KEYS.includes(key)) continue
    const facts = { field: key, where: 'metadata.labels', belongsIn: 'metadata.annotations' }
    found({ code: 'misplaced-field', facts, path: ['metadata', 'labels', key], part: 'key' })
  }
}

const isLikeAnnotation = (field: string, value: unknown) =>
  ((field.includes('/') && LIKE_AN_ANNOTATION.test(field)) || KEYS.includes(field)) && typeof value !== 'object'

/** The annotations right behind an empty `annotations:`: their indentation is missing. */
function flatBehindAnnotations(metadata: Record<string, unknown>): string[] {
  if (metadata['annotations'] !== null) return []
  const entries = Object.entries(metadata)
  const from = entries.findIndex(([field]) => field === 'annotations') + 1
  const behind = entries.slice(from)
  const end = behind.findIndex(([field, value]) => !isLikeAnnotation(field, value))
  return (end === -1 ? behind : behind.slice(0, end)).map(([field]) => field)
}

const isTheirs = (field: string, value: unknown) => Object.hasOwn(OF_METADATA, field) && OF_METADATA[field]?.(value)
const isFieldOf = (version: Subject['version'], field: string) => Object.hasOwn(version?.fields ?? {}, `spec.${field}`)
