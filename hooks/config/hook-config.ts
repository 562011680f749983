// The hooks' configuration as it is baked into them: defaults filled in, globs compiled, files read.
import { CATALOG_DEFAULTS } from '../../schemas/catalog-globs.ts'

export type Mode = 'enforce' | 'warn' | 'off'
export type RuleSetting = 'error' | 'warning' | 'off'

/** What a site's Backstage has beside its packages, as far as it decides what the catalog takes. */
export type InstallationSettings = {
  /** Names of the placeholders that it resolves, without "$". */
  placeholders: string[]
  /** Where it takes a missing `spec.owner` from. Left out: not known. */
  ownerFrom?: 'none' | 'codeowners'
  techdocs: 'local' | 'external'
  /** `catalog.rules` of its app-config. Empty: kinds are not judged by rules. */
  rules: CatalogRule[]
}

/** A kind is allowed where one of the rules names it. Without `locations` the rule holds everywhere. */
export type CatalogRule = { allow: AllowedKind[]; locations?: RuleLocation[] }
export type AllowedKind = string | { kind: string; 'spec.type'?: string }
/** Compared with what was registered. `exact` and `pattern` are about its URL; without them every one of its type is meant. */
export type RuleLocation = { type: string; exact?: string; pattern?: string }

/** Globs as sources of regular expressions: compiling globs is the build's work, not the push's. */
export type HookConfig = {
  catalog: {
    files: string[]
    ignore: string[]
    /** How files that match may be called, and whether some pattern leaves it open (CatalogNames). */
    baseNames: string[]
    hasWildNames: boolean
    /**
     * For git: what could be a catalog file by its name, and whatever could be one (the prelude's filter); too much rather than too little. `quoted`: what
     * else is asked for of a push that is too large for the prelude; empty where nothing is followed. `aside`: what may name such a file, with too much again.
     */
    pathspecs: { files: string[]; candidates: string[]; quoted: string[]; aside: string[] }
    followLocations: boolean
    profile: 'builtin' | 'model'
  } & InstallationSettings
  enforce: {
    defaultBranch: Mode
    otherBranches: Mode
    repositories: { match: string; mode: Mode; until?: string }[]
    rules: Record<string, RuleSetting>
    bypass: false | { pushOption: string; reason: 'required' | 'optional' }
  }
  limits: { timeMs: number; fileBytes: number; files: number; problems: number }
  help: { url: string; footer: string; fixCommand: string }
  relay?: { url: string; secretFile: string; caFile?: string; waitMs: number; lookupMs: number }
}

/** Backstage as it comes, with its own openapi module: what is refused must be refused for certain. */
export const plainInstallation: InstallationSettings = {
  placeholders: ['text', 'json', 'yaml', 'openapi', 'asyncapi'],
  techdocs: 'local',
  rules: [],
}

/** What an administrator leaves out. The reasons: the table in hooks/GUIDE.md. */
export const defaults = {
  catalog: {
    ...CATALOG_DEFAULTS,
    followLocations: true,
    profile: 'builtin' as const,
    kinds: [] as string[],
    ...plainInstallation,
  },
  enforce: {
    defaultBranch: 'enforce' as Mode,
    otherBranches: 'warn' as Mode,
    repositories: [] as HookConfig['enforce']['repositories'],
    rules: {} as Record<string, RuleSetting>,
    bypass: { pushOption: 'catalog-gate.skip', reason: 'required' as const },
  },
  limits: { timeMs: 2500, fileBytes: 1_048_576, files: 5000, problems: 20 },
  help: { url: '', footer: '', fixCommand: '' },
  relay: { waitMs: 50, lookupMs: 100 },
}

/** The mode for a branch of a repository. `today` is YYYY-MM-DD; the first entry that matches and is not over counts. */
export function modeFor(config: HookConfig, repository: string, isDefaultBranch: boolean, today: string): Mode {
  const entry = config.enforce.repositories.find(
    ({ match, until }) => new RegExp(match, 'i').test(repository) && (until === undefined || today < until),
  )
  if (entry) return entry.mode
  return isDefaultBranch ? config.enforce.defaultBranch : config.enforce.otherBranches
}
