// What the prelude hands over on stdin: refs, each with its raw diff, and the first contents, which git read while Node was starting.
import { BatchReader, type Blob } from './batch.ts'
import { type ChangedFile, readRawLine } from './changes.ts'
import { textOf } from './path-text.ts'
import { type RefUpdate, readRefLine } from './refs.ts'

export type PushedRef = RefUpdate & {
  /** Undefined when git could not compare the commits. 'unasked': one new branch too many for git to be asked for its merge base. */
  changes: ChangedFile[] | 'unasked' | undefined
}

export type Handover = {
  /** The default branch first. */
  refs: PushedRef[]
  /** Lines that say nothing to us. */
  unreadable: string[]
  blobs: Map<string, Blob>
  /** `COMMIT:PATH` of files that are known to be there. */
  named: ReadonlyMap<string, string>
}

const CONTENTS = Buffer.from('\ncontents\n')

/**
 * Reads until the end, or until a blob is larger than `maxBytes`: then git is still busy with it, and what is missing is asked for anew.
 * The layout is in the README of hooks/. Lines are of bytes, and end at a line feed only.
 */
export async function readHandover(input: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Handover> {
  let head = Buffer.alloc(0)
  let blobs: BatchReader | undefined
  for await (const chunk of input) {
    if (blobs) blobs.push(chunk)
    else {
      head = Buffer.concat([head, chunk])
      const at = head.indexOf(CONTENTS)
      if (at === -1) continue
      blobs = new BatchReader(maxBytes)
      blobs.push(head.subarray(at + CONTENTS.length))
      head = head.subarray(0, at)
    }
    if (blobs.tooLarge !== undefined) break
  }
  return { ...readHead(textOf(head)), blobs: blobs?.blobs ?? new Map(), named: blobs?.named ?? new Map() }
}

/** A ref with what stands under it. */
type RefRecord = { update: RefUpdate; isCompared: boolean; changes: ChangedFile[] }
type SinceBase = ChangedFile[] | 'unrelated' | 'unasked'

function readHead(text: string): Pick<Handover, 'refs' | 'unreadable'> {
  const records: RefRecord[] = []
  const since = new Map<string, SinceBase>()
  const unreadable: string[] = []
  let defaultRef = ''
  let ref: RefRecord | undefined
  let created = ''
  let into: ChangedFile[] | undefined
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ')
    const [word, rest] = space === -1 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)]
    const change = into && readRawLine(line)
    if (into && change) into.push(change)
    else if (word === 'head') defaultRef = rest
    else if (word === 'ref') {
      const update = readRefLine(rest, defaultRef)
      if (update === undefined) unreadable.push(line)
      else records.push({ update, isCompared: false, changes: [] })
      ref = update && records.at(-1)
      into = ref?.changes
    } else if (ref !== undefined && line === ref.update.after) ref.isCompared = true
    else if (word === 'since') {
      ref = undefined
      created = rest
      into = []
      since.set(created, into)
    } else if ((line === 'unrelated' || line === 'unasked') && since.has(created)) since.set(created, line)
    else if (line !== '') unreadable.push(line)
  }
  return { refs: records.map(record => pushedRef(record, since.get(record.update.after))), unreadable }
}

/** `own`: what a new branch has changed since its merge base with the default branch; the other lines compare it with that one's tip. */
function pushedRef({ update, isCompared, changes }: RefRecord, own: SinceBase | undefined): PushedRef {
  if (!isCompared) return { ...update, changes: undefined }
  if (update.kind === 'updated') return { ...update, changes }
  // A new branch removes nothing: what it lacks of the default branch was never on it.
  const files = changes.filter(({ change }) => change !== 'removed')
  if (own === 'unasked') return { ...update, changes: files.length === 0 ? [] : 'unasked' }
  const paths = Array.isArray(own) ? new Set(own.map(({ path }) => path)) : undefined
  return { ...update, changes: paths ? files.filter(file => paths.has(file.path)) : files }
}
