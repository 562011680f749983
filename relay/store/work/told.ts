// What pushes tell of entities before the catalog knows: for lookups, which must not call unknown what somebody has just brought.
import { type AnnouncedJob, readAnnounced } from './announced.ts'
import { BY_KEY, type Key, keyOf } from './key.ts'
import { all, get, type Row, type Work } from './sql.ts'

/** As long as a catalog may need to take in what it was asked for, in the worst case of a processing loop. */
const LATELY_MS = 600_000
/** Of more pushes that wait, the latest are looked at. */
const PUSHES = 200
const FILES = 10

export function* broughtLately(entities: readonly string[], nowMs: number): Work<Set<string>> {
  const found = new Set<string>()
  if (entities.length === 0) return found
  const waiting = yield* all(`SELECT files FROM push WHERE state = 'waiting' ORDER BY seq DESC LIMIT ${PUSHES}`)
  for (const entity of entities)
    if (waiting.some(push => brings(push, entity)) || (yield* hasLanded(entity, nowMs))) found.add(entity)
  return found
}

function* hasLanded(entity: string, nowMs: number): Work<boolean> {
  const holders = yield* all(
    `SELECT repository, ref, path, came_at FROM holder WHERE entity = :entity AND left_at IS NULL LIMIT ${FILES}`,
    { entity },
  )
  const since = nowMs - LATELY_MS
  for (const { repository = '', ref, path, came_at } of holders) {
    if (typeof came_at === 'number' && came_at > since) return true
    const key = { repository, ref: String(ref), path: String(path) }
    if (yield* get(`SELECT 1 AS found FROM job WHERE ${BY_KEY}`, key)) return true
    // Of the first push that tells of a file it is not known what was in it before.
    const pushes = yield* all(
      `SELECT files FROM push WHERE repository = :repository AND received_at > :since ORDER BY seq DESC LIMIT ${PUSHES}`,
      { repository, since },
    )
    if (pushes.some(push => brings(push, entity))) return true
  }
  return false
}

const brings = (push: Row, entity: string) =>
  String(push['files']).toLowerCase().includes(JSON.stringify(entity)) &&
  filesOf(push).some(file => file.change !== 'removed' && holds(file, entity))

export function* hasLeft(file: Key, entity: string): Work<boolean> {
  const key = keyOf(file)
  const waiting = yield* all(
    `SELECT files FROM push WHERE state = 'waiting' AND repository = :repository AND ref = :ref ORDER BY turn DESC LIMIT ${PUSHES}`,
    { repository: key.repository, ref: key.ref },
  )
  for (const told of waiting.flatMap(filesOf)) {
    if (told.path !== key.path) continue
    if (told.change === 'removed') return true
    if (told.entities?.length) return !holds(told, entity)
  }
  const rows = yield* all(`SELECT entity, left_at FROM holder WHERE ${BY_KEY}`, key)
  const own = rows.find(row => row['entity'] === entity)
  if (own) return own['left_at'] !== null
  // It holds others, or something has gone out of it of which nobody has told what it was.
  return rows.length > 0
}

export function* knowsOwnerOf(repository: string): Work<boolean> {
  // From "acme/" to "acme0", the sign behind the slash.
  const owner = repository.slice(0, repository.indexOf('/'))
  const range = { from: `${owner}/`, below: `${owner}0` }
  for (const table of ['push', 'known_file', 'holder'])
    if (yield* get(`SELECT 1 AS found FROM ${table} WHERE repository >= :from AND repository < :below LIMIT 1`, range))
      return true
  return false
}

type File = Extract<AnnouncedJob, { kind: 'refresh' }>

const filesOf = ({ files = '[]' }: Row): File[] => readAnnounced(String(files)).filter(job => job.kind === 'refresh')

const holds = ({ entities = [] }: File, entity: string) => entities.some(ref => ref.toLowerCase() === entity)
