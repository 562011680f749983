// What becomes of a repository's work when the repository itself changes: another name, or no pushes any more.
import { supersede, takeBack } from './sqlite-jobs.ts'
import type { Statements } from './sqlite-statements.ts'
import { addStep } from './sqlite-steps.ts'

export function renameRepository(sql: Statements, names: { from: string; to: string }, nowMs: number): number {
  if (names.from === names.to) return 0
  const { from } = names
  // What is in flight under the old name would come back under a key that is gone.
  takeBack(sql, { repository: from }, nowMs)
  const jobs = mergeJobs(sql, names, nowMs)
  const open = sql.all(`SELECT seq FROM push WHERE repository = :from AND state IN ('waiting', 'landed', 'dead')`, {
    from,
  })
  for (const { seq } of open) addStep(sql, Number(seq), nowMs, 'renamed', `${from} is ${names.to} now`)
  sql.run('UPDATE push SET repository = :to, lease = NULL, lease_until = NULL WHERE repository = :from', names)
  sql.run('UPDATE file SET repository = :to WHERE repository = :from', names)
  sql.run('UPDATE OR REPLACE known_file SET repository = :to WHERE repository = :from', names)
  sql.run('UPDATE OR REPLACE quote SET repository = :to WHERE repository = :from', names)
  return open.length + jobs
}

/** Where the new name has a job of the same file already, the later push has it. */
function mergeJobs(sql: Statements, { from, to }: { from: string; to: string }, nowMs: number): number {
  const jobs = sql.all('SELECT ref, path, push, turn FROM job WHERE repository = :from', { from })
  for (const job of jobs) {
    const key = { ref: String(job['ref']), path: String(job['path']) }
    const other = sql.get('SELECT push, turn FROM job WHERE repository = :to AND ref = :ref AND path = :path', {
      to,
      ...key,
    })
    if (other) {
      const isLater = Number(job['turn']) > Number(other['turn'])
      const [gone, kept] = isLater ? [other, job] : [job, other]
      supersede(sql, Number(gone['push']), { repository: from, ...key }, Number(kept['push']), nowMs)
      sql.run('DELETE FROM job WHERE repository = :repository AND ref = :ref AND path = :path', {
        repository: isLater ? to : from,
        ...key,
      })
      if (!isLater) continue
    }
    sql.run('UPDATE job SET repository = :to WHERE repository = :from AND ref = :ref AND path = :path', {
      from,
      to,
      ...key,
    })
  }
  return jobs.length
}

export function forgetFiles(sql: Statements, repository: string): void {
  sql.run('DELETE FROM known_file WHERE repository = :repository', { repository })
  sql.run('DELETE FROM quote WHERE repository = :repository', { repository })
}
