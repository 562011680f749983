// What replicas would share, kept so that a restart remembers it: circuit breakers and notes.
import type { Statements } from './sqlite-statements.ts'
import type { OpenCircuit } from './store.ts'

export function readCircuit(sql: Statements, target: string): OpenCircuit | undefined {
  const row = sql.get('SELECT reason, open_until FROM circuit WHERE target = :target', { target })
  return row && { reason: String(row['reason']), untilMs: Number(row['open_until']) }
}

export function openCircuit(sql: Statements, target: string, { reason, untilMs }: OpenCircuit): void {
  sql.run(
    `INSERT INTO circuit (target, reason, open_until) VALUES (:target, :reason, :until)
     ON CONFLICT (target) DO UPDATE SET reason = :reason, open_until = :until, probe_until = 0`,
    { target, reason, until: untilMs },
  )
}

export function closeCircuit(sql: Statements, target: string): void {
  sql.run('DELETE FROM circuit WHERE target = :target', { target })
}

/** A circuit that is closed needs no probe, and whoever asks may go on. */
export function claimProbe(sql: Statements, target: string, untilMs: number, nowMs: number): boolean {
  if (readCircuit(sql, target) === undefined) return true
  return (
    sql.run('UPDATE circuit SET probe_until = :until WHERE target = :target AND probe_until <= :now', {
      target,
      until: untilMs,
      now: nowMs,
    }) > 0
  )
}

export function readNote(sql: Statements, name: string): string | undefined {
  const text = sql.get('SELECT text FROM note WHERE name = :name', { name })?.['text']
  return text === undefined ? undefined : String(text)
}

export function writeNote(sql: Statements, name: string, text: string): void {
  sql.run('INSERT INTO note (name, text) VALUES (:name, :text) ON CONFLICT (name) DO UPDATE SET text = :text', {
    name,
    text,
  })
}
