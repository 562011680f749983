// Unchanged catalog files that quote what a push changes ($yaml, $json, ...): what the change does to them is this push's doing, and nothing else about them.
import { count } from '../../schemas/count.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Note } from '../diagnostics/note.ts'
import { asBefore, type Changes } from './changes.ts'
import type { CheckedFile } from './file.ts'
import type { FileOfTree } from './judging.ts'
import type { Tree } from './tree.ts'

/** An unchanged file with its bytes; `file`: as it is judged without what it quotes. */
export type Unchanged = FileOfTree & { file: CheckedFile }

/** `file`: with what is news about it alone; `before`: as it was. */
export type Requoted = { file: CheckedFile; before: CheckedFile }

export type RequoteEdges = {
  tree: Tree
  push: Changes
  /** With what they quote in the tree that is given. */
  judge: (files: readonly FileOfTree[], tree: Tree) => Promise<{ files: CheckedFile[]; notes: Note[] }>
}

/** So many are judged both ways before the next ones are, so that what was judged before time is over counts. */
const AT_ONCE = 20

/** Of the files those that quote what the push changes, by their paths: judged twice, as they are now and as they were. */
export async function findRequoted(
  unchanged: readonly Unchanged[],
  { tree, push, judge }: RequoteEdges,
): Promise<{ requoted: Map<string, Requoted>; notes: Note[] }> {
  const quoting = unchanged.filter(({ file }) => quotedBy(file).some(path => push.isTouched(path)))
  const requoted = new Map<string, Requoted>()
  const notes: Note[] = []
  const treeBefore = asBefore(tree, push)
  for (let from = 0; from < quoting.length; from += AT_ONCE) {
    const lot = quoting.slice(from, from + AT_ONCE)
    const [now, then] = [await judge(lot, tree), await judge(lot, treeBefore)]
    const before = new Map(then.files.map(file => [file.path, file]))
    for (const file of now.files) {
      const old = before.get(file.path)
      // Not judged in time: of what is found now nobody knows whether it is news.
      if (old === undefined) continue
      requoted.set(file.path, { file: { ...file, diagnostics: newsIn(file, old) }, before: old })
    }
    const told = new Set(then.notes.map(keyOfNote))
    notes.push(...now.notes.filter(note => !told.has(keyOfNote(note))))
    const rest = quoting.length - from - lot.length
    if (before.size === lot.length || rest === 0) continue
    notes.push({
      text: `out of time: ${count(rest, 'more catalog file')} that quote what was changed were not checked`,
    })
    break
  }
  return { requoted, notes }
}

export const quotedBy = ({ entities }: CheckedFile): string[] =>
  entities.flatMap(({ quotes }) => quotes.flatMap(({ file, isOwn }) => (file === undefined || isOwn ? [] : [file])))

/** What is found now and was not: in a quoted file, or in an entity that was right. What else was wrong with one that was wrong came to light now, and is old. */
function newsIn(now: CheckedFile, before: CheckedFile): Diagnostic[] {
  const known = new Set(before.diagnostics.map(keyOf))
  const wrong = new Set(
    before.diagnostics.flatMap(({ severity, document }) => (severity === 'error' ? [document] : [])),
  )
  return now.diagnostics.filter(
    one =>
      !known.has(keyOf(one)) && (one.finding?.quoted !== undefined || isOfContent(one) || !wrong.has(one.document)),
  )
}

/** What cannot be read at all is told where it is quoted. */
const isOfContent = ({ code }: Diagnostic) => code === 'placeholder-content'

const keyOf = ({ code, document, line, column, message }: Diagnostic) =>
  JSON.stringify([code, document, line, column, message])
const keyOfNote = ({ path, text }: Note) => JSON.stringify([path, text])
