// A message whose id is known may say something else: then it is no repetition, and is not left aside.
import { createHash } from 'node:crypto'
import type { AcceptedPush } from '../ports/inbox.ts'
import { columnsOf, readAnnounced, writeAnnounced } from './announced.ts'
import { BY_MESSAGE } from './parts.ts'
import { get, type Row, type Work } from './sql.ts'

/** Whether what is stored under its id says the same. */
export function* isRepetition(push: AcceptedPush): Work<boolean> {
  const { id, part } = push
  const row = yield* get(`SELECT ${SAID.join(', ')}, files, parts FROM push WHERE ${BY_MESSAGE}`, { id })
  if (!row || wordsOf(row) !== wordsOf(columnsOf(push))) return false
  if (part === undefined) return storable(String(row['files'])) === storable(writeAnnounced(push))
  const joined = yield* get('SELECT number FROM part WHERE id = :id', { id })
  return joined?.['number'] === part.number && row['parts'] === part.of && isAmong(row, push)
}

/** A part's files stand among those of the others. */
function isAmong(row: Row, push: AcceptedPush): boolean {
  const there = new Set(readAnnounced(String(row['files'])).map(job => storable(JSON.stringify(job))))
  return readAnnounced(writeAnnounced(push)).every(job => there.has(storable(JSON.stringify(job))))
}

const SAID = ['repository', 'ref', 'before_id', 'after_id', 'default_branch', 'pusher', 'bypass', 'said'] as const

const wordsOf = (row: Row): string => storable(JSON.stringify(SAID.map(column => row[column])))

/** As every database keeps a text. */
const storable = (json: string): string => json.replaceAll(/\\u(?:0000|fffd|d[89a-f]..)/g, '\ufffd')

/** Made of what the message says. */
export function idOfOther(push: AcceptedPush): string {
  const says = JSON.stringify([wordsOf(columnsOf(push)), push.part ?? null, writeAnnounced(push)])
  return `${push.id}_${createHash('sha256').update(says).digest('hex').slice(0, 12)}`
}
