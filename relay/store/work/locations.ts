// Which catalog files the default branches have, as pushes have landed, and in which order that changed.
import { randomUUID } from 'node:crypto'
import type { LocatedFile, LocationChanges } from '../ports/locations.ts'
import { BY_KEY, type Key, keyOf } from './key.ts'
import { all, get, type Row, run, type Work } from './sql.ts'

/** A file of a landed push. On a branch that is not the default one there is none. */
export function* noteLocation(key: Key, isThere: boolean, arrival: number): Work<void> {
  const known = yield* get(`SELECT is_there, turn FROM location WHERE ${BY_KEY}`, keyOf(key))
  if (known ? Number(known['turn']) > arrival || (known['is_there'] === 1) === isThere : !isThere) return
  yield* setLocation(key, isThere, arrival)
}

function* setLocation(key: Key, isThere: boolean, arrival: number): Work<void> {
  // The row of the list is locked until the end: who reads up to a number has read all that are lower.
  const list = yield* get('UPDATE location_list SET change = change + 1 WHERE id = 1 RETURNING change')
  yield* run(
    `INSERT INTO location (repository, ref, path, is_there, turn, change) VALUES (:repository, :ref, :path, :there, :arrival, :change)
     ON CONFLICT (repository, ref, path) DO UPDATE SET is_there = :there, turn = :arrival, change = :change`,
    { ...keyOf(key), there: isThere ? 1 : 0, arrival, change: Number(list?.['change']) },
  )
}

/** What both names have keeps what was told later. */
export function* moveLocations({ from, to }: { from: string; to: string }): Work<void> {
  for (const { key, arrival } of yield* closeLocations(from))
    yield* noteLocation({ ...key, repository: to }, true, arrival)
}

/** It takes no pushes any more. Returns what there was. */
export function* closeLocations(repository: string): Work<{ key: Key; arrival: number }[]> {
  const rows = yield* all(
    'SELECT repository, ref, path, turn FROM location WHERE repository = :repository AND is_there = 1',
    { repository },
  )
  const closed = rows.map(row => ({ key: locatedIn(row), arrival: Number(row['turn']) }))
  for (const { key, arrival } of closed) yield* setLocation(key, false, arrival)
  return closed
}

export function* readLocations(cursor: string | undefined): Work<LocationChanges> {
  const list = yield* get('SELECT epoch, change FROM location_list WHERE id = 1')
  const [epoch, change] = [String(list?.['epoch']), Number(list?.['change'])]
  const [, ofEpoch, at] = /^(.+)\.(\d{1,15})$/.exec(cursor ?? '') ?? []
  const isAll = ofEpoch !== epoch || Number(at) > change
  const rows = yield* all(
    'SELECT repository, ref, path, is_there FROM location WHERE change > :since AND change <= :change ORDER BY change',
    { since: isAll ? 0 : Number(at), change },
  )
  return {
    isAll,
    cursor: `${epoch}.${change}`,
    there: rows.filter(row => row['is_there'] === 1).map(locatedIn),
    gone: rows.filter(row => row['is_there'] !== 1).map(locatedIn),
  }
}

const locatedIn = (row: Row): LocatedFile => ({
  repository: String(row['repository']),
  ref: String(row['ref']),
  path: String(row['path']),
})

export function* newEpoch(): Work<void> {
  yield* run('UPDATE location_list SET epoch = :epoch WHERE id = 1', { epoch: randomUUID().slice(0, 18) })
}
