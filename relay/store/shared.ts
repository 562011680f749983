// What replicas would share, kept so that a restart remembers it: circuit breakers and notes.
import { get, run, type Work } from './sql.ts'
import type { OpenCircuit } from './store.ts'

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
