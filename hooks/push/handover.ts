// What the prelude hands over on stdin: ref lines, raw diffs, and the first contents, which git read while Node was starting.
import { BatchReader, type Blob } from './batch.ts'
import { type ChangedFile, readRawLine } from './changes.ts'
import { type RefUpdate, readRefLine } from './refs.ts'

export type PushedRef = RefUpdate & {
  /** Undefined when git could not read the commit. 'unasked': one new branch too many for git to be asked for its merge base. */
  changes: ChangedFile[] | 'unasked' | undefined
}

export type Handover = {
  refs: PushedRef[]
  blobs: Map<string, Blob>
  /** `COMMIT:PATH` of files that are known to be there. */
  named: ReadonlyMap<string, string>
}

const CONTENTS = Buffer.from('\ncontents\n')

/**
 * Reads until the end, or until a blob is larger than `maxBytes`: then git is still busy with it, and what is missing is asked for anew.
 * Layout: `head REF`, `refs` and ref lines, `changes` and for every commit its id and raw lines, for a new branch `since ID` and the raw
 * lines since its merge base (or `unrelated`), `contents` and the output of `git cat-file --batch`.
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
  return { refs: readHead(head.toString('utf8')), blobs: blobs?.blobs ?? new Map(), named: blobs?.named ?? new Map() }
}

function readHead(text: string): PushedRef[] {
  const sections = {
    refs: [] as string[],
    diffs: [] as { id: string; lines: string[] }[],
    since: new Map<string, string[] | 'unrelated' | 'unasked'>(),
  }
  let defaultRef = ''
  let lastNew = ''
  let into: string[] = []
  let part: 'head' | 'refs' | 'changes' | 'since' = 'head'
  for (const line of text.split('\n')) {
    if (line === '') continue
    if (part === 'head' && line.startsWith('head ')) defaultRef = line.slice('head '.length)
    else if (part === 'head' && line === 'refs') part = 'refs'
    else if (part === 'refs' && line === 'changes') part = 'changes'
    else if (part === 'refs') sections.refs.push(line)
    else if (line.startsWith('since ')) {
      part = 'since'
      into = []
      sections.since.set(line.slice('since '.length), into)
      lastNew = line.slice('since '.length)
    } else if (line === 'unrelated' || line === 'unasked') sections.since.set(lastNew, line)
    else if (line.startsWith(':')) into.push(line)
    else if (part === 'changes') {
      into = []
      sections.diffs.push({ id: line, lines: into })
    }
  }
  return joinDiffs(sections.refs, sections.diffs, sections.since, defaultRef)
}

/**
 * The prelude lists the diffs of updated refs in their order, then those of created ones, which all have the same other side: the same commit has the
 * same diff. Of a first push, the branch that is new as a whole stands last, behind an empty diff with itself.
 */
function joinDiffs(
  refLines: string[],
  diffs: { id: string; lines: string[] }[],
  since: Map<string, string[] | 'unrelated' | 'unasked'>,
  defaultRef: string,
): PushedRef[] {
  const updates = refLines.flatMap(line => readRefLine(line, defaultRef) ?? [])
  let at = 0
  const nextOf = (id: string) => {
    const found = diffs[at]?.id === id ? diffs[at] : undefined
    if (found) at++
    return found
  }
  const ofUpdated = new Map(
    updates.filter(({ kind }) => kind === 'updated').map(update => [update, nextOf(update.after)]),
  )
  const ofCreated = new Map(diffs.slice(at).map(diff => [diff.id, diff]))
  return updates.map(update => {
    if (update.kind === 'updated')
      return { ...update, changes: ofUpdated.get(update)?.lines.flatMap(line => readRawLine(line) ?? []) }
    // A new branch removes nothing: what it lacks of the default branch was never on it.
    const files = ofCreated
      .get(update.after)
      ?.lines.flatMap(line => readRawLine(line) ?? [])
      .filter(({ change }) => change !== 'removed')
    const own = since.get(update.after)
    if (own === 'unasked') return { ...update, changes: files?.length === 0 ? [] : 'unasked' }
    const paths = Array.isArray(own) ? new Set(own.map(line => readRawLine(line)?.path)) : undefined
    return { ...update, changes: paths ? files?.filter(file => paths.has(file.path)) : files }
  })
}
