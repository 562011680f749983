// What the prelude hands over on stdin: ref lines, raw diffs, and the first contents, which git read while Node was starting.
import { BatchReader, type Blob } from './batch.ts'
import { type ChangedFile, readRawLine } from './changes.ts'
import { type RefUpdate, readRefLine } from './refs.ts'

export type PushedRef = RefUpdate & {
  /** Undefined when git could not read the commit. */
  changes: ChangedFile[] | undefined
}

export type Handover = { refs: PushedRef[]; blobs: Map<string, Blob> }

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
  return { refs: readHead(head.toString('utf8')), blobs: blobs?.blobs ?? new Map() }
}

function readHead(text: string): PushedRef[] {
  const sections = {
    refs: [] as string[],
    diffs: [] as { id: string; lines: string[] }[],
    since: new Map<string, string[] | 'unrelated'>(),
  }
  let defaultRef = ''
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
    } else if (line === 'unrelated') sections.since.set([...sections.since.keys()].at(-1) ?? '', 'unrelated')
    else if (line.startsWith(':')) into.push(line)
    else if (part === 'changes') {
      into = []
      sections.diffs.push({ id: line, lines: into })
    }
  }
  return joinDiffs(sections.refs, sections.diffs, sections.since, defaultRef)
}

/** Updated refs come first in the prelude's list of diffs or wherever they stood; the same commit can be pushed to two refs. */
function joinDiffs(
  refLines: string[],
  diffs: { id: string; lines: string[] }[],
  since: Map<string, string[] | 'unrelated'>,
  defaultRef: string,
): PushedRef[] {
  const updates = refLines.flatMap(line => readRefLine(line, defaultRef) ?? [])
  const unused = [...diffs]
  const take = (id: string) => {
    const at = unused.findIndex(diff => diff.id === id)
    return at === -1 ? undefined : unused.splice(at, 1)[0]
  }
  // The prelude lists updated refs in their order, then created ones.
  const changes = new Map<RefUpdate, ChangedFile[] | undefined>()
  for (const kind of ['updated', 'created'] as const) {
    for (const update of updates.filter(candidate => candidate.kind === kind)) {
      const diff = take(update.after)
      const own = kind === 'created' ? since.get(update.after) : undefined
      const paths = Array.isArray(own) ? new Set(own.map(line => readRawLine(line)?.path)) : undefined
      // A new branch removes nothing: what it lacks of the default branch was never on it.
      const files = diff?.lines
        .flatMap(line => readRawLine(line) ?? [])
        .filter(file => kind === 'updated' || file.change !== 'removed')
      changes.set(update, paths ? files?.filter(file => paths.has(file.path)) : files)
    }
  }
  return updates.map(update => ({ ...update, changes: changes.get(update) }))
}
