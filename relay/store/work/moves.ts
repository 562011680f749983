// Entities that go from one file to another: which jobs belong together, and which has to wait for which.
import { type Move, whatMoves } from '../ports/jobs.ts'
import type { Moving } from '../ports/known-files.ts'
import type { AnnouncedJob } from './announced.ts'
import {
  type Changed,
  cameLately,
  entitiesOf,
  forgetLeft,
  heldSince,
  holdersOf,
  leftLately,
  leftOther,
  noteHolders,
  somethingLeftLately,
} from './holders.ts'
import { BY_KEY, type Key, keyOf } from './key.ts'
import { all, get, run, type Work } from './sql.ts'

type Branch = Pick<Key, 'repository' | 'ref'>
type File = Extract<AnnouncedJob, { kind: 'refresh' }>

/** `files`: those of the push, and those that have to be asked for again because of it. `goes`: what goes from which. `lost`: files that hold less than before. */
export type Moved = { files: File[]; moves: Map<string, Move>; goes: Map<string, string[]>; lost: Set<string> }

/** What a landed push of the default branch moves. */
export function* findMoves(branch: Branch, pushed: readonly File[], nowMs: number): Work<Moved> {
  const changed: Changed[] = []
  for (const file of pushed) changed.push(yield* noteHolders(branch, file, nowMs))
  const moves = new Map<string, Move>()
  for (const one of changed) {
    const move = fromFormer(one.file, nowMs) ?? (yield* arrivals(branch, one, changed, nowMs))
    if (move) moves.set(one.file.path, move)
  }
  const further: File[] = []
  for (const one of changed)
    for (const { entity, path } of yield* heldElsewhere(branch, one, nowMs)) {
      const before = moves.get(path) ?? { progress: 'leaving' as const, sinceMs: nowMs, entities: [], from: [] }
      moves.set(path, { ...before, ...union(before, { entities: [entity], from: [one.file.path] }) })
      if (![...pushed, ...further].some(other => other.path === path))
        further.push(yield* asLastTold(keyOf({ ...branch, path }), entity))
    }
  for (const [path, move] of moves)
    if (changed.some(({ file, left }) => left.length > 0 && move.from.includes(file.path)))
      moves.set(path, { ...move, goneMs: nowMs })
  const lost = new Set(changed.filter(({ left }) => left.length > 0).map(({ file }) => file.path))
  return { files: [...pushed, ...further], moves, goes: goesFrom(moves), lost }
}

/** What has just left a file of another repository. */
function* fromOther(branch: Branch, came: readonly string[], nowMs: number): Work<Move | undefined> {
  const entities: string[] = []
  let old: Key | undefined
  for (const entity of came) {
    const found = yield* leftOther(branch, entity, nowMs)
    old ??= found
    if (found && found.repository === old?.repository && found.path === old.path) entities.push(entity)
  }
  if (old === undefined) return undefined
  const ref = old.ref === branch.ref ? {} : { ref: old.ref }
  return { progress: 'leaving', sinceMs: nowMs, entities, from: [old.path], repository: old.repository, ...ref }
}

/** The repository has another name now: the catalog has it all under the former one. */
function fromFormer(file: File, nowMs: number): Move | undefined {
  if (file.formerly === undefined || file.change === 'removed') return undefined
  const entities = entitiesOf(file)
  const former = {
    repository: file.formerly,
    isRenamed: true,
    ...(entities.length === 0 ? { isGuess: true } : {}),
  } as const
  return { progress: 'leaving', sinceMs: nowMs, entities, from: [file.path], ...former }
}

function goesFrom(moves: ReadonlyMap<string, Move>): Map<string, string[]> {
  const goes = new Map<string, string[]>()
  for (const { from, entities, repository } of moves.values())
    for (const path of repository === undefined ? from : []) goes.set(path, [...(goes.get(path) ?? []), ...entities])
  return goes
}

/** Other files that hold already what has left this one. */
function* heldElsewhere(
  branch: Branch,
  { file, left, isUntold }: Changed,
  nowMs: number,
): Work<{ entity: string; path: string }[]> {
  const found: { entity: string; path: string }[] = []
  for (const entity of left) for (const path of yield* holdersOf(branch, entity)) found.push({ entity, path })
  // Nobody has told what was in it: it may be what has come into others.
  if (isUntold) found.push(...(yield* cameLately(branch, nowMs)))
  return found.filter(({ path }) => path !== file.path)
}

/** What comes into this file from another one. */
function* arrivals(
  branch: Branch,
  { file, came, isUntold }: Changed,
  changed: readonly Changed[],
  nowMs: number,
): Work<Move | undefined> {
  if (file.change === 'removed') return undefined
  const elsewhere = (paths: string[]) => paths.filter(path => path !== file.path)
  const told = entitiesOf(file)
  const from = new Set<string>()
  const entities: string[] = []
  for (const entity of told) {
    const paths = elsewhere(yield* leftLately(branch, entity, nowMs))
    if (paths.length > 0) entities.push(entity)
    for (const path of paths) from.add(path)
  }
  const other = entities.length === 0 ? yield* fromOther(branch, file.follows ? told : came, nowMs) : undefined
  if (other) return other
  // It may be what has left a file of which nobody has told what was in it, also by way of another one.
  const untold = isUntold || came.length === 0 ? [] : elsewhere(yield* somethingLeftLately(branch, nowMs))
  if (untold.length > 0) entities.push(...came.filter(entity => !entities.includes(entity)))
  for (const path of untold) from.add(path)
  // Nobody has told what is in the new file: it may be what has left the others.
  if (told.length === 0 && file.change === 'added')
    for (const { file: old, left } of changed) {
      entities.push(...left)
      if (left.length > 0) from.add(old.path)
    }
  if (entities.length === 0) return undefined
  return {
    progress: 'leaving',
    sinceMs: nowMs,
    entities,
    from: [...from],
    ...(told.length === 0 ? { isGuess: true } : {}),
  }
}

const union = (a: Pick<Move, 'entities' | 'from'>, b: Pick<Move, 'entities' | 'from'>) => ({
  entities: [...new Set([...a.entities, ...b.entities])],
  from: [...new Set([...a.from, ...b.from])],
})

/** A file that this push did not touch, as an earlier one has told of it. */
function* asLastTold(key: Key, entity: string): Work<File> {
  const row =
    (yield* get(
      `SELECT f.change, f.blob, f.entities FROM job j JOIN file f ON f.push = j.push AND f.path = j.path
       WHERE j.repository = :repository AND j.ref = :ref AND j.path = :path`,
      key,
    )) ?? (yield* get(`SELECT blob, entities FROM known_file WHERE ${BY_KEY}`, key))
  return {
    kind: 'refresh',
    path: key.path,
    change: row?.['change'] === 'added' ? 'added' : 'modified',
    entities: row ? (JSON.parse(String(row['entities'])) as string[]) : [entity],
    ...(typeof row?.['blob'] === 'string' ? { blob: row['blob'] } : {}),
  }
}

/** As it stands in a file's row. */
export const writeMove = (move: Move | undefined, goes?: readonly string[], hasLost = false): string | null =>
  move ? JSON.stringify({ move }) : goes || hasLost ? JSON.stringify({ goes, ...(hasLost ? { hasLost } : {}) }) : null
export const readMove = (data: unknown): Move | undefined => readData(data).move
export const readData = (data: unknown): { move?: Move; goes?: string[]; hasLost?: true } =>
  typeof data === 'string' ? (JSON.parse(data) as { move?: Move; goes?: string[]; hasLost?: true }) : {} // our own writing

const MOVING_SHOWN = 50

/** What waits to come into files of this branch. */
export function* readMoving(branch: Branch): Work<Moving[]> {
  const rows = yield* all(
    `SELECT j.path, f.data FROM job j JOIN file f ON f.push = j.push AND f.path = j.path
     WHERE j.repository = :repository AND j.ref = :ref AND j.state = 'waiting' AND f.data LIKE '%"leaving"%' LIMIT ${MOVING_SHOWN}`,
    { repository: branch.repository, ref: branch.ref },
  )
  return rows.flatMap(({ path, data }) => {
    const move = readMove(data)
    return move ? [{ path: String(path), ...whatMoves(move) }] : []
  })
}

/** A later push of the file takes over how far its move has come. */
export function* inheritMove(key: Key, from: number, push: number): Work<void> {
  const before = readMove((yield* rowOf(from, key.path))?.['data'])
  if (!before) return
  const row = yield* rowOf(push, key.path)
  if (row?.['change'] === 'removed') return
  const now = readMove(row?.['data'])
  if (isNewer(now, before)) return
  yield* saveMove(push, key.path, now ? { ...before, ...union(before, now) } : before)
}

/** Something more has come into the file of this push, which waits or is under way. */
export function* joinMove(key: Key, push: number, move: Move): Work<void> {
  const row = yield* rowOf(push, key.path)
  if (!row || row['change'] === 'removed') return
  const before = readMove(row['data'])
  yield* saveMove(push, key.path, before ? { ...move, ...union(before, move) } : move)
}

/** What has come into the file since it was claimed: it has to be asked for once more. */
export function* movedSince(key: Key, push: number, claimed: Move | undefined): Work<boolean> {
  return isNewer(readMove((yield* rowOf(push, key.path))?.['data']), claimed)
}

/** What has left yet another file since then, or only then the same, begins at the beginning. */
const isNewer = (now: Move | undefined, before: Move | undefined): boolean =>
  now !== undefined &&
  (now.from.some(path => !before?.from.includes(path)) || (now.goneMs !== undefined && now.goneMs !== before?.goneMs))

export function* saveMove(push: number, path: string, move: Move | undefined): Work<void> {
  yield* run('UPDATE file SET data = :data WHERE push = :push AND path = :path', { push, path, data: writeMove(move) })
}

function* rowOf(push: number, path: string) {
  return yield* get('SELECT change, data FROM file WHERE push = :push AND path = :path', { push, path })
}

/** How long a file waits at most for the old one: two that wait for each other must not do so for ever. */
const LONGEST_WAIT_MS = 5000
const ASKED_AGAIN_MS = 200

export type MoveNow = { move: Move } | { notBeforeMs: number }

/** How things stand for a file that is next. */
export function* moveNow(key: Key, move: Move, nowMs: number): Work<MoveNow> {
  if (move.progress !== 'leaving') return { move }
  const branch = { ref: move.ref ?? key.ref, repository: move.repository ?? key.repository }
  for (const path of move.from) {
    const old = yield* get(
      `SELECT j.due_at, f.change, f.data FROM job j JOIN file f ON f.push = j.push AND f.path = j.path
       WHERE j.repository = :repository AND j.ref = :ref AND j.path = :path AND j.state = 'waiting'`,
      { ...branch, path },
    )
    // Two files that change places would wait for each other.
    const isMutual = readMove(old?.['data'])?.from.includes(key.path) === true
    const mayWait = old?.['change'] === 'removed' || (!isMutual && nowMs - move.sinceMs < LONGEST_WAIT_MS)
    if (old && mayWait) return { notBeforeMs: Math.max(nowMs + ASKED_AGAIN_MS, Number(old['due_at'])) }
  }
  const leftAtMs = yield* heldSince(branch, move.entities, move.from)
  return { move: leftAtMs === undefined ? { ...whatMoves(move), progress: 'free' } : { ...move, leftAtMs } }
}

/** The new file has been asked for, after the old one: they have moved. */
export function* endMove({ repository, ref }: Branch, { entities, ...move }: Move): Work<void> {
  yield* forgetLeft({ ref: move.ref ?? ref, repository: move.repository ?? repository }, entities)
}
