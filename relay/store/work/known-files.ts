// What is known of catalog files: as they were last forwarded, and their references (the table "quote").
import { globTest } from '../../runtime/globs.ts'
import { TEST_PATH } from '../ports/jobs.ts'
import type { KnownFile } from '../ports/known-files.ts'
import { BY_KEY, type Key } from './key.ts'
import { all, get, type Row, run, type Work } from './sql.ts'

/** The file of this push was forwarded: from now on it is known so, or no longer. */
export function* learnFile(push: number, key: Key, via: string | undefined): Work<void> {
  const file = yield* get('SELECT change, blob, entities, quotes FROM file WHERE push = :push AND path = :path', {
    push,
    path: key.path,
  })
  if (!file || key.path === TEST_PATH) return
  const references = JSON.parse(String(file['quotes'])) as string[]
  const removed = file['change'] === 'removed'
  if (removed) {
    yield* run(`DELETE FROM quote WHERE ${BY_KEY}`, key)
    yield* run(`DELETE FROM known_file WHERE ${BY_KEY}`, key)
    return
  }
  yield* run(
    `INSERT INTO known_file (repository, ref, path, blob, entities, via) VALUES (:repository, :ref, :path, :blob, :entities, :via)
     ON CONFLICT (repository, ref, path) DO UPDATE SET blob = :blob, entities = :entities, via = :via`,
    { ...key, blob: file['blob'] ?? null, entities: file['entities'] ?? '[]', via: via ?? null },
  )
  yield* learnReferences(key, references)
}

/** What the file quotes, and what its Locations name, counts as soon as it has landed: files that land with it may be reached only through it. */
export function* learnReferences(key: Key, references: readonly string[]): Work<void> {
  // GHES's webhook names paths only: what the hook has told stays, until it tells otherwise. One refresh too many at worst.
  if (references.length === 0) return
  yield* run(`DELETE FROM quote WHERE ${BY_KEY}`, key)
  for (const target of references) {
    yield* run(
      `INSERT INTO quote (repository, ref, target, path) VALUES (:repository, :ref, :target, :path) ON CONFLICT DO NOTHING`,
      { ...key, target },
    )
  }
}

export function* readKnownFiles(repository: string): Work<KnownFile[]> {
  const rows = yield* all(
    'SELECT ref, path, blob, entities, via FROM known_file WHERE repository = :repository ORDER BY ref, path',
    { repository },
  )
  return rows.map(row => ({
    ref: String(row['ref']),
    path: String(row['path']),
    ...(typeof row['blob'] === 'string' ? { blob: row['blob'] } : {}),
    entities: JSON.parse(String(row['entities'])) as string[],
    ...(typeof row['via'] === 'string' ? { via: row['via'] } : {}),
  }))
}

/** One look-up a path: a push names a few, and no list of any length goes into a statement. Patterns are few, and tried one by one. */
export function* readFilesReferencing({
  repository,
  ref,
  paths,
}: {
  repository: string
  ref: string
  paths: readonly string[]
}): Work<string[]> {
  const found: Row[] = []
  for (const target of paths) {
    const rows = yield* all(
      'SELECT path FROM quote WHERE repository = :repository AND ref = :ref AND target = :target',
      { repository, ref, target },
    )
    found.push(...rows)
  }
  const patterns = yield* all(
    `SELECT target, path FROM quote WHERE repository = :repository AND ref = :ref
       AND (target LIKE '%*%' OR target LIKE '%?%' OR target LIKE '%[%' OR target LIKE '%{%')`,
    { repository, ref },
  )
  // Backstage's wildcards stand for no name that begins with a dot.
  found.push(...patterns.filter(({ target }) => paths.some(globTest(String(target), { dot: false }))))
  return [...new Set(found.map(row => String(row['path'])))].sort()
}
