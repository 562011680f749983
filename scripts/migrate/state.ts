// What earlier runs have done, in one file that is written as a whole: a run that is cut off anywhere goes on where it was.
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorCode, fileTrouble } from '../../schemas/error-code.ts'
import { isMap } from '../../schemas/unknown.ts'
import { writeWhole } from '../cli/whole-file.ts'

export type Delivered = {
  /** ISO 8601, of the first commit. */
  at: string
  /** The blob or blobs that our branch holds. */
  content: string
  /** The commit at our branch. */
  commit: string
  branch: string
  /** Undefined: cut off between the commit and the pull request. */
  pullRequest?: number
  /** Refs, whose names nobody else gets. */
  entities: string[]
}

export type MigrateState = {
  of(repository: string): Delivered | undefined
  all(): [repository: string, delivered: Delivered][]
  /** On the disk when it returns. */
  keep(repository: string, delivered: Delivered): void
}

/** A file that is there and is not ours is a problem, and never overwritten. */
export function openState(path: string): { state: MigrateState } | { problem: string } {
  const read = rowsIn(path)
  if ('problem' in read) return read
  const { rows } = read
  return {
    state: {
      of: repository => rows.get(repository.toLowerCase()),
      all: () => [...rows],
      keep(repository, delivered) {
        rows.set(repository.toLowerCase(), delivered)
        write(path, rows)
      },
    },
  }
}

function rowsIn(path: string): { rows: Map<string, Delivered> } | { problem: string } {
  try {
    const data: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const rows = isMap(data) && data['version'] === 1 ? data['repositories'] : undefined
    if (!isMap(rows)) return { problem: `${path}: this is no state of catalog-gate migrate` }
    return { rows: new Map(Object.entries(rows).filter((row): row is [string, Delivered] => isDelivered(row[1]))) }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { rows: new Map() }
    if (error instanceof SyntaxError) return { problem: `${path}: this is no state of catalog-gate migrate (no JSON)` }
    return { problem: `${path}: cannot be read (${fileTrouble(error)})` }
  }
}

const isDelivered = (value: unknown): value is Delivered =>
  isMap(value) &&
  ['at', 'content', 'commit', 'branch'].every(key => typeof value[key] === 'string') &&
  Array.isArray(value['entities'])

function write(path: string, rows: ReadonlyMap<string, Delivered>): void {
  mkdirSync(dirname(path), { recursive: true })
  writeWhole(path, `${JSON.stringify({ version: 1, repositories: Object.fromEntries(rows) }, null, 1)}\n`, 0o600)
}
