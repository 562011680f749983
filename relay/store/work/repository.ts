// What becomes of a repository's work when the repository itself changes: another name, or no pushes any more.
import { supersede } from './file-states.ts'
import { addStep } from './history.ts'
import { BY_KEY, rowKey } from './key.ts'
import { rejectWaiting } from './landings.ts'
import { takeBack } from './leases.ts'
import { closeLocations, moveLocations } from './locations.ts'
import { all, get, type Row, run, type Work } from './sql.ts'

export function* renameRepository(names: { from: string; to: string }, nowMs: number): Work<number> {
  if (names.from === names.to) return 0
  const { from } = names
  // What is in flight under the old name would come back under a key that is gone.
  yield* takeBack({ repository: from }, nowMs)
  const jobs = yield* mergeJobs(names, nowMs)
  const open = yield* all(`SELECT seq FROM push WHERE repository = :from AND state IN ('waiting', 'landed', 'dead')`, {
    from,
  })
  for (const { seq } of open) yield* addStep(Number(seq), nowMs, 'renamed', `${from} is ${names.to} now`)
  yield* run('UPDATE file SET repository = :to WHERE push IN (SELECT seq FROM push WHERE repository = :from)', names)
  yield* run('UPDATE push SET repository = :to, lease = NULL, lease_until = NULL WHERE repository = :from', names)
  yield* run('UPDATE cover SET repository = :to WHERE repository = :from', names)
  // What both names have, the one that is renamed knows later.
  yield* run(
    `DELETE FROM known_file WHERE repository = :to
       AND (ref, path) IN (SELECT ref, path FROM known_file WHERE repository = :from)`,
    names,
  )
  yield* run('UPDATE known_file SET repository = :to WHERE repository = :from', names)
  yield* run(
    `DELETE FROM quote WHERE repository = :to
       AND (ref, target, path) IN (SELECT ref, target, path FROM quote WHERE repository = :from)`,
    names,
  )
  yield* run('UPDATE quote SET repository = :to WHERE repository = :from', names)
  yield* moveLocations(names)
  yield* forgetEarlierHolders(names)
  yield* run('UPDATE holder SET repository = :to WHERE repository = :from', names)
  return open.length + jobs
}

/** Of a file that both names know of, what was told last counts: pushes may come under the new name before we hear of it. */
function* forgetEarlierHolders(names: { from: string; to: string }): Work<void> {
  const files = yield* all(
    `SELECT repository, ref, path, MAX(COALESCE(left_at, came_at, 0)) AS latest FROM holder
       WHERE repository IN (:from, :to) GROUP BY repository, ref, path`,
    names,
  )
  const nameOf = ({ ref, path }: Row) => JSON.stringify([ref, path])
  const old = new Map(files.filter(({ repository }) => repository === names.from).map(row => [nameOf(row), row]))
  for (const file of files) {
    const other = file['repository'] === names.to ? old.get(nameOf(file)) : undefined
    if (other === undefined) continue
    const earlier = Number(other['latest']) > Number(file['latest']) ? file : other
    yield* run(`DELETE FROM holder WHERE ${BY_KEY}`, rowKey(earlier))
  }
}

/** Where the new name has a job of the same file already, the later push has it. */
function* mergeJobs({ from, to }: { from: string; to: string }, nowMs: number): Work<number> {
  const jobs = yield* all('SELECT ref, path, push, turn FROM job WHERE repository = :from', { from })
  for (const job of jobs) {
    const key = { ref: String(job['ref']), path: String(job['path']) }
    const other = yield* get('SELECT push, turn FROM job WHERE repository = :to AND ref = :ref AND path = :path', {
      to,
      ...key,
    })
    if (other) {
      const isLater = Number(job['turn']) > Number(other['turn'])
      const [gone, kept] = isLater ? [other, job] : [job, other]
      yield* supersede(Number(gone['push']), { repository: from, ...key }, Number(kept['push']), nowMs)
      yield* run('DELETE FROM job WHERE repository = :repository AND ref = :ref AND path = :path', {
        repository: isLater ? to : from,
        ...key,
      })
      if (!isLater) continue
    }
    yield* run('UPDATE job SET repository = :to WHERE repository = :from AND ref = :ref AND path = :path', {
      from,
      to,
      ...key,
    })
  }
  return jobs.length
}

/** Takes no pushes any more: what waits is rejected, what was known is forgotten. Returns how many waited. */
export function* closeRepository(repository: string, reason: string, nowMs: number): Work<number> {
  yield* run('DELETE FROM known_file WHERE repository = :repository', { repository })
  yield* run('DELETE FROM quote WHERE repository = :repository', { repository })
  yield* run('DELETE FROM holder WHERE repository = :repository', { repository })
  yield* closeLocations(repository)
  return yield* rejectWaiting(repository, reason, nowMs)
}
