// Lists of pushes for people: by index where what is wanted has one, else by looking through all of them, a slice at a time.
import type { PushFilter, PushSearch, PushSummary } from '../ports/records.ts'
import { BY_MESSAGE } from './parts.ts'
import { SUMMARY, summaryOf } from './records.ts'
import { all, get, type Values, type Work } from './sql.ts'

/** Rows of a slice: some 10 ms, and others have their turn between two. */
const SLICE = 5000

type Condition = { text: string; values: Values }

/** `below`: only pushes with a lower number. */
export function* listPushes(filter: Omit<PushFilter, 'search'>): Work<PushSummary[]> {
  return yield* selected(filter, yield* beforeOf(filter))
}

/** One slice of a search; `next` is where to go on. */
export function* searchPushes(
  filter: PushFilter & { search: PushSearch },
  below: number | undefined,
): Work<{ pushes: PushSummary[]; next: number | undefined }> {
  const { first, last } =
    (yield* get('SELECT (SELECT min(seq) FROM push) AS first, (SELECT max(seq) FROM push) AS last')) ?? {}
  const [before] = below === undefined ? yield* beforeOf(filter) : []
  const end = below ?? (before ? Number(before.values['before']) : Number(last) + 1)
  const slice = { text: 'seq < :end AND seq >= :start', values: { end, start: end - SLICE } }
  const pushes = yield* selected(filter, [slice, searchCondition(filter.search)])
  return { pushes, next: end - SLICE > Number(first) ? end - SLICE : undefined }
}

/** One text for each combination, so that each has its index: push_repository, push_state, push_bypassed, the primary key. */
function* selected({ limit, ...filter }: PushFilter, more: readonly Condition[]): Work<PushSummary[]> {
  const conditions = [...conditionsOf(filter), ...more]
  const values: Values = Object.assign({ limit }, ...conditions.map(condition => condition.values))
  const latest = (columns: string, state?: string) => {
    const where = [...(state === undefined ? [] : [`state = '${state}'`]), ...conditions.map(({ text }) => text)]
    return `SELECT ${columns} FROM push ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY seq DESC LIMIT :limit`
  }
  // The latest of each state: all of them together would have to be sorted.
  const ofEach = PROBLEMS.map(state => `SELECT seq FROM (${latest('seq', state)}) AS ${state}_ones`)
  const text =
    filter.state === 'problem'
      ? `SELECT ${SUMMARY} FROM push WHERE seq IN (${ofEach.join(' UNION ALL ')}) ORDER BY seq DESC LIMIT :limit`
      : latest(SUMMARY)
  return (yield* all(text, values)).map(summaryOf)
}

const PROBLEMS = ['dead', 'unknown', 'rejected']

function conditionsOf({ repository, state, bypassed, refused }: Omit<PushFilter, 'limit'>): Condition[] {
  return [
    ...(repository === undefined ? [] : [{ text: 'repository = :repository', values: { repository } }]),
    ...(state === undefined || state === 'problem' ? [] : [{ text: 'state = :state', values: { state } }]),
    ...(refused ? [{ text: `verdict_result <> 'accepted'`, values: {} }] : []),
    ...(bypassed ? [{ text: 'bypass IS NOT NULL', values: {} }] : []),
  ]
}

function* beforeOf({ before: id }: PushFilter): Work<Condition[]> {
  if (id === undefined) return []
  const row = yield* get(`SELECT seq FROM push WHERE ${BY_MESSAGE}`, { id })
  return [{ text: 'seq < :before', values: { before: Number(row?.['seq'] ?? 0) } }]
}

function searchCondition({ name, commit, id, every }: PushSearch): Condition {
  const parts = [
    ...(name === undefined ? [] : [{ text: `lower(repository) LIKE :name ESCAPE '!'`, values: { name: like(name) } }]),
    ...(commit === undefined ? [] : [{ text: 'after_id LIKE :commit', values: { commit: `${commit}%` } }]),
    ...(id === undefined ? [] : [{ text: `id LIKE :id ESCAPE '!'`, values: { id: like(`${id}*`) } }]),
  ]
  return {
    text: `(${parts.map(({ text }) => text).join(every ? ' AND ' : ' OR ')})`,
    values: Object.assign({}, ...parts.map(({ values }) => values)),
  }
}

/** `*` stands for anything. */
const like = (pattern: string) => pattern.replaceAll(/[!%_]/g, '!$&').replaceAll('*', '%')
