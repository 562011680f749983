// What has left a file, and another repository's file held already: that one was told of too early.
import type { Follower } from '../ports/known-files.ts'
import { BY_KEY, type Key, keyOf, rowKey } from './key.ts'
import { readMove } from './moves.ts'
import { all, get, type Work } from './sql.ts'

const FOLLOWERS = 20

export function* readFollowers(file: Key): Work<Follower[]> {
  const gone = yield* all(`SELECT entity FROM holder WHERE ${BY_KEY} AND left_at IS NOT NULL`, keyOf(file))
  const holding = new Map<string, Key>()
  for (const { entity = null } of gone) {
    const rows = yield* all(
      `SELECT repository, ref, path FROM holder INDEXED BY holder_entity WHERE entity = :entity AND left_at IS NULL
         AND repository <> :repository LIMIT ${FOLLOWERS}`,
      { entity, repository: file.repository },
    )
    for (const key of rows.map(rowKey))
      if (yield* isOfDefaultBranch(key, file.ref)) holding.set(JSON.stringify(key), key)
  }
  const followers: Follower[] = []
  for (const key of [...holding.values()].slice(0, FOLLOWERS)) {
    if (yield* waitsFor(key, file)) continue
    const known = yield* get(`SELECT blob, entities FROM known_file WHERE ${BY_KEY}`, key)
    const held = yield* all(`SELECT entity FROM holder WHERE ${BY_KEY} AND left_at IS NULL ORDER BY entity`, key)
    followers.push({
      ...key,
      entities: known ? (JSON.parse(String(known['entities'])) as string[]) : held.map(({ entity }) => String(entity)),
      ...(typeof known?.['blob'] === 'string' ? { blob: known['blob'] } : {}),
    })
  }
  return followers
}

/**
 * Only files of default branches hold anything; but the default branch may be another one by now. What its latest push says counts; where none is kept any more, the only branch that holds
 * anything, or the one that is called like ours.
 */
function* isOfDefaultBranch({ repository, ref }: Key, ours: string): Work<boolean> {
  const latest = yield* get(
    'SELECT ref FROM push WHERE repository = :repository AND default_branch = 1 ORDER BY seq DESC LIMIT 1',
    { repository },
  )
  if (latest) return latest['ref'] === ref
  const refs = yield* all('SELECT DISTINCT ref FROM holder WHERE repository = :repository', { repository })
  return refs.length === 1 || ref === ours
}

function* waitsFor(key: Key, { repository, ref, path }: Key): Work<boolean> {
  const row = yield* get(
    `SELECT f.data FROM job j JOIN file f ON f.push = j.push AND f.path = j.path
     WHERE j.repository = :repository AND j.ref = :ref AND j.path = :path AND j.state = 'waiting'`,
    keyOf(key),
  )
  const move = readMove(row?.['data'])
  return move?.repository === repository && (move.ref ?? key.ref) === ref && move.from.includes(path)
}
