// The tables of the embedded store, and the file's version.
import type { DatabaseSync } from 'node:sqlite'
import { StoreRefused } from '../store.ts'
import { sharedOfSqlite } from '../work/shared-schema.ts'

/** One entry a version; the index + 1 is the version that it leads to. A new one is appended in shared-schema.ts; none that was released is changed. */
export const SQLITE_MIGRATIONS: readonly string[] = [
  `
  -- One row a message, and so the inbox too: its unique id is what makes a repeated message known.
  CREATE TABLE push (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    turn INTEGER NOT NULL,               -- grows with every announcement: the later push of a file has the higher one
    repository TEXT NOT NULL,
    ref TEXT NOT NULL,
    before_id TEXT NOT NULL,
    after_id TEXT NOT NULL,
    default_branch INTEGER NOT NULL,
    pusher TEXT,
    bypass TEXT,
    files TEXT NOT NULL,                 -- JSON, as announced; rows in "file" only once it has landed
    state TEXT NOT NULL,
    reason TEXT,
    received_at INTEGER NOT NULL,
    settled_at INTEGER,                  -- null while something is still to be done
    due_at INTEGER NOT NULL,             -- next landing check
    checks INTEGER NOT NULL DEFAULT 0,
    missing_ms INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    lease TEXT,
    lease_until INTEGER,
    file_count INTEGER NOT NULL,
    open_files INTEGER NOT NULL DEFAULT 0,
    superseded_files INTEGER NOT NULL DEFAULT 0,
    dead_files INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX push_due ON push (due_at) WHERE state = 'waiting' AND lease IS NULL;
  CREATE INDEX push_waiting ON push (repository, ref, turn) WHERE state = 'waiting';
  CREATE INDEX push_lease ON push (lease) WHERE lease IS NOT NULL;
  CREATE INDEX push_repository ON push (repository, seq);
  CREATE INDEX push_state ON push (state, seq);
  CREATE INDEX push_settled ON push (settled_at) WHERE settled_at IS NOT NULL;

  CREATE TABLE file (
    push INTEGER NOT NULL,
    path TEXT NOT NULL,
    repository TEXT NOT NULL,
    ref TEXT NOT NULL,
    turn INTEGER NOT NULL,
    change TEXT NOT NULL,
    entities TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    last_error TEXT,
    PRIMARY KEY (push, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX file_superseded ON file (repository, ref, path, turn) WHERE state = 'superseded';

  -- One row a key. "push" is the latest one; "running_push" is the one whose refresh is in flight.
  CREATE TABLE job (
    repository TEXT NOT NULL,
    ref TEXT NOT NULL,
    path TEXT NOT NULL,
    push INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    state TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER,
    lease TEXT,
    lease_until INTEGER,
    running_push INTEGER,
    PRIMARY KEY (repository, ref, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX job_due ON job (due_at) WHERE state = 'waiting' AND lease IS NULL;
  CREATE INDEX job_lease ON job (lease) WHERE lease IS NOT NULL;
  CREATE INDEX job_push ON job (push);

  CREATE TABLE step (
    push INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    step TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (push, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL) STRICT;
  `,
  `
  -- Webhook deliveries that were taken: GitHub signs no time, so this is what stops a replay.
  CREATE TABLE delivery (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX delivery_at ON delivery (at);
  `,
  `
  ALTER TABLE file ADD COLUMN blob TEXT;
  ALTER TABLE file ADD COLUMN quotes TEXT NOT NULL DEFAULT '[]'; -- JSON: the paths that the file's placeholders name
  CREATE INDEX push_bypassed ON push (seq) WHERE bypass IS NOT NULL;

  -- A catalog file as it was last forwarded.
  CREATE TABLE known_file (
    repository TEXT NOT NULL,
    ref TEXT NOT NULL,
    path TEXT NOT NULL,
    blob TEXT,
    entities TEXT NOT NULL,
    PRIMARY KEY (repository, ref, path)
  ) STRICT, WITHOUT ROWID;
  -- What it quotes, found from the quoted path.
  CREATE TABLE quote (
    repository TEXT NOT NULL,
    ref TEXT NOT NULL,
    target TEXT NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (repository, ref, target, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX quote_path ON quote (repository, ref, path);

  CREATE TABLE circuit (
    target TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    open_until INTEGER NOT NULL,
    probe_until INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE note (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE job ADD COLUMN place INTEGER NOT NULL DEFAULT 0; -- in the line of jobs, as a time
  ALTER TABLE job ADD COLUMN ready INTEGER NOT NULL DEFAULT 1; -- 0: put off until due_at, and in no line until then
  UPDATE job SET place = due_at, ready = CASE WHEN attempts > 0 THEN 0 ELSE 1 END;
  DROP INDEX job_due;
  CREATE INDEX job_ready ON job (place) WHERE state = 'waiting' AND lease IS NULL AND ready = 1;
  CREATE INDEX job_later ON job (due_at) WHERE state = 'waiting' AND lease IS NULL AND ready = 0;
  CREATE INDEX job_repository ON job (repository, place);

  -- A refresh that has covered more pushes than its transaction could settle: the rest follows in slices.
  CREATE TABLE cover (
    id INTEGER PRIMARY KEY,
    repository TEXT NOT NULL,
    ref TEXT NOT NULL,
    path TEXT NOT NULL,
    turn INTEGER NOT NULL,
    push_id TEXT NOT NULL
  ) STRICT;
  `,
  ...sharedOfSqlite,
]

const SCHEMA_VERSION = SQLITE_MIGRATIONS.length

/** Brings the file to our version; refuses one that a newer relay has written, since its rows may mean what we do not know. */
export function migrate(db: DatabaseSync, path: string): void {
  const found = Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
  if (found > SCHEMA_VERSION) {
    throw new StoreRefused(
      `store: ${path} has schema version ${found}, made by a newer catalog-gate; this one knows version ${SCHEMA_VERSION}. ` +
        'Start the newer relay again, or restore the copy of the file from before the upgrade.',
    )
  }
  for (let version = found; version < SCHEMA_VERSION; version++) {
    db.exec(`BEGIN IMMEDIATE; ${SQLITE_MIGRATIONS[version]}; PRAGMA user_version = ${version + 1}; COMMIT`)
  }
}
