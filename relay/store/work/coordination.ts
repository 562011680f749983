// What replicas share, and a restart remembers: circuit breakers and notes; of several replicas also the pace and who leads.
import type { OpenCircuit, TokenWish, Word } from '../ports/coordination.ts'
import { all, get, run, type Work } from './sql.ts'

export function* readCircuit(target: string): Work<OpenCircuit | undefined> {
  const row = yield* get('SELECT reason, open_until FROM circuit WHERE target = :target', { target })
  return row && { reason: String(row['reason']), untilMs: Number(row['open_until']) }
}

export function* openCircuit(target: string, { reason, untilMs }: OpenCircuit): Work<void> {
  yield* run(
    `INSERT INTO circuit (target, reason, open_until) VALUES (:target, :reason, :until)
     ON CONFLICT (target) DO UPDATE SET reason = :reason, open_until = :until, probe_until = 0`,
    { target, reason, until: untilMs },
  )
}

export function* closeCircuit(target: string): Work<void> {
  yield* run('DELETE FROM circuit WHERE target = :target', { target })
}

/** A circuit that is closed needs no probe, and whoever asks may go on. */
export function* claimProbe(target: string, untilMs: number, nowMs: number): Work<boolean> {
  if ((yield* readCircuit(target)) === undefined) return true
  return (
    (yield* run('UPDATE circuit SET probe_until = :until WHERE target = :target AND probe_until <= :now', {
      target,
      until: untilMs,
      now: nowMs,
    })) > 0
  )
}

export function* readNote(name: string): Work<string | undefined> {
  const text = (yield* get('SELECT text FROM note WHERE name = :name', { name }))?.['text']
  return text === undefined ? undefined : String(text)
}

export function* writeNote(name: string, text: string): Work<void> {
  yield* run('INSERT INTO note (name, text) VALUES (:name, :text) ON CONFLICT (name) DO UPDATE SET text = :text', {
    name,
    text,
  })
}

/** A bucket that has filled up since it was last asked; undefined: it is full. */
export function draw(
  before: { tokens: number; atMs: number } | undefined,
  nowMs: number,
  { wanted, perSecond, burst }: TokenWish,
): { granted: number; nextInMs: number; tokens: number } {
  const { tokens: had, atMs } = before ?? { tokens: burst, atMs: nowMs }
  const filled = Math.min(burst, had + (Math.max(0, nowMs - atMs) * perSecond) / 1000)
  const granted = Math.min(wanted, Math.floor(filled))
  const tokens = filled - granted
  return { granted, tokens, nextInMs: tokens >= 1 ? 0 : ((1 - tokens) * 1000) / perSecond }
}

export function* drawTokens(
  bucket: string,
  nowMs: number,
  wish: TokenWish,
): Work<{ granted: number; nextInMs: number }> {
  yield* run('INSERT INTO bucket (name, tokens, at) VALUES (:bucket, :tokens, :now) ON CONFLICT (name) DO NOTHING', {
    bucket,
    tokens: wish.burst,
    now: nowMs,
  })
  const row = yield* get('SELECT tokens, at FROM bucket WHERE name = :bucket FOR UPDATE', { bucket })
  const { tokens, ...answer } = draw({ tokens: Number(row?.['tokens']), atMs: Number(row?.['at']) }, nowMs, wish)
  yield* run('UPDATE bucket SET tokens = :tokens, at = :now WHERE name = :bucket', { bucket, tokens, now: nowMs })
  return answer
}

export function* takeLead(task: string, holder: string, untilMs: number, nowMs: number): Work<boolean> {
  const taken = yield* run(
    `INSERT INTO leader (task, holder, until) VALUES (:task, :holder, :until)
     ON CONFLICT (task) DO UPDATE SET holder = :holder, until = :until WHERE leader.holder = :holder OR leader.until <= :now`,
    { task, holder, until: untilMs, now: nowMs },
  )
  return taken > 0
}

export function* resignLead(task: string, holder: string): Work<void> {
  yield* run('DELETE FROM leader WHERE task = :task AND holder = :holder', { task, holder })
}

/** PostgreSQL's: the clocks of replicas may differ by more than what they tell each other of. */
const NOW = '(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT'

export function* exchangeWords(
  topic: string,
  { from, text }: { from: string; text: string },
  keptMs: number,
): Work<Word[]> {
  yield* run(
    `INSERT INTO word (topic, said_by, at, text) VALUES (:topic, :from, ${NOW}, :text)
     ON CONFLICT (topic, said_by) DO UPDATE SET at = ${NOW}, text = :text`,
    { topic, from, text },
  )
  const rows = yield* all(
    `SELECT said_by, text, ${NOW} - at AS age FROM word WHERE topic = :topic AND said_by <> :from`,
    { topic, from },
  )
  const words = rows.map(row => ({
    from: String(row['said_by']),
    text: String(row['text']),
    ageMs: Math.max(0, Number(row['age'])),
  }))
  if (words.some(({ ageMs }) => ageMs > keptMs))
    yield* run(`DELETE FROM word WHERE topic = :topic AND at < ${NOW} - :kept`, { topic, kept: keptMs })
  return words.filter(({ ageMs }) => ageMs <= keptMs)
}
