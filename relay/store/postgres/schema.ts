// The tables in PostgreSQL, and their version. The same tables as SQLite's, and the same names, so that one text asks both.

import { StoreRefused } from '../store.ts'
import { get, run, type Work } from '../work/sql.ts'

/** One entry a version; the index + 1 is the version that it leads to. Never change an entry that was released: append. */
export const POSTGRES_MIGRATIONS: readonly string[] = [
  `
  CREATE SEQUENCE push_turn;
  CREATE TABLE push (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    turn BIGINT NOT NULL DEFAULT nextval('push_turn'),
    repository TEXT COLLATE "C" NOT NULL,
    ref TEXT COLLATE "C" NOT NULL,
    before_id TEXT NOT NULL,
    after_id TEXT NOT NULL,
    default_branch INTEGER NOT NULL,
    pusher TEXT,
    bypass TEXT,
    files TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    received_at BIGINT NOT NULL,
    settled_at BIGINT,
    due_at BIGINT NOT NULL,
    checks INTEGER NOT NULL DEFAULT 0,
    missing_ms BIGINT NOT NULL DEFAULT 0,
    last_error TEXT,
    lease TEXT,
    lease_until BIGINT,
    file_count INTEGER NOT NULL,
    open_files INTEGER NOT NULL DEFAULT 0,
    superseded_files INTEGER NOT NULL DEFAULT 0,
    dead_files INTEGER NOT NULL DEFAULT 0
  ) WITH (fillfactor = 70);
  CREATE INDEX push_due ON push (due_at) WHERE state = 'waiting' AND lease IS NULL;
  CREATE INDEX push_waiting ON push (repository, ref, turn) WHERE state = 'waiting';
  CREATE INDEX push_lease ON push (lease) WHERE lease IS NOT NULL;
  CREATE INDEX push_repository ON push (repository, seq);
  CREATE INDEX push_state ON push (state, seq);
  CREATE INDEX push_settled ON push (settled_at) WHERE settled_at IS NOT NULL;
  CREATE INDEX push_bypassed ON push (seq) WHERE bypass IS NOT NULL;

  CREATE TABLE file (
    push BIGINT NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    repository TEXT COLLATE "C" NOT NULL,
    ref TEXT COLLATE "C" NOT NULL,
    turn BIGINT NOT NULL,
    change TEXT NOT NULL,
    entities TEXT NOT NULL,
    blob TEXT,
    quotes TEXT NOT NULL DEFAULT '[]',
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    last_error TEXT,
    PRIMARY KEY (push, path)
  );
  CREATE INDEX file_superseded ON file (repository, ref, path, turn) WHERE state = 'superseded';

  CREATE TABLE job (
    repository TEXT COLLATE "C" NOT NULL,
    ref TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    push BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    place BIGINT NOT NULL,
    ready INTEGER NOT NULL DEFAULT 1,
    attempts INTEGER NOT NULL DEFAULT 0,
    failing_since BIGINT,
    lease TEXT,
    lease_until BIGINT,
    running_push BIGINT,
    PRIMARY KEY (repository, ref, path)
  ) WITH (fillfactor = 70);
  CREATE INDEX job_ready ON job (place) WHERE state = 'waiting' AND lease IS NULL AND ready = 1;
  CREATE INDEX job_later ON job (due_at) WHERE state = 'waiting' AND lease IS NULL AND ready = 0;
  CREATE INDEX job_repository ON job (repository, place);
  CREATE INDEX job_lease ON job (lease) WHERE lease IS NOT NULL;
  CREATE INDEX job_push ON job (push);

  CREATE TABLE cover (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repository TEXT COLLATE "C" NOT NULL,
    ref TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    turn BIGINT NOT NULL,
    push_id TEXT NOT NULL
  );

  CREATE TABLE step (
    push BIGINT NOT NULL,
    number INTEGER NOT NULL,
    at BIGINT NOT NULL,
    step TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (push, number)
  );

  CREATE TABLE known_file (
    repository TEXT COLLATE "C" NOT NULL,
    ref TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    blob TEXT,
    entities TEXT NOT NULL,
    PRIMARY KEY (repository, ref, path)
  );
  CREATE TABLE quote (
    repository TEXT COLLATE "C" NOT NULL,
    ref TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (repository, ref, target, path)
  );
  CREATE INDEX quote_path ON quote (repository, ref, path);

  CREATE TABLE delivery (id TEXT PRIMARY KEY, at BIGINT NOT NULL);
  CREATE INDEX delivery_at ON delivery (at);

  CREATE TABLE circuit (
    target TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    open_until BIGINT NOT NULL,
    probe_until BIGINT NOT NULL DEFAULT 0
  );
  CREATE TABLE bucket (name TEXT PRIMARY KEY, tokens DOUBLE PRECISION NOT NULL, at BIGINT NOT NULL);
  CREATE TABLE leader (task TEXT PRIMARY KEY, holder TEXT NOT NULL, until BIGINT NOT NULL);
  CREATE TABLE note (name TEXT PRIMARY KEY, text TEXT NOT NULL);
  CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), at BIGINT NOT NULL);
  `,
  `
  ALTER TABLE job ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT 'refresh';
  ALTER TABLE file ADD COLUMN data TEXT;
  UPDATE job SET kind = 'compare' WHERE path LIKE '/compare/%';
  UPDATE file SET data = CAST(json_build_object(
      'base', substr(path, 10, strpos(path, '...') - 10), 'head', substr(path, strpos(path, '...') + 3)) AS TEXT)
    WHERE path LIKE '/compare/%...%';
  DROP INDEX job_ready;
  DROP INDEX job_later;
  CREATE INDEX job_ready ON job (kind, place) WHERE state = 'waiting' AND lease IS NULL AND ready = 1;
  CREATE INDEX job_later ON job (kind, due_at) WHERE state = 'waiting' AND lease IS NULL AND ready = 0;
  `,
  `
  ALTER TABLE push ADD COLUMN reported INTEGER NOT NULL DEFAULT 0;
  `,
  `
  ALTER TABLE push ADD COLUMN bulk INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE job ADD COLUMN flow TEXT COLLATE "C" NOT NULL DEFAULT '';
  ALTER TABLE job ADD COLUMN is_first INTEGER NOT NULL DEFAULT 0;
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
  ALTER TABLE push ADD COLUMN parts INTEGER;
  CREATE TABLE part (id TEXT PRIMARY KEY, push BIGINT NOT NULL, number INTEGER NOT NULL, UNIQUE (push, number));
  `,
  `
  ALTER TABLE push ADD COLUMN unknown_files INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE cover ADD COLUMN state TEXT NOT NULL DEFAULT 'forwarded';
  ALTER TABLE known_file ADD COLUMN via TEXT;
  `,
  `
  CREATE TABLE holder (
    repository TEXT COLLATE "C" NOT NULL,
    ref TEXT COLLATE "C" NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    left_at BIGINT,
    is_free INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (repository, ref, entity, path)
  );
  CREATE INDEX holder_path ON holder (repository, ref, path);
  CREATE INDEX holder_left ON holder (left_at) WHERE left_at IS NOT NULL;
  INSERT INTO holder (repository, ref, entity, path) SELECT k.repository, k.ref, lower(e.value), k.path
    FROM known_file AS k, json_array_elements_text(CAST(k.entities AS json)) AS e (value) ON CONFLICT DO NOTHING;
  `,
  `
  ALTER TABLE holder ADD COLUMN came_at BIGINT;
  `,
  `
  CREATE INDEX file_unknown ON file (repository, ref, path, turn) WHERE state = 'unknown';
  `,
  `
  ALTER TABLE push ADD COLUMN ready INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE push ADD COLUMN flow TEXT COLLATE "C" NOT NULL DEFAULT '';
  ALTER TABLE push ADD COLUMN place BIGINT;
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
  ALTER TABLE push ADD COLUMN said TEXT;
  ALTER TABLE push ADD COLUMN verdict TEXT;
  ALTER TABLE push ADD COLUMN verdict_result TEXT;
  ALTER TABLE push ADD COLUMN status_due INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE push ADD COLUMN status_told TEXT;
  CREATE INDEX push_status ON push (seq) WHERE status_due > 0;
  CREATE INDEX push_refused ON push (seq) WHERE verdict_result <> 'accepted';
  ALTER TABLE file ADD COLUMN verdict TEXT;
  ALTER TABLE file ADD COLUMN landed_at BIGINT;
  CREATE INDEX file_place ON file ((lower(repository) || '/' || substr(ref, 12) || '/' || path), turn);
  CREATE TABLE reading (place TEXT COLLATE "C" NOT NULL, entity TEXT COLLATE "C" NOT NULL, at BIGINT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (place, entity));
  CREATE INDEX reading_at ON reading (at);
  CREATE TABLE location (
    repository TEXT COLLATE "C" NOT NULL,
    ref TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    is_there INTEGER NOT NULL,
    turn BIGINT NOT NULL,
    change BIGINT NOT NULL,
    PRIMARY KEY (repository, ref, path)
  );
  CREATE INDEX location_change ON location (change);
  CREATE TABLE location_list (id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, change BIGINT NOT NULL);
  INSERT INTO location (repository, ref, path, is_there, turn, change)
    SELECT k.repository, k.ref, k.path, 1, 0, 1 FROM known_file AS k
      WHERE EXISTS (SELECT 1 FROM holder AS h WHERE h.repository = k.repository AND h.ref = k.ref)
        OR EXISTS (SELECT 1 FROM push AS p WHERE p.repository = k.repository AND p.ref = k.ref AND p.default_branch = 1);
  INSERT INTO location_list (id, epoch, change) VALUES (1, 'first', 1);
  `,
  `
  ALTER TABLE push ADD COLUMN not_known TEXT;
  `,
  `
  CREATE UNLOGGED TABLE word (topic TEXT COLLATE "C" NOT NULL, said_by TEXT COLLATE "C" NOT NULL, at BIGINT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (topic, said_by));
  `,
]

export const POSTGRES_SCHEMA_VERSION = POSTGRES_MIGRATIONS.length

/**
 * Brings the schema to our version, within one transaction and under one lock: of ten replicas that start at once, one does it. Throws
 * StoreRefused for a schema that a newer relay has made, since its rows may mean what we do not know.
 */
export function* migratePostgres(schema: string): Work<void> {
  const there = yield* get('SELECT 1 AS is_there FROM information_schema.schemata WHERE schema_name = :schema', {
    schema,
  })
  // Asked for first: a user that may not create schemas can be given one that is there.
  if (!there) yield* run(`CREATE SCHEMA ${schema}`)
  yield* run('CREATE TABLE IF NOT EXISTS version (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL)')
  const found = Number((yield* get('SELECT version FROM version'))?.['version'] ?? 0)
  if (found > POSTGRES_SCHEMA_VERSION) {
    throw new StoreRefused(
      `store: the schema "${schema}" has version ${found}, made by a newer catalog-gate; this one knows version ${POSTGRES_SCHEMA_VERSION}. ` +
        'Start the newer relay again, or restore the backup from before the upgrade.',
    )
  }
  if (found === POSTGRES_SCHEMA_VERSION) return
  for (const migration of POSTGRES_MIGRATIONS.slice(found))
    for (const statement of migration.split(/;\s*\n/)) if (statement.trim()) yield* run(statement)
  yield* run(
    'INSERT INTO version (id, version) VALUES (1, :version) ON CONFLICT (id) DO UPDATE SET version = :version',
    { version: POSTGRES_SCHEMA_VERSION },
  )
}
