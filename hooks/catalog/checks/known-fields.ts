// Fields that an entity has by Backstage's envelope, and those of spec that its kinds share: where a field belongs is known by them.

export const ROOT_FIELDS = ['apiVersion', 'kind', 'metadata', 'spec']

export const METADATA_FIELDS = ['name', 'namespace', 'title', 'description', 'labels', 'annotations', 'tags', 'links']

export const SPEC_FIELDS = [
  ...['type', 'owner', 'lifecycle', 'system', 'definition', 'dependsOn', 'providesApis', 'consumesApis'],
  ...['subcomponentOf', 'targets', 'target', 'memberOf', 'children', 'parent', 'profile'],
  ...['domain', 'subdomainOf', 'dependencyOf', 'members', 'presence'],
]
