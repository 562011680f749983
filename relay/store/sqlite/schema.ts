// The tables of the embedded store, and the file's version.
import type { DatabaseSync } from 'node:sqlite'
import { StoreRefused } from '../store.ts'

/** One entry a version; the index + 1 is the version that it leads to. Never change an entry that was released: append. */
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
  `
  ALTER TABLE job ADD COLUMN kind TEXT NOT NULL DEFAULT 'refresh'; -- each kind has its line
  ALTER TABLE file ADD COLUMN data TEXT; -- JSON: what a job of another kind than "refresh" is about
  UPDATE job SET kind = 'compare' WHERE path LIKE '/compare/%';
  UPDATE file SET data = json_object('base', substr(path, 10, instr(path, '...') - 10), 'head', substr(path, instr(path, '...') + 3))
    WHERE path LIKE '/compare/%...%';
  DROP INDEX job_ready;
  DROP INDEX job_later;
  CREATE INDEX job_ready ON job (kind, place) WHERE state = 'waiting' AND lease IS NULL AND ready = 1;
  CREATE INDEX job_later ON job (kind, due_at) WHERE state = 'waiting' AND lease IS NULL AND ready = 0;
  `,
  `
  ALTER TABLE push ADD COLUMN reported INTEGER NOT NULL DEFAULT 0; -- 1: GHES's report of it has come, or it was made of one
  `,
  `
  ALTER TABLE push ADD COLUMN bulk INTEGER NOT NULL DEFAULT 0; -- 1: nobody waits for it
  ALTER TABLE job ADD COLUMN flow TEXT NOT NULL DEFAULT ''; -- whose work it is: the pusher, the repository where it is not known, nothing for what nobody waits for
  ALTER TABLE job ADD COLUMN is_first INTEGER NOT NULL DEFAULT 0; -- 1: its flow had nothing in the queue when it came
  UPDATE job SET flow = repository;
  DROP INDEX push_due;
  CREATE INDEX push_due ON push (bulk, due_at) WHERE state = 'waiting' AND lease IS NULL;
  DROP INDEX job_repository;
  CREATE INDEX job_flow ON job (kind, flow, place) WHERE state = 'waiting';
  CREATE INDEX job_first ON job (kind, place) WHERE state = 'waiting' AND lease IS NULL AND ready = 1 AND is_first = 1;
  DROP INDEX job_ready;
  CREATE INDEX job_ready ON job (kind, place, due_at) WHERE state = 'waiting' AND lease IS NULL AND ready = 1;
  `,
  `
  ALTER TABLE push ADD COLUMN parts INTEGER; -- of how many messages it is; null: of one
  -- The messages of such a push that have come.
  CREATE TABLE part (id TEXT PRIMARY KEY, push INTEGER NOT NULL, number INTEGER NOT NULL, UNIQUE (push, number)) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE push ADD COLUMN unknown_files INTEGER NOT NULL DEFAULT 0; -- asked for, and the catalog knew neither the file nor an entity of it
  ALTER TABLE cover ADD COLUMN state TEXT NOT NULL DEFAULT 'forwarded'; -- in which those that it covers end
  ALTER TABLE known_file ADD COLUMN via TEXT; -- the entity by which the catalog was last asked for it; null: it knew none
  `,
  `
  -- Which file of a default branch holds which entity, as pushes have landed.
  CREATE TABLE holder (
    repository TEXT NOT NULL,
    ref TEXT NOT NULL,
    entity TEXT NOT NULL,
    path TEXT NOT NULL,
    left_at INTEGER, -- null: it does; else when the entity has left it, or the catalog was told so
    is_free INTEGER NOT NULL DEFAULT 0, -- 1: nothing in the catalog holds it for this file any more
    PRIMARY KEY (repository, ref, entity, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX holder_path ON holder (repository, ref, path);
  CREATE INDEX holder_left ON holder (left_at) WHERE left_at IS NOT NULL;
  INSERT INTO holder (repository, ref, entity, path) SELECT k.repository, k.ref, lower(e.value), k.path
    FROM known_file AS k, json_each(k.entities) AS e WHERE true ON CONFLICT DO NOTHING;
  `,
  `
  ALTER TABLE holder ADD COLUMN came_at INTEGER; -- when a push brought the entity into the file
  `,
  `
  CREATE INDEX file_unknown ON file (repository, ref, path, turn) WHERE state = 'unknown';
  `,
  `
  ALTER TABLE push ADD COLUMN ready INTEGER NOT NULL DEFAULT 0; -- 1: due, and in the queue
  ALTER TABLE push ADD COLUMN flow TEXT NOT NULL DEFAULT '';
  ALTER TABLE push ADD COLUMN place INTEGER; -- null: it was in no queue yet
  ALTER TABLE push ADD COLUMN is_first INTEGER NOT NULL DEFAULT 0;
  DROP INDEX push_due;
  CREATE INDEX push_later ON push (due_at) WHERE state = 'waiting' AND lease IS NULL AND ready = 0;
  CREATE INDEX push_ready ON push (bulk, place, due_at) WHERE state = 'waiting' AND lease IS NULL AND ready = 1;
  CREATE INDEX push_first ON push (bulk, place) WHERE state = 'waiting' AND lease IS NULL AND ready = 1 AND is_first = 1;
  CREATE INDEX push_flow ON push (flow, place) WHERE state = 'waiting' AND ready = 1;
  `,
  `
  CREATE INDEX holder_entity ON holder (entity);
  `,
  `
  -- The gate's own verdict as the message has it; the catalog's; and whether GHES is to be told of it as a commit status.
  ALTER TABLE push ADD COLUMN said TEXT;
  ALTER TABLE push ADD COLUMN verdict TEXT;
  ALTER TABLE push ADD COLUMN verdict_result TEXT;
  ALTER TABLE push ADD COLUMN status_due INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE push ADD COLUMN status_told TEXT;
  CREATE INDEX push_status ON push (seq) WHERE status_due > 0;
  CREATE INDEX push_refused ON push (seq) WHERE verdict_result <> 'accepted';
  ALTER TABLE file ADD COLUMN verdict TEXT; -- JSON: what the catalog has said of its entities
  ALTER TABLE file ADD COLUMN landed_at INTEGER;
  CREATE INDEX file_place ON file ((lower(repository) || '/' || substr(ref, 12) || '/' || path), turn);
  -- What the catalog has said last of each entity of a file, at which push does not matter.
  CREATE TABLE reading (place TEXT NOT NULL, entity TEXT NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (place, entity)) STRICT, WITHOUT ROWID;
  CREATE INDEX reading_at ON reading (at);
  -- The catalog files of the default branches; "change" is in which order that became so.
  CREATE TABLE location (
    repository TEXT NOT NULL,
    ref TEXT NOT NULL,
    path TEXT NOT NULL,
    is_there INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    change INTEGER NOT NULL,
    PRIMARY KEY (repository, ref, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX location_change ON location (change);
  CREATE TABLE location_list (id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, change INTEGER NOT NULL) STRICT;
  INSERT INTO location (repository, ref, path, is_there, turn, change)
    SELECT k.repository, k.ref, k.path, 1, 0, 1 FROM known_file AS k
      WHERE EXISTS (SELECT 1 FROM holder AS h WHERE h.repository = k.repository AND h.ref = k.ref)
        OR EXISTS (SELECT 1 FROM push AS p WHERE p.repository = k.repository AND p.ref = k.ref AND p.default_branch = 1);
  INSERT INTO location_list (id, epoch, change) VALUES (1, 'first', 1);
  `,
  `
  ALTER TABLE push ADD COLUMN not_known TEXT; -- JSON: what reading the catalog has shown instead of a verdict
  `,
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
