// The tables of both engines, as they have grown: each text serves SQLite and PostgreSQL. What came before the two were written together is in their own schema.ts.

/** What the two say in words of their own. */
type Words = {
  /** Of the path of a comparison, as JSON. */
  bothSides: string
  /** The entities of the known file k, as rows e. */
  entities: string
}

/** One entry a version. Never change an entry that was released: append. */
const migrations = ({ bothSides, entities }: Words): readonly string[] => [
  `
  ALTER TABLE job ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT 'refresh'; -- each kind has its line
  ALTER TABLE file ADD COLUMN data TEXT; -- JSON: what a job of another kind than "refresh" is about
  UPDATE job SET kind = 'compare' WHERE path LIKE '/compare/%';
  UPDATE file SET data = ${bothSides}
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
  ALTER TABLE job ADD COLUMN flow TEXT COLLATE "C" NOT NULL DEFAULT ''; -- whose work it is: the pusher, the repository where it is not known, nothing for what nobody waits for
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
  CREATE TABLE part (id TEXT PRIMARY KEY, push BIGINT NOT NULL, number INTEGER NOT NULL, UNIQUE (push, number)) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE push ADD COLUMN unknown_files INTEGER NOT NULL DEFAULT 0; -- asked for, and the catalog knew neither the file nor an entity of it
  ALTER TABLE cover ADD COLUMN state TEXT NOT NULL DEFAULT 'forwarded'; -- in which those that it covers end
  ALTER TABLE known_file ADD COLUMN via TEXT; -- the entity by which the catalog was last asked for it; null: it knew none
  `,
  `
  -- Which file of a default branch holds which entity, as pushes have landed.
  CREATE TABLE holder (
    repository TEXT COLLATE "C" NOT NULL,
    ref TEXT COLLATE "C" NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    left_at BIGINT, -- null: it does; else when the entity has left it, or the catalog was told so
    is_free INTEGER NOT NULL DEFAULT 0, -- 1: nothing in the catalog holds it for this file any more
    PRIMARY KEY (repository, ref, entity, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX holder_path ON holder (repository, ref, path);
  CREATE INDEX holder_left ON holder (left_at) WHERE left_at IS NOT NULL;
  INSERT INTO holder (repository, ref, entity, path) SELECT k.repository, k.ref, lower(e.value), k.path
    FROM known_file AS k, ${entities} ON CONFLICT DO NOTHING;
  `,
  `
  ALTER TABLE holder ADD COLUMN came_at BIGINT; -- when a push brought the entity into the file
  `,
  `
  CREATE INDEX file_unknown ON file (repository, ref, path, turn) WHERE state = 'unknown';
  `,
  `
  ALTER TABLE push ADD COLUMN ready INTEGER NOT NULL DEFAULT 0; -- 1: due, and in the queue
  ALTER TABLE push ADD COLUMN flow TEXT COLLATE "C" NOT NULL DEFAULT '';
  ALTER TABLE push ADD COLUMN place BIGINT; -- null: it was in no queue yet
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
  ALTER TABLE file ADD COLUMN landed_at BIGINT;
  CREATE INDEX file_place ON file ((lower(repository) || '/' || substr(ref, 12) || '/' || path), turn);
  -- What the catalog has said last of each entity of a file, at which push does not matter.
  CREATE TABLE reading (place TEXT COLLATE "C" NOT NULL, entity TEXT COLLATE "C" NOT NULL, at BIGINT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (place, entity)) STRICT, WITHOUT ROWID;
  CREATE INDEX reading_at ON reading (at);
  -- The catalog files of the default branches; "change" is in which order that became so.
  CREATE TABLE location (
    repository TEXT COLLATE "C" NOT NULL,
    ref TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    is_there INTEGER NOT NULL,
    turn BIGINT NOT NULL,
    change BIGINT NOT NULL,
    PRIMARY KEY (repository, ref, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX location_change ON location (change);
  CREATE TABLE location_list (id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, change BIGINT NOT NULL) STRICT;
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

/** In PostgreSQL letters are compared by their bytes, as SQLite does; times and turns need 64 bits. */
export const sharedOfSqlite: readonly string[] = migrations({
  bothSides:
    "json_object('base', substr(path, 10, instr(path, '...') - 10), 'head', substr(path, instr(path, '...') + 3))",
  entities: 'json_each(k.entities) AS e WHERE true',
}).map(text => text.replaceAll(' COLLATE "C"', '').replaceAll('BIGINT', 'INTEGER'))

export const sharedOfPostgres: readonly string[] = migrations({
  bothSides:
    "CAST(json_build_object('base', substr(path, 10, strpos(path, '...') - 10), 'head', substr(path, strpos(path, '...') + 3)) AS TEXT)",
  entities: 'json_array_elements_text(CAST(k.entities AS json)) AS e (value)',
}).map(text => text.replace(/ *--.*$/gm, '').replace(/ STRICT(, WITHOUT ROWID)?/g, ''))
