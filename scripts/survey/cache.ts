// What earlier surveys have read, in a file: contents by blob id, and what lies where in a commit. Neither ever changes, so that nothing here can be out of
// date, whatever becomes of hook.yaml or of our checks; verdicts are made anew each time (1,000 files take under a second).
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { blobId } from '../../schemas/blob-id.ts'
import { fileTrouble } from '../../schemas/error-code.ts'
import { writeWhole } from '../cli/whole-file.ts'
import type { ListedFile } from './inventory.ts'

/** A commit's catalog files, of the whole tree; `isWhole` is false when GHES did not list all of it. */
export type Listing = { files: ListedFile[]; isWhole: boolean }

export type SurveyCache = {
  blob(id: string): Buffer | undefined
  addBlob(id: string, bytes: Buffer): void
  /** The blob id at a path of a commit, '' for none; undefined when that was never asked. */
  idAt(commit: string, path: string): string | undefined
  addIdAt(commit: string, path: string, id: string): void
  /** `globs` stands for the patterns that were looked for. */
  listing(commit: string, globs: string): Listing | undefined
  addListing(commit: string, globs: string, listing: Listing): void
  /** Writes it as a whole or not at all. What was not used for 60 days is left out. A problem is a sentence. */
  save(): string | undefined
}

type Row = { key: string; day: number; value: unknown }

const KEPT_DAYS = 60
const DAY_MS = 86_400_000

/** In `path`, which may be missing or damaged: what cannot be read is read from GHES again. Without a path nothing is kept. */
export function openCache(path: string | undefined, nowMs: number): SurveyCache {
  const today = Math.floor(nowMs / DAY_MS)
  const rows = new Map<string, Row>((path === undefined ? [] : readRows(path)).map(row => [row.key, row]))
  const get = (key: string): unknown => {
    const row = rows.get(key)
    if (row) row.day = today
    return row?.value
  }
  const set = (key: string, value: unknown) => void rows.set(key, { key, day: today, value })
  return {
    blob(id) {
      const text = get(`blob ${id}`)
      const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : undefined
      return bytes && isContentOf(id, bytes) ? bytes : undefined
    },
    addBlob: (id, bytes) => set(`blob ${id}`, bytes.toString('base64')),
    idAt(commit, at) {
      const id = get(`at ${commit}:${at}`)
      return typeof id === 'string' ? id : undefined
    },
    addIdAt: (commit, at, id) => set(`at ${commit}:${at}`, id),
    listing: (commit, globs) => get(`tree ${commit} ${globs}`) as Listing | undefined,
    addListing: (commit, globs, listing) => set(`tree ${commit} ${globs}`, listing),
    save: () =>
      path === undefined
        ? undefined
        : write(
            path,
            [...rows.values()].filter(row => row.day > today - KEPT_DAYS),
          ),
  }
}

/** Whether these bytes have this id in git, of SHA-1 or SHA-256. */
export function isContentOf(id: string, bytes: Uint8Array): boolean {
  return blobId(bytes, id.length === 64 ? 'sha256' : 'sha1') === id
}

/** A line is the digest of its JSON and the JSON: a line that was damaged or cut off is no line. */
const digestOf = (json: string) => createHash('sha256').update(json).digest('hex').slice(0, 16)

function readRows(path: string): Row[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return []
  }
  return text.split('\n').flatMap(line => {
    const json = line.slice(17)
    return json !== '' && line[16] === ' ' && digestOf(json) === line.slice(0, 16) ? [JSON.parse(json) as Row] : []
  })
}

/** For its owner only: these are contents of private repositories. */
function write(path: string, rows: readonly Row[]): string | undefined {
  const lines = rows.map(row => {
    const json = JSON.stringify(row)
    return `${digestOf(json)} ${json}\n`
  })
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeWhole(path, lines.join(''), 0o600)
    return undefined
  } catch (error) {
    return `${path}: what was read could not be kept for the next survey (${fileTrouble(error)})`
  }
}
