// The relative paths that an entity names: whether they exist, only the tree can tell.
import { mapAt } from '../check.ts'
import type { Value } from '../parse.ts'
import type { Quote } from './placeholder.ts'

/** Targets of a Location, placeholders, and the folder of its documentation. */
export type Target = { what: 'target' | 'placeholder' | 'techdocs'; target: string; path: (string | number)[] }

export function targetsIn(entity: { kind: string; value: Value; quotes: readonly Quote[] }): Target[] {
  const { kind, value, quotes } = entity
  const spec = mapAt(value, 'spec')
  const targets: Target[] = []
  const add = (what: Target['what'], target: unknown, path: (string | number)[]) => {
    if (typeof target === 'string' && target !== '' && !/^[a-z][a-z0-9+.-]*:/i.test(target))
      targets.push({ what, target, path })
  }
  // presence: optional says that it may be missing.
  if (kind === 'Location' && spec.presence !== 'optional') {
    add('target', spec.target, ['spec', 'target'])
    if (Array.isArray(spec.targets))
      for (const [i, target] of spec.targets.entries()) add('target', target, ['spec', 'targets', i])
  }
  for (const { target, path, isOwn } of quotes) if (!isOwn) add('placeholder', target, [...path])
  const techdocs = mapAt(mapAt(value, 'metadata'), 'annotations')['backstage.io/techdocs-ref']
  if (typeof techdocs === 'string' && techdocs.startsWith('dir:'))
    add('techdocs', techdocs.slice('dir:'.length), ['metadata', 'annotations', 'backstage.io/techdocs-ref'])
  return targets
}
