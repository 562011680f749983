// A profile with an organisation's own schemas in it: kinds that only its catalog knows become known, and every schema is kept to be applied.
import type { KindVersion, OwnKind, Profile } from './profile.ts'

/** Stands for whatever apiVersion an own kind has, when its schema names none. */
export const ANY_API_VERSION = '*'

/** Backstage's part of the rules holds for own kinds, too: metadata, and a spec that is a map. */
export function withOwnKinds(profile: Profile, own: readonly OwnKind[]): Profile {
  if (own.length === 0) return profile
  const kinds = profile.kinds.map(({ kind, versions }) => ({ kind, versions: [...versions] }))
  for (const schema of own) {
    for (const name of schema.kinds) {
      let entry = kinds.find(({ kind }) => kind === name)
      // A schema for a known kind that names no apiVersion is about those that Backstage knows.
      const apiVersions = schema.apiVersions ?? (entry ? [] : [ANY_API_VERSION])
      if (entry === undefined) {
        entry = { kind: name, versions: [] }
        kinds.push(entry)
      }
      for (const apiVersion of apiVersions)
        if (!entry.versions.some(version => version.apiVersion === apiVersion))
          entry.versions.push(ownVersion(apiVersion, schema, profile))
    }
  }
  return { ...profile, kinds, own }
}

function ownVersion(apiVersion: string, { fields }: OwnKind, { anyKind }: Profile): KindVersion {
  return {
    apiVersion,
    specType: undefined,
    validate: anyKind?.validate ?? (() => true),
    // Which of its fields are relations, only the organisation's own processor knows.
    relations: [],
    fields: { ...anyKind?.fields, ...fields },
  }
}
