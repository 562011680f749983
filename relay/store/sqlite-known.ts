// What is known of catalog files: as they were last forwarded, and what they quote.
import type { Statements } from './sqlite-statements.ts'
import type { KnownFile } from './store.ts'

type Key = { repository: string; ref: string; path: string }

const BY_KEY = 'repository = :repository AND ref = :ref AND path = :path'

/** The file of this push was forwarded: from now on it is known so, or no longer. */
export function learnFile(sql: Statements, push: number, key: Key): void {
  const file = sql.get('SELECT change, blob, entities, quotes FROM file WHERE push = :push AND path = :path', {
    push,
    path: key.path,
  })
  if (!file) return
  const quotes = JSON.parse(String(file['quotes'])) as string[]
  const removed = file['change'] === 'removed'
  // GHES's webhook names paths only: what the hook has told stays, until it tells otherwise. One refresh too many at worst.
  if (removed || quotes.length > 0) sql.run(`DELETE FROM quote WHERE ${BY_KEY}`, key)
  if (removed) {
    sql.run(`DELETE FROM known_file WHERE ${BY_KEY}`, key)
    return
  }
  sql.run(
    `INSERT INTO known_file (repository, ref, path, blob, entities) VALUES (:repository, :ref, :path, :blob, :entities)
     ON CONFLICT (repository, ref, path) DO UPDATE SET blob = :blob, entities = :entities`,
    { ...key, blob: file['blob'] ?? null, entities: file['entities'] ?? '[]' },
  )
  for (const target of quotes) {
    sql.run(
      `INSERT INTO quote (repository, ref, target, path) VALUES (:repository, :ref, :target, :path) ON CONFLICT DO NOTHING`,
      { ...key, target },
    )
  }
}

export function readKnownFiles(sql: Statements, repository: string): KnownFile[] {
  return sql
    .all('SELECT ref, path, blob, entities FROM known_file WHERE repository = :repository ORDER BY ref, path', {
      repository,
    })
    .map(row => ({
      ref: String(row['ref']),
      path: String(row['path']),
      ...(typeof row['blob'] === 'string' ? { blob: row['blob'] } : {}),
      entities: JSON.parse(String(row['entities'])) as string[],
    }))
}

/** One look-up a path: a push names a few, and no list of any length goes into a statement. */
export function readFilesQuoting(
  sql: Statements,
  { repository, ref, paths }: { repository: string; ref: string; paths: readonly string[] },
): string[] {
  const found = paths.flatMap(target =>
    sql.all('SELECT path FROM quote WHERE repository = :repository AND ref = :ref AND target = :target', {
      repository,
      ref,
      target,
    }),
  )
  return [...new Set(found.map(row => String(row['path'])))].sort()
}
