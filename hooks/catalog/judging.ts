// Judges files by what they hold, and by what those hold that they quote; each once, and as far as there is time.
import { count } from '../../schemas/count.ts'
import { printable } from '../../schemas/printable.ts'
import type { Note } from '../diagnostics/note.ts'
import { quoted as inQuotes } from '../diagnostics/wording.ts'
import { type CheckedFile, checkFile, type Rules } from './file.ts'
import { isLfsPointer, type Quoted, type QuotedFiles, type QuotedReader, type Want } from './quoted.ts'
import type { Tree } from './tree.ts'

/** What our own work may take. It cannot be interrupted by a timer: hence `run`, which may stop it from outside. */
export type Budget = {
  isOver: () => boolean
  /** `share`: for that part of all the time at the most. What the work had put into its caller's hands before it was stopped is there. */
  run: (work: () => void, share?: number) => 'done' | 'out of time'
}

export type FileOfTree = { path: string; bytes: Uint8Array }

/** Files with their contents, judged as far as there was time: `late` are those that were not. */
export type JudgedFiles = { files: CheckedFile[]; notes: Note[]; late: readonly string[] }

/** `first`: what takes long gets another turn. `alone`: without what the files quote, which is not read then. */
type Turn = 'first' | 'last' | 'alone'
export type Judge = (files: readonly FileOfTree[], tree: Pick<Tree, 'read'>, turn?: Turn) => Promise<JudgedFiles>

/**
 * Of all the time: 50 ms and 1 s of 2.5. A file may be made so that it takes whatever it is given: it costs itself, and not the others. A usual one takes
 * 1 ms.
 */
const SHARES: Record<Turn, number> = { first: 0.02, last: 0.4, alone: 0.4 }

const NOTHING: QuotedFiles = new Map()

type Judged = { file: CheckedFile; notes: Note[] }
/** What is known of a file with these bytes: by itself, and by what it quotes, which another tree may hold otherwise. */
type Known = { alone: Judged; quoting: { quoted: QuotedFiles; judged: Judged }[] }

/** The same bytes at the same path are one checked file, as long as what it quotes is the same. */
export function openJudge(rules: Rules, budget: Budget, readQuoted: QuotedReader): Judge {
  const known = new WeakMap<Uint8Array, Map<string, Known>>()
  const knownOf = ({ path, bytes }: FileOfTree) => known.get(bytes)?.get(path)
  const judgeAlone = (one: FileOfTree): Judged => {
    const before = knownOf(one)
    if (before !== undefined) return before.alone
    const alone = judgeFile(one, rules)
    known.set(one.bytes, (known.get(one.bytes) ?? new Map()).set(one.path, { alone, quoting: [] }))
    return alone
  }
  /** What a file was given in vain. */
  const tried = new WeakMap<Uint8Array, number>()
  /** As far as there is time; what was judged before costs none. */
  const inTime = (
    files: readonly FileOfTree[],
    turn: Turn,
    isKnown: boolean,
    judgeOne: (one: FileOfTree) => Judged,
  ) => {
    const judged = new Map<FileOfTree, Judged>()
    const share = SHARES[turn]
    let at = 0
    const work = () => {
      for (; at < files.length; at++) {
        const one = files[at]
        if (one !== undefined && (tried.get(one.bytes) ?? 0) < share) judged.set(one, judgeOne(one))
      }
    }
    if (isKnown) work()
    else
      while (at < files.length && !budget.isOver() && budget.run(work, share) === 'out of time') {
        const stopped = files[at++]
        if (stopped !== undefined) tried.set(stopped.bytes, share)
      }
    return judged
  }
  return async (files, tree, turn = 'first') => {
    const isKnown = files.every(one => knownOf(one) !== undefined)
    const alone = inTime(files, turn, isKnown, judgeAlone)
    const late = files.flatMap(one => (alone.has(one) ? [] : [one.path]))
    const wanted = turn === 'alone' ? new Map() : wantedBy([...alone.values()])
    const quoted = wanted.size === 0 ? NOTHING : await readQuoted(wanted, tree)
    if (quoted.size === 0) return joined([...alone.values()], late)
    const quoting = files.filter(one => quotedFilesOf(alone.get(one)).length > 0)
    const again = inTime(quoting, 'last', false, one => {
      const before = knownOf(one)?.quoting.find(row => isSame(row.quoted, quoted))
      if (before !== undefined) return before.judged
      const own = new Map([...quoted].filter(([path]) => quotedFilesOf(knownOf(one)?.alone).includes(path)))
      const judged = judgeFile(one, rules, own)
      knownOf(one)?.quoting.push({ quoted: own, judged })
      return judged
    })
    const all = [...alone].map(([one, judged]) => again.get(one) ?? judged)
    const notes = quoting.flatMap(one =>
      again.has(one) ? [] : [{ path: one.path, text: 'was not checked as a whole: out of time' }],
    )
    return joined(all, late, notes)
  }
}

const joined = (judged: readonly Judged[], late: readonly string[], more: readonly Note[] = []): JudgedFiles => ({
  files: judged.map(({ file }) => file),
  notes: [...judged.flatMap(({ notes }) => notes), ...more],
  late,
})

const quotesOf = (judged: Judged | undefined) => judged?.file.entities.flatMap(({ quotes }) => quotes) ?? []
const quotedFilesOf = (judged: Judged | undefined) =>
  quotesOf(judged).flatMap(({ file, isOwn }) => (file === undefined || isOwn ? [] : [file]))

const WANTS: Record<string, Want> = { $yaml: 'all', $json: 'all', $openapi: 'refs', $asyncapi: 'refs' }
const ORDER: readonly (Want | undefined)[] = [undefined, 'beginning', 'refs', 'all']

function wantedBy(judged: readonly Judged[]): Map<string, Want> {
  const wanted = new Map<string, Want>()
  for (const { file, path, isOwn } of judged.flatMap(quotesOf)) {
    if (file === undefined || isOwn) continue
    const want = WANTS[String(path.at(-1))] ?? 'beginning'
    if (ORDER.indexOf(want) > ORDER.indexOf(wanted.get(file))) wanted.set(file, want)
  }
  return wanted
}

/** Whether `quoted` says the same of each file that `before` speaks of. */
function isSame(before: QuotedFiles, quoted: QuotedFiles): boolean {
  const textOf = (one: Quoted | undefined) =>
    one?.result === 'text' ? `${one.text}\0${one.refs?.join('\0')}` : undefined
  return [...before].every(([path, one]) => {
    const now = quoted.get(path)
    return now?.result === one.result && textOf(now) === textOf(one)
  })
}

function judgeFile({ path, bytes }: FileOfTree, rules: Rules, quoted?: QuotedFiles): Judged {
  try {
    const file = checkFile(path, bytes, rules, quoted)
    return { file, notes: [...passedOver(file, bytes), ...unreadIn(file, quoted)] }
  } catch (error) {
    const nothing: CheckedFile = { path, text: '', documents: [], diagnostics: [], entities: [] }
    return { file: nothing, notes: [faultOfOurs(path, error)] }
  }
}

/** A file of which nothing, or not all, was checked for what it holds. */
function passedOver({ path, documents, hole, isFollowed }: CheckedFile, bytes: Uint8Array): Note[] {
  if (isFollowed && isLfsPointer(bytes)) return [{ path, text: 'is a Git LFS pointer; it was not checked' }]
  if (documents.every(({ status }) => status === 'empty')) return [{ path, text: 'has no entity in it' }]
  if (hole === undefined) return []
  const templated = documents.filter(({ status }) => status === 'templated').length
  const part = templated === documents.length ? '' : ` as a whole, ${count(templated, 'document')} of it`
  return [{ path, text: `was not checked${part}: a template, by ${inQuotes(hole.text, 60)} in line ${hole.line}` }]
}

/** What stands for a structure and could not be read leaves something unchecked; a text leaves nothing that matters. */
function unreadIn({ path, entities, documents }: CheckedFile, quoted: QuotedFiles = NOTHING): Note[] {
  const judged = entities.filter(({ document }) => documents[document]?.status !== 'rejected')
  return judged.flatMap(({ quotes }) =>
    quotes.flatMap(quote => {
      if (WANTS[String(quote.path.at(-1))] !== 'all') return []
      const held = quote.file === undefined ? NOT_HERE : quoted.get(quote.file)
      const why = held?.result === 'unknown' ? held.reason : held?.result === 'folder' ? 'is a folder' : undefined
      if (why === undefined) return []
      return [{ path, text: `was not checked as a whole: ${printable(quote.target)} ${why}` }]
    }),
  )
}

const NOT_HERE: Quoted = { result: 'unknown', reason: 'is not read here' }

export function faultOfOurs(path: string, error: unknown): Note {
  const reason = error instanceof Error ? error.message : String(error)
  return { path, text: `was not checked: an internal error (${printable(reason).slice(0, 200)})` }
}
