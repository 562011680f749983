// catalog.rules of app-config.yaml, with those of single locations, in the form of hook.yaml.
import type { AllowedKind, CatalogRule, RuleLocation } from '../../hooks/config/hook-config.ts'
import { isMap } from '../../schemas/unknown.ts'
import { type AppConfig, isOpen } from '../backstage/app-config.ts'
import type { Findings } from './findings.ts'

/** What Backstage allows where nothing is said (CatalogRules of plugin-catalog-backend 4.0.5). */
const DEFAULT: CatalogRule = { allow: ['Component', 'API', 'Location'] }

/** A rule that cannot be read as a whole leaves all of them out: with a part of them the gate would refuse what is allowed. */
class Unreadable extends Error {}

export function learnRules(config: AppConfig): Findings {
  const rules = config.decided('catalog', 'rules')
  const locations = config.decided('catalog', 'locations')
  try {
    if (isOpen(config.decided('catalog')?.value) && !isMap(config.decided('catalog')?.value))
      throw new Unreadable('catalog is only known where Backstage runs')
    if (Array.isArray(rules?.value) && rules.value.length === 0)
      throw new Unreadable('the list is empty, and Backstage then takes no kind from any file')
    const general = rules === undefined ? [DEFAULT] : listOf(rules.value, 'catalog.rules').map(ruleFrom)
    const single = locations === undefined ? [] : listOf(locations.value, 'catalog.locations').flatMap(rulesOfLocation)
    const from = [
      rules === undefined
        ? `Backstage's own default, since ${config.paths.join(', ')} has no catalog.rules`
        : `${rules.path}: catalog.rules`,
      ...(single.length > 0 ? [`${locations?.path}: catalog.locations`] : []),
    ]
    return { rules: { value: [...general, ...single], from: from.join('; ') }, notes: [] }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { notes: [`catalog.rules are left out: ${error.message}`] }
  }
}

function listOf(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value) && isOpen(value)) throw new Unreadable(`${what} is included from elsewhere`)
  if (!Array.isArray(value)) throw new Unreadable(`${what} is no list`)
  return value
}

const OPEN_TYPE = 'the type of a location with rules is only known where Backstage runs'

function ruleFrom(rule: unknown): CatalogRule {
  if (!isMap(rule)) throw new Unreadable('a rule is no map')
  const { allow, locations } = rule
  return {
    allow: listOf(allow, 'allow of a rule').map(allowedFrom).filter(isKind),
    ...(locations === undefined || locations === null
      ? {}
      : { locations: listOf(locations, 'locations of a rule').map(locationFrom) }),
  }
}

/** No entity can be of another. */
const isKind = (allowed: AllowedKind) =>
  /^[A-Za-z][A-Za-z0-9]*$/.test(typeof allowed === 'string' ? allowed : allowed.kind)

function allowedFrom(allowed: unknown): AllowedKind {
  const { kind, 'spec.type': type } = isMap(allowed) ? allowed : { kind: allowed, 'spec.type': undefined }
  if (typeof kind !== 'string' || isOpen(kind) || isOpen(type))
    throw new Unreadable('which kind a rule allows is only known where Backstage runs')
  return typeof type === 'string' ? { kind, 'spec.type': type } : kind
}

function locationFrom(location: unknown): RuleLocation {
  if (!isMap(location) || typeof location['type'] !== 'string') throw new Unreadable('a location of a rule has no type')
  const { type, exact, pattern } = location
  if (isOpen(type)) throw new Unreadable(OPEN_TYPE)
  if (isMap(exact) || isMap(pattern)) throw new Unreadable('a location of a rule is included from elsewhere')
  if (typeof exact === 'string') return { type, ...exactly(exact) }
  return typeof pattern === 'string' ? { type, pattern: withAny(pattern) } : { type }
}

/** A text is one with its escapes undone. With a variable in it an address becomes a pattern; where that would say something else, it is any. */
const exactly = (exact: string): Pick<RuleLocation, 'exact' | 'pattern'> =>
  !isOpen(exact)
    ? { exact: exact.replaceAll('$${', '${') }
    : /[*?[\]()!]/.test(exact)
      ? {}
      : { pattern: withAny(exact) }

/** A variable may stand for anything: alone between slashes also for several parts of a URL. */
const withAny = (text: string) => text.replace(/(^|\/)\$\{[^}]*\}(?=\/|$)/g, '$1**').replace(/\$\{[^}]*\}/g, '*')

/** Rules of one location hold for what comes from it; of files on Backstage's own disk none is in git. */
function rulesOfLocation(location: unknown): CatalogRule[] {
  if (!isMap(location)) return []
  const { type, target, rules } = location
  if (rules === undefined || rules === null) return []
  if (isOpen(type)) throw new Unreadable(OPEN_TYPE)
  if (type !== 'url') return []
  if (typeof target !== 'string') throw new Unreadable('a location with rules has no target')
  return listOf(rules, 'rules of a location').map(rule => ({
    ...ruleFrom(rule),
    locations: [{ type: 'url', ...exactly(target) }],
  }))
}
