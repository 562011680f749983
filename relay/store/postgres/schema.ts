// The tables in PostgreSQL, and their version. The same tables as SQLite's, and the same names, so that one text asks both.

import { StoreRefused } from '../store.ts'
import { sharedOfPostgres } from '../work/shared-schema.ts'
import { get, run, type Work } from '../work/sql.ts'

/** So many of the shared ones are older than "word", which SQLite does not need. */
const BEFORE_WORD = 12

/** One entry a version; the index + 1 is the version that it leads to. A new one is appended in shared-schema.ts; none that was released is changed. */
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
  ...sharedOfPostgres.slice(0, BEFORE_WORD),
  `
  CREATE UNLOGGED TABLE word (topic TEXT COLLATE "C" NOT NULL, said_by TEXT COLLATE "C" NOT NULL, at BIGINT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (topic, said_by));
  `,
  ...sharedOfPostgres.slice(BEFORE_WORD),
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
