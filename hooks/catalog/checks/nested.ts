// A second entity below spec or metadata, or their own name below them once more: indented by mistake, and read by nothing.
import { type Found, mapAt, type Subject } from '../check.ts'
import { METADATA_FIELDS } from './known-fields.ts'

export function checkNested({ written, version }: Subject, found: Found): void {
  // A template's spec has maps of the author's own; so may a kind that only the site knows.
  if (version === undefined || written.kind === 'Template') return
  for (const where of ['metadata', 'spec']) {
    const map = mapAt(written, where)
    if (map['metadata'] === undefined && map.spec === undefined) continue
    const fieldsOfSpec = Object.keys(version.fields).map(field => /^spec\.(\w+)/.exec(field)?.[1])
    const isEntity = typeof map.kind === 'string' && typeof map['apiVersion'] === 'string'
    const second = isEntity ? Object.keys(map).find(key => ROOT.includes(key)) : undefined
    if (second !== undefined) {
      found({ code: 'nested-entity', facts: { where, kind: String(map.kind) }, path: [where, second], part: 'key' })
      continue
    }
    const has = (name: string, fields: readonly unknown[]) =>
      Object.keys(mapAt(map, name)).some(key => fields.includes(key))
    for (const name of ['metadata', 'spec'])
      if (has(name, name === 'spec' ? fieldsOfSpec : METADATA_FIELDS))
        found({ code: 'nested-entity', facts: { where, field: name }, path: [where, name], part: 'key' })
  }
}

const ROOT = ['apiVersion', 'kind', 'metadata', 'spec']
