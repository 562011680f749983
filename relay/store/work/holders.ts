// Which file of a repository's default branch holds which entity, and which it has just left: as pushes have landed, whatever the catalog was told yet.
import { LIMITS } from '../../runtime/limits.ts'
import type { AnnouncedJob } from './announced.ts'
import { BY_KEY, type Key, keyOf, rowKey } from './key.ts'
import { all, get, run, type Work } from './sql.ts'

type Branch = Pick<Key, 'repository' | 'ref'>
type File = Extract<AnnouncedJob, { kind: 'refresh' }>

/** Has left a file of which nobody has told what was in it: any entity may be meant. */
const SOMETHING = ''

/** A minute, and some time for the catalog to notice. As long as the old file waits to be told of, it counts as well. */
const RECENT_MS = 120_000

/** What a push did to one file: `left` entities went out of it, `came` were not in it before. `isUntold`: nobody has told what was in it before. */
export type Changed = { file: File; left: string[]; came: string[]; isUntold?: boolean }

/** Takes down what a landed push says of a file. */
export function* noteHolders(branch: Branch, file: File, nowMs: number): Work<Changed> {
  const key = { ...keyOf({ ...branch, path: file.path }) }
  const held = (yield* all(`SELECT entity FROM holder WHERE ${BY_KEY} AND left_at IS NULL`, key)).map(row =>
    String(row['entity']),
  )
  const told = entitiesOf(file)
  if (file.change === 'removed') {
    const left = [...new Set([...held, ...told])]
    for (const entity of left.length > 0 ? left : [SOMETHING]) yield* leave(key, entity, nowMs)
    return { file, left, came: [], isUntold: left.length === 0 }
  }
  // Who tells of no entity knows none: GHES's webhook names paths only.
  const left = told.length === 0 ? [] : held.filter(entity => !told.includes(entity))
  const came = told.filter(entity => !held.includes(entity))
  // The first that is told of a file that was there before: who knows what was in it.
  const isUntold = file.change === 'modified' && told.length > 0 && held.length === 0
  if (isUntold) yield* leave(key, SOMETHING, nowMs)
  for (const entity of left) yield* leave(key, entity, nowMs)
  for (const entity of came)
    yield* run(
      `INSERT INTO holder (repository, ref, entity, path, came_at) VALUES (:repository, :ref, :entity, :path, :now)
       ON CONFLICT (repository, ref, entity, path) DO UPDATE SET left_at = NULL, is_free = 0, came_at = :now`,
      { ...key, entity, now: isUntold ? null : nowMs },
    )
  return { file, left, came, isUntold }
}

/** As the catalog tells them apart; one that no index of PostgreSQL holds is none. */
export const entitiesOf = ({ entities = [] }: { entities?: readonly string[] }): string[] => [
  ...new Set(entities.filter(ref => Buffer.byteLength(ref) <= LIMITS.pathBytes).map(ref => ref.toLowerCase())),
]

function* leave(key: Key, entity: string, nowMs: number): Work<void> {
  yield* run(
    `INSERT INTO holder (repository, ref, entity, path, left_at) VALUES (:repository, :ref, :entity, :path, :now)
     ON CONFLICT (repository, ref, entity, path) DO UPDATE SET left_at = :now, is_free = 0`,
    { ...key, entity, now: nowMs },
  )
}

/** Files that this entity has left, and the catalog may still take for its own. */
export function* leftLately(branch: Branch, entity: string, nowMs: number): Work<string[]> {
  const rows = yield* all(
    `SELECT path, left_at FROM holder WHERE repository = :repository AND ref = :ref AND entity = :entity
       AND left_at IS NOT NULL ORDER BY path`,
    { ...branchOf(branch), entity },
  )
  const paths: string[] = []
  for (const row of rows) {
    const path = String(row['path'])
    if (Number(row['left_at']) > nowMs - RECENT_MS || (yield* isOpen({ ...branch, path }))) paths.push(path)
  }
  return paths
}

const OTHERS_LOOKED_AT = 50

/** A file of another repository's default branch that this entity has left just now, or of which the catalog was not told yet. */
export function* leftOther({ repository }: Branch, entity: string, nowMs: number): Work<Key | undefined> {
  const rows = yield* all(
    `SELECT repository, ref, path, left_at FROM holder INDEXED BY holder_entity WHERE entity = :entity AND left_at IS NOT NULL
       AND repository <> :repository LIMIT ${OTHERS_LOOKED_AT}`,
    { entity, repository },
  )
  for (const row of rows.toSorted((a, b) => Number(b['left_at']) - Number(a['left_at']))) {
    const key = rowKey(row)
    if (Number(row['left_at']) > nowMs - RECENT_MS || (yield* isOpen(key))) return key
  }
  return undefined
}

export const somethingLeftLately = (branch: Branch, nowMs: number): Work<string[]> =>
  leftLately(branch, SOMETHING, nowMs)

/** What has come into files of the branch: by file. */
export function* cameLately(branch: Branch, nowMs: number): Work<{ entity: string; path: string }[]> {
  const rows = yield* all(
    `SELECT entity, path FROM holder WHERE repository = :repository AND ref = :ref AND left_at IS NULL AND came_at > :since
     ORDER BY path, entity`,
    { ...branchOf(branch), since: nowMs - RECENT_MS },
  )
  return rows.map(row => ({ entity: String(row['entity']), path: String(row['path']) }))
}

export function* holdersOf(branch: Branch, entity: string): Work<string[]> {
  const rows = yield* all(
    'SELECT path FROM holder WHERE repository = :repository AND ref = :ref AND entity = :entity AND left_at IS NULL ORDER BY path',
    { ...branchOf(branch), entity },
  )
  return rows.map(row => String(row['path']))
}

/** The file's own job is still to be done. */
function* isOpen(key: Key): Work<boolean> {
  return (yield* get(`SELECT 1 AS found FROM job WHERE ${BY_KEY} AND state = 'waiting'`, keyOf(key))) !== undefined
}

/** The catalog was told of the old file just now. `isFree`: its Location was taken away, and its entities with it. */
export function* toldOfOld(key: Key, isFree: boolean, nowMs: number): Work<void> {
  yield* run(`UPDATE holder SET left_at = :now, is_free = :free WHERE ${BY_KEY} AND left_at IS NOT NULL`, {
    ...keyOf(key),
    free: isFree ? 1 : 0,
    now: nowMs,
  })
}

/** Since when the catalog knows that these have left; undefined: they are free, nobody in the catalog holds them for an old file. */
export function* heldSince(
  branch: Branch,
  entities: readonly string[],
  from: readonly string[],
): Work<number | undefined> {
  const left: number[] = []
  for (const path of from)
    for (const entity of [...entities, SOMETHING]) {
      const row = yield* get(
        `SELECT left_at FROM holder WHERE ${BY_KEY} AND entity = :entity AND left_at IS NOT NULL AND is_free = 0`,
        { ...branchOf(branch), path, entity },
      )
      if (row) left.push(Number(row['left_at']))
    }
  return left.length === 0 ? undefined : Math.max(...left)
}

/** They have arrived where they belong now. */
export function* forgetLeft(branch: Branch, entities: readonly string[]): Work<void> {
  for (const entity of entities)
    yield* run(
      'DELETE FROM holder WHERE repository = :repository AND ref = :ref AND entity = :entity AND left_at IS NOT NULL',
      { ...branchOf(branch), entity },
    )
}

const branchOf = ({ repository, ref }: Branch): Branch => ({ repository, ref })
