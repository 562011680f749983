// What the prelude hands over on stdin: refs, each with its raw diff, and the first contents, which git read while Node was starting.
import { ASIDE } from '../config/naming.ts'
import { BatchReader, type Blob } from './batch.ts'
import { type ChangedFile, readRawLine } from './changes.ts'
import { textOf } from './path-text.ts'
import { type RefUpdate, readRefLine } from './refs.ts'

export type PushedRef = RefUpdate & {
  /**
   * Undefined: not compared. Of an updated branch what changed. Of a new branch what it has that the tip of the default branch has not: with
   * `since` its own changes are known among these.
   */
  changes: ChangedFile[] | undefined
  /** Paths that a new branch has changed since its merge base; `all` where that is the tip, or there is none. */
  since?: ReadonlySet<string> | 'all'
}

export type Handover = {
  refs: PushedRef[]
  defaultRef: string
  /** The commit that new branches are held against, where the prelude has looked for it. */
  tip: string | undefined
  /** There are more refs on another descriptor, and none of these was compared. */
  isMore: boolean
  /** Lines that say nothing to us. */
  unreadable: string[]
  blobs: Map<string, Blob>
  /** `COMMIT:PATH` of files that are known to be there. */
  named: ReadonlyMap<string, string>
  /** Whether catalog files anywhere that may name what was changed are among these; `failed`: git could not tell. */
  aside: 'read' | 'failed' | 'unasked'
}

const CONTENTS = Buffer.from('\ncontents\n')

/** So much is taken ahead; what is missing is asked for anew, what matters most first. */
const AHEAD_BYTES = 2 << 20

/**
 * Reads until the end, or until a blob is larger than `maxBytes`, or it is too much in all: then git is still busy with it, and what is missing
 * is asked for anew. The layout is in the README of hooks/. Lines are of bytes, and end at a line feed only.
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
      blobs = new BatchReader(maxBytes, AHEAD_BYTES)
      blobs.push(head.subarray(at + CONTENTS.length))
      head = head.subarray(0, at)
    }
    if (blobs.isFull) break
  }
  const read = blobs?.blobs ?? new Map<string, Blob>()
  const aside = read.delete(ASIDE) ? 'read' : read.delete(`${ASIDE}.not`) ? 'failed' : 'unasked'
  return { ...readHead(textOf(head)), blobs: read, named: blobs?.named ?? new Map(), aside }
}

/** The ref lines that the prelude has left to be read, as they come to a hook. */
export async function readMoreRefs(
  input: AsyncIterable<Uint8Array>,
  defaultRef: string,
): Promise<Pick<Handover, 'refs' | 'unreadable'>> {
  const chunks: Uint8Array[] = []
  for await (const chunk of input) chunks.push(chunk)
  const refs: PushedRef[] = []
  const unreadable: string[] = []
  for (const line of textOf(Buffer.concat(chunks)).split(/\r?\n/)) {
    const update = readRefLine(line, defaultRef)
    if (update !== undefined) refs.push({ ...update, changes: undefined })
    else if (/^[^ ]+ (?!0+ )[^ ]+ refs\/heads\/./s.test(line)) unreadable.push(line)
  }
  return { refs, unreadable }
}

/** A ref with what stands under it. */
type RefRecord = { update: RefUpdate; isCompared: boolean; changes: ChangedFile[] }

function readHead(text: string): Omit<Handover, 'blobs' | 'named' | 'aside'> {
  const records: RefRecord[] = []
  const since = new Map<string, ChangedFile[] | 'all'>()
  const head: Omit<Handover, 'refs' | 'blobs' | 'named' | 'aside'> = {
    defaultRef: '',
    tip: undefined,
    isMore: false,
    unreadable: [],
  }
  let ref: RefRecord | undefined
  let created = ''
  let into: ChangedFile[] | undefined
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ')
    const [word, rest] = space === -1 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)]
    const change = into && readRawLine(line)
    if (into && change) into.push(change)
    else if (word === 'head') head.defaultRef = rest
    else if (word === 'base') head.tip = rest || undefined
    else if (word === 'ref') {
      const update = readRefLine(rest, head.defaultRef)
      if (update === undefined) head.unreadable.push(line)
      else records.push({ update, isCompared: false, changes: [] })
      ref = update && records.at(-1)
      into = ref?.changes
    } else if (ref !== undefined && line === ref.update.after) ref.isCompared = true
    else if (word === 'since') {
      ref = undefined
      created = rest
      into = []
      since.set(created, into)
    } else if (line === 'unrelated' || line === 'tip') since.set(created, 'all')
    else if (line === 'unknown') since.delete(created)
    else if (line === 'more') head.isMore = true
    else if (line !== '') head.unreadable.push(line)
  }
  const refs = records.map(record => pushedRef(record, since.get(record.update.after)))
  return { ...head, refs }
}

function pushedRef({ update, isCompared, changes }: RefRecord, own: ChangedFile[] | 'all' | undefined): PushedRef {
  if (!isCompared) return { ...update, changes: undefined }
  if (update.kind === 'updated') return { ...update, changes }
  return {
    ...update,
    changes,
    ...(own === undefined ? {} : { since: own === 'all' ? own : new Set(own.map(({ path }) => path)) }),
  }
}
