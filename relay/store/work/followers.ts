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
         AND ref = :ref AND repository <> :repository LIMIT ${FOLLOWERS}`,
      { entity, repository: file.repository, ref: file.ref },
    )
    for (const key of rows.map(rowKey)) holding.set(JSON.stringify(key), key)
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

function* waitsFor(key: Key, { repository, path }: Key): Work<boolean> {
  const row = yield* get(
    `SELECT f.data FROM job j JOIN file f ON f.push = j.push AND f.path = j.path
     WHERE j.repository = :repository AND j.ref = :ref AND j.path = :path AND j.state = 'waiting'`,
    keyOf(key),
  )
  const move = readMove(row?.['data'])
  return move?.repository === repository && move.from.includes(path)
}
