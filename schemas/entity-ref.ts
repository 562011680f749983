// Backstage's entity references, `[kind:][namespace/]name`, and the names of its Location entities.
import { createHash } from 'node:crypto'

export type EntityRef = { kind: string; namespace: string; name: string }

/** `kind:namespace/name` in lower case, as POST /api/catalog/refresh wants it: the catalog does no defaulting there. */
export function formatEntityRef({ kind, namespace, name }: EntityRef): string {
  return `${kind}:${namespace}/${name}`.toLowerCase()
}

/**
 * The ref of the Location entity that the catalog makes for a URL, so that it can be named without asking.
 * Source: locationSpecToMetadataName in @backstage/plugin-catalog-node; the target is hashed verbatim.
 */
export function locationRef(target: string): string {
  return `location:default/generated-${createHash('sha1').update(`url:${target}`).digest('hex')}`
}
