// What an entity names outside of its file: targets of a Location, files of placeholders, the folder of its documentation.
import { mapAt } from '../check.ts'
import { type Destination, targetedBy } from '../destination.ts'
import type { Value } from '../parse.ts'
import type { Path } from '../position.ts'
import type { Quote } from './placeholder.ts'
import type { Repository } from './placeholder-url.ts'

/** `presence`: what a Location says of it; `moot`: the catalog refuses the Location anyway, and reads nothing. */
export type Target =
  | { what: 'target'; target: string; path: Path; leads: Destination; presence: 'required' | 'optional' | 'moot' }
  | { what: 'placeholder'; target: string; path: Path; state: Quote['state']; file?: string; mayBeData?: true }
  | { what: 'techdocs'; target: string; path: Path }

/** `from`: the path of its file. */
export function targetsIn(
  { kind, value, quotes }: { kind: string; value: Value; quotes: readonly Quote[] },
  from: string,
  repository: Repository,
): Target[] {
  const placeholders = quotes.flatMap(({ isOwn, refs: _refs, ...quote }): Target[] =>
    isOwn ? [] : [{ what: 'placeholder', ...quote }],
  )
  const located = kind === 'Location' ? locatedIn(mapAt(value, 'spec'), from, repository) : []
  return [...located, ...placeholders, ...documentedIn(value)]
}

function locatedIn(spec: Value, from: string, repository: Repository): Target[] {
  const isRead = spec.type === undefined || spec.type === 'url' || spec.type === ''
  const presence = isRead ? (spec.presence === 'optional' ? 'optional' : 'required') : 'moot'
  const targets = Array.isArray(spec.targets) ? spec.targets : []
  const named: { target: unknown; path: Path }[] = [
    { target: spec.target, path: ['spec', 'target'] },
    ...targets.map((target, i) => ({ target, path: ['spec', 'targets', i] })),
  ]
  return named.flatMap(({ target, path }) =>
    typeof target === 'string' && target !== ''
      ? [{ what: 'target', target, path, leads: targetedBy(target, from, repository), presence }]
      : [],
  )
}

function documentedIn(value: Value): Target[] {
  const path = ['metadata', 'annotations', 'backstage.io/techdocs-ref']
  const ref = mapAt(mapAt(value, 'metadata'), 'annotations')['backstage.io/techdocs-ref']
  // Both sides are trimmed, as by parseLocationRef.
  const [, found] = typeof ref === 'string' ? (/^\s*dir\s*:([\s\S]*)$/.exec(ref) ?? []) : []
  const target = found?.trim() ?? ''
  return target === '' || /^[a-z][a-z0-9+.-]*:/i.test(target) ? [] : [{ what: 'techdocs', target, path }]
}
