// catalog.rules of the installation: which kinds its catalog takes from this file (CatalogRules of plugin-catalog-backend 4.0.5).
//
// Looked at before anything else of an entity, as it stands in the file; one that is not allowed keeps the whole file out.
import type { AllowedKind, CatalogRule, RuleLocation } from '../../config/hook-config.ts'
import { type Found, mapAt } from '../check.ts'
import { matchGlob, type Segments } from '../glob.ts'
import type { Value } from '../parse.ts'
import type { Place } from './placeholder-url.ts'

/** `origin`: where the file is registered. Without `file` that is not known: of one that is reached through a Location the rules see that one's URL. */
export function isKindAllowed(written: Value, rules: readonly CatalogRule[], origin: Place): boolean {
  if (rules.length === 0) return true
  return rules.some(rule => rule.allow.some(allowed => isOf(allowed, written)) && holdsAt(rule, origin))
}

/** For one that is not allowed. */
export function tellAllowedKinds(written: Value, rules: readonly CatalogRule[], origin: Place, found: Found): void {
  const kind = String(written.kind)
  const { type } = mapAt(written, 'spec')
  const here = rules.filter(rule => holdsAt(rule, origin))
  const elsewhere = rules.filter(rule => !here.includes(rule) && rule.allow.some(allowed => isOf(allowed, written)))
  const facts = {
    kind,
    // Only where another type of the kind would be taken does the type matter.
    ...(typeof type === 'string' && kindsIn(here).some(name => name.startsWith(`${kind} `)) ? { type } : {}),
    allowed: kindsIn(here),
    from: elsewhere.flatMap(({ locations = [] }) => locations.flatMap(({ exact, pattern }) => exact ?? pattern ?? [])),
  }
  found({ code: 'kind-not-allowed', facts, path: ['kind'], part: 'value' })
}

const sameWord = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
const partsOf = (allowed: AllowedKind) => (typeof allowed === 'string' ? { kind: allowed } : allowed)

function isOf(allowed: AllowedKind, written: Value): boolean {
  const { kind, 'spec.type': type } = { 'spec.type': undefined, ...partsOf(allowed) }
  if (typeof written.kind !== 'string' || !sameWord(kind, written.kind)) return false
  const { type: own } = mapAt(written, 'spec')
  return type === undefined || (typeof own === 'string' && sameWord(type, own))
}

const kindsIn = (rules: readonly CatalogRule[]) => [
  ...new Set(
    rules.flatMap(({ allow }) =>
      allow.map(partsOf).map(allowed => allowed.kind + ('spec.type' in allowed ? ` (${allowed['spec.type']})` : '')),
    ),
  ),
]

/** Whether the rule is about the file, or may be. */
function holdsAt({ locations }: CatalogRule, origin: Place): boolean {
  if (locations === undefined) return true
  return locations.some(location => location.type === 'url' && mayBeAt(location, origin))
}

function mayBeAt({ exact, pattern }: RuleLocation, origin: Place): boolean {
  const { file } = origin
  if (file === undefined) return true
  const places = placesOf(origin, file)
  if (exact !== undefined && !places.some(place => isSamePlace(canonical(exact), place))) return false
  return pattern === undefined || places.some(place => matchGlob(pattern, place) !== 'differs')
}

/** `https://HOST/OWNER/NAME/blob/BRANCH/PATH`, in segments. Which host GHES has a hook does not know; a Location may also be registered as a tree. */
function placesOf({ fullName, branches }: Place, file: string): Segments[] {
  const [owner, name] = fullName?.split('/') ?? []
  return (branches ?? [undefined]).flatMap(branch =>
    ['blob', 'tree'].map(form => [
      ...[undefined, undefined, owner, name, form],
      ...(branch?.split('/') ?? [undefined]),
      ...file.split('/'),
    ]),
  )
}

/** The case of owner and name is GHES's to know. */
function isSamePlace(exact: Segments, place: Segments): boolean {
  return (
    exact.length === place.length &&
    place.every((part, i) => part === undefined || part === exact[i] || (i < 4 && sameWord(part, exact[i] ?? '')))
  )
}

/** A URL as the catalog compares it: without a default port, its path decoded. */
function canonical(url: string): Segments {
  if (!URL.canParse(url)) return []
  const { protocol, host, pathname, search, hash } = new URL(url)
  return [
    protocol,
    host,
    ...pathname
      .split(/\/|%2f|%5c/i)
      .slice(1)
      .map(decoded)
      .join('/')
      .replace(/%2e/gi, '.')
      .split('/'),
    ...(search + hash === '' ? [] : [search + hash]),
  ]
}

function decoded(text: string): string {
  try {
    return decodeURI(text)
  } catch {
    return text
  }
}
