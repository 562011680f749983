// Pushes of a branch that wait together are settled together: of those that land, all but the latest of a file are overtaken before anything was asked for them. Most of a backlog.

import { TEST_PATH } from '../ports/jobs.ts'
import type { LandingTask, LandingVerdict } from '../ports/landings.ts'
import { type AnnouncedJob, readAnnounced } from './announced.ts'
import { contentOf, type KnownOfPush, LANDED_COLUMNS, type LandedRow, landedRow, movedBy, unmoved } from './enqueue.ts'
import { land, supersededBy } from './file-states.ts'
import { addNextSteps, hasRoom } from './history.ts'
import { learnReferences } from './known-files.ts'
import { settle } from './landings.ts'
import type { Moved } from './moves.ts'
import { all, insertRows, type Row, type Work } from './sql.ts'
import { giveReadings, type Readings } from './verdicts.ts'

type Asked = { jobs: readonly AnnouncedJob[]; files: Moved['files'] }

/** A landed push of whose files later ones have each, and that moves nothing. `steps`: so many it has. */
type PassedOver = Pick<Asked, 'files'> & {
  push: LandedRow
  steps: number
  detail: string
  by: ReadonlyMap<string, string>
  lost: ReadonlySet<string>
}

/** Applies the verdicts to the pushes that are still ours. Returns to how many. */
export function* settlePushes(
  task: LandingTask,
  verdicts: ReadonlyMap<string, LandingVerdict>,
  nowMs: number,
): Work<number> {
  const leased = yield* all(
    `SELECT id, last_error, ${LANDED_COLUMNS}, (SELECT coalesce(max(number), 0) FROM step WHERE step.push = push.seq) AS steps
     FROM push WHERE lease = :lease`,
    { lease: task.lease },
  )
  const ours = leased.toSorted((a, b) => Number(a['turn']) - Number(b['turn']))
  // Of a life before there is a step at least.
  const earlier = ours.some(row => Number(row['steps']) > 0) ? yield* earlierFiles(task.lease) : new Map()
  const landed = ours.filter(row => verdicts.get(String(row['id']))?.result === 'landed')
  const asked = new Map(landed.length < 2 ? [] : landed.map(row => [Number(row['seq']), askedBy(row)]))
  const overtaken = overtakenFiles(landed, asked, earlier)
  const readings: Readings = new Map()
  let passed: PassedOver[] = []
  /** What the push before has said, which moved nothing: said again at once it moves nothing either. */
  let quiet: string | undefined
  for (const row of ours) {
    const verdict = verdicts.get(String(row['id']))
    if (!verdict) continue
    const seq = Number(row['seq'])
    const by = overtaken.get(seq) ?? new Map<string, string>()
    const known: KnownOfPush = { overtaken: by, earlier: earlier.get(seq) ?? new Map(), readings }
    const of = asked.get(seq)
    if (verdict.result === 'landed' && of && row['parts'] === null) {
      const { files, jobs } = of
      const push = { repository: task.repository, ref: task.ref, ...landedRow(row) }
      const said = sayingOf(push, files)
      known.moved = said === quiet ? unmoved(files) : yield* movedBy(push, files, nowMs)
      const { moves, lost } = known.moved
      quiet = moves.size === 0 && lost.size === 0 ? said : undefined
      const isPassedOver =
        moves.size === 0 && !earlier.has(seq) && jobs.length > 0 && jobs.every(({ path }) => by.has(path))
      const steps = Number(row['steps'])
      if (isPassedOver && hasRoom(steps, 1 + files.length)) {
        passed.push({ push, files, steps, detail: verdict.detail, by, lost })
        continue
      }
    }
    yield* landPassedOver(passed, readings, nowMs)
    passed = []
    yield* settle(task, row, verdict, nowMs, known)
    quiet = undefined
  }
  yield* landPassedOver(passed, readings, nowMs)
  return ours.length
}

function* landPassedOver(passed: readonly PassedOver[], readings: Readings, nowMs: number): Work<void> {
  yield* insertRows(
    'file',
    passed.flatMap(one => fileRows(one, nowMs)),
  )
  yield* addNextSteps(passed.map(historyOf), nowMs)
  for (const alike of Map.groupBy(passed, wayOf).values()) {
    const [{ files, by }] = alike as [PassedOver]
    const reason = reasonOf(by.get(files.at(-1)?.path ?? ''))
    const pushes = alike.map(({ push }) => push.seq)
    yield* land(pushes, { open: files.length, dead: 0, unknown: 0, superseded: files.length, reason }, nowMs)
  }
  for (const { push, files } of passed)
    for (const { path, references = [] } of files) {
      const key = { repository: push.repository, ref: push.ref, path }
      if (path !== TEST_PATH) yield* learnReferences(key, references)
      yield* giveReadings(push.seq, key, nowMs, readings)
    }
}

/** What landing does to its row. */
const wayOf = ({ files, by }: PassedOver) => `${files.length} ${by.get(files.at(-1)?.path ?? '')}`

const reasonOf = (by: string | undefined) => `superseded by ${by}`

const fileRows = ({ push, files, by, lost }: PassedOver, nowMs: number) =>
  files.map(file => ({
    push: push.seq,
    path: file.path,
    repository: push.repository,
    ref: push.ref,
    turn: push.arrival,
    ...contentOf(file, { move: undefined, goes: undefined, hasLost: lost.has(file.path) }),
    state: 'superseded',
    outcome: reasonOf(by.get(file.path)),
    landed_at: nowMs,
  }))

const historyOf = ({ push, files, steps, detail, by }: PassedOver) => ({
  push: push.seq,
  after: steps,
  steps: [
    { step: 'landed', detail },
    ...files.map(({ path }) => ({ step: 'superseded', detail: supersededBy(path, String(by.get(path))) })),
  ],
})

function askedBy(row: Row): Asked {
  const jobs = readAnnounced(String(row['files']))
  return { jobs, files: jobs.filter(job => job.kind === 'refresh') }
}

/** All that counts for what it moves. */
const sayingOf = ({ isDefaultBranch }: LandedRow, files: Moved['files']) =>
  JSON.stringify([
    isDefaultBranch,
    ...files.map(({ path, change, entities, formerly, follows }) => [path, change, entities, formerly, follows]),
  ])

/** As earlier lives of these pushes have left their files. */
function* earlierFiles(lease: string): Work<Map<number, Map<string, string>>> {
  const rows = yield* all(
    'SELECT f.push, f.path, f.state FROM push p JOIN file f ON f.push = p.seq WHERE p.lease = :lease',
    { lease },
  )
  const earlier = new Map<number, Map<string, string>>()
  for (const { push, path, state } of rows) {
    const ofPush = earlier.get(Number(push)) ?? new Map<string, string>()
    earlier.set(Number(push), ofPush.set(String(path), String(state)))
  }
  return earlier
}

/**
 * Of pushes of a branch that land together: which file of which has a later one, by the id of the latest, whose refresh it will be. The one need not take the job first, and the other take it over: half of the work on a
 * backlog. A later one that has had a life before may have settled its file in it, and does not count.
 */
function overtakenFiles(
  rows: readonly Row[],
  asked: ReadonlyMap<number, Asked>,
  earlier: ReadonlyMap<number, unknown>,
): Map<number, Map<string, string>> {
  const overtaken = new Map<number, Map<string, string>>()
  const latest = new Map<string, string>()
  for (const row of rows.toReversed()) {
    const seq = Number(row['seq'])
    const files = asked.get(seq)?.files ?? []
    const later = files.flatMap(({ path }): [string, string][] => {
      const by = latest.get(path)
      return by === undefined ? [] : [[path, by]]
    })
    overtaken.set(seq, new Map(later))
    if (earlier.has(seq)) continue
    for (const { path } of files) if (!latest.has(path)) latest.set(path, String(row['id']))
  }
  return overtaken
}
