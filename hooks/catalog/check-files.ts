// Checks files of a tree: the hook by git, `check` on the disk, the survey by the API. Each brings its tree, and adds nothing to what is checked.
//
// A fault of ours in one file costs that file alone, and is named; so is everything else that could not be looked at.

import { count } from '../../schemas/count.ts'
import type { CatalogNames } from '../config/catalog-names.ts'
import type { Note } from '../diagnostics/note.ts'
import type { Changes } from './changes.ts'
import type { OwnerHere } from './checks/owner.ts'
import { asWarnings, type CheckedFile, type Rules } from './file.ts'
import { type Budget, type FileOfTree, faultOfOurs, type Judge, type JudgedFiles, openJudge } from './judging.ts'
import { type Follow, followLocations, namedByLocations, nobody } from './locations.ts'
import { findMissing } from './missing.ts'
import { ownerHere, readCodeowners } from './owners.ts'
import { openQuotedReader, type QuotedReader } from './quoted.ts'
import type { Tree } from './tree.ts'
import { findInTree } from './tree-findings.ts'

/** As long as it takes. */
export const unbounded: Budget = {
  isOver: () => false,
  run: work => {
    work()
    return 'done'
  },
}

export type CheckRequest = {
  tree: Tree
  /** Files to check, the most important first. */
  paths: readonly string[]
  /** Whether files that a Location names are checked, too. */
  followLocations: boolean
  /** Left out where there is none: everything is news then. */
  push?: Changes
}

export type { Budget } from './judging.ts'

export type Checked = { files: CheckedFile[]; notes: Note[] }

export type Checker = {
  /** By the contents of the files, and of those that they name. */
  check: (request: CheckRequest) => Promise<Checked>
  /** What is doubtful, and only the tree can tell. It may cost a question to the tree. */
  checkInTree: (files: readonly CheckedFile[], tree: Tree) => Promise<Checked>
}

/** Files are read in lots, so that not all of them are held at once. */
const FILES_AT_ONCE = 100

/** Remembers what it has checked: the same bytes at the same path, in two trees, are one checked file. */
export function openChecker(rules: Rules, names: CatalogNames, budget: Budget = unbounded): Checker {
  const readQuoted = openQuotedReader(rules.repository)
  const judge = openJudge(rules, budget, readQuoted)
  const judgeFollowed = openJudge({ ...rules, isFollowed: true }, budget, readQuoted)
  const addOwners = openOwners(rules, budget, readQuoted)
  const inTree = new WeakMap<Tree, Map<CheckedFile, CheckedFile>>()
  return {
    async check({ tree, paths, followLocations: follows, push }) {
      const checked: JudgedFiles = await readAndJudge(paths, tree, judge, budget)
      const { notes, late } = checked
      const follow = {
        tree,
        names,
        ...(push === undefined ? {} : { push }),
        judge: (lot: readonly FileOfTree[], isAlone: boolean) => judgeFollowed(lot, tree, isAlone ? 'alone' : 'last'),
        judgeIn: async (lot: readonly FileOfTree[], of: Tree) => {
          const { late, ...judged } = await judgeFollowed(lot, of, 'last')
          return addOwners({ ...judged, notes: [...judged.notes, ...late.map(tooLate)] }, of)
        },
      }
      const files = await withNamed(checked.files, follow, lot => readAndJudge(lot, tree, judgeFollowed, budget))
      if (late.length > 0)
        notes.push({ path: late[0] ?? '', text: `${andMore(late.length - 1)} not checked: out of time` })
      if (late.length > 0 && budget.isOver()) return addOwners({ files, notes }, tree)
      const followed = follows ? await followLocations({ ...follow, checked: files }) : nobody()
      if (!followed.isWhole)
        followed.notes.push({ text: 'out of time: not every file that a Location names was checked' })
      const owned = await addOwners(
        { files: [...files, ...followed.files], notes: [...notes, ...followed.notes] },
        tree,
      )
      // The hook that only notifies judges nothing.
      if (rules.profile.kinds.length === 0) return owned
      const { presence, searches, sources, untouched } = followed
      const judged = owned.files.map(file => (untouched.has(file.path) ? asWarnings(file) : file))
      const missing = await findMissing({ files: judged, sources }, { tree, rules, presence, searches, push })
      return { files: missing.files, notes: [...owned.notes, ...missing.notes] }
    },
    async checkInTree(files, tree) {
      const known = inTree.get(tree) ?? new Map<CheckedFile, CheckedFile>()
      inTree.set(tree, known)
      const notes: Note[] = []
      if (files.some(file => !known.has(file))) {
        const found = await findInTree(files, tree, rules)
        for (const [i, file] of files.entries()) if (!known.has(file)) known.set(file, found.files[i] ?? file)
        notes.push(...found.faults.map(({ path, error }) => faultOfOurs(path, error)))
      }
      return { files: files.map(file => known.get(file) ?? file), notes }
    },
  }
}

const tooLate = (path: string): Note => ({ path, text: 'was not checked: out of time' })
const andMore = (more: number) => (more === 0 ? 'was' : `and ${count(more, 'more file')} were`)

/** The files; those that catalog.rules refuse for their place alone are judged anew where a Location names them: then that one's place counts. */
async function withNamed(
  files: CheckedFile[],
  follow: Omit<Follow, 'checked'>,
  judgeAnew: (paths: readonly string[]) => Promise<JudgedFiles>,
): Promise<CheckedFile[]> {
  const outOfPlace = files.flatMap(({ path, isOutOfPlace }) => (isOutOfPlace ? [path] : []))
  if (outOfPlace.length === 0) return files
  const named = await namedByLocations(outOfPlace, { ...follow, checked: files })
  const anew = new Map((await judgeAnew([...named])).files.map(file => [file.path, file]))
  return files.map(file => anew.get(file.path) ?? file)
}

/** Judges files that leave an owner out anew, with what CODEOWNERS of their tree says; the same file in the same tree is one. */
function openOwners(
  rules: Rules,
  budget: Budget,
  readQuoted: QuotedReader,
): (checked: Checked, tree: Tree) => Promise<Checked> {
  const codeowners = new WeakMap<Tree, ReturnType<typeof readCodeowners>>()
  const anew = new WeakMap<CheckedFile, Map<string, JudgedFiles>>()
  return async ({ files, notes }, tree) => {
    if (!files.some(({ ownerless }) => ownerless)) return { files, notes }
    const read = codeowners.get(tree) ?? readCodeowners(tree, rules.repository)
    codeowners.set(tree, read)
    const said = await read
    const owners = new Map<CheckedFile, OwnerHere>()
    // CODEOWNERS of many lines, for many files, is work of a pusher's choice.
    budget.run(() => {
      for (const file of files) if (file.ownerless) owners.set(file, ownerHere(said, rules.repository, file.path))
    })
    const judgeAnew = async (file: CheckedFile): Promise<JudgedFiles> => {
      if (file.ownerless === undefined) return { files: [file], notes: [], late: [] }
      const { path, ownerless: bytes, isFollowed } = file
      const owner = owners.get(file)
      if (owner === undefined) return { files: [], notes: [], late: [path] }
      const known = anew.get(file) ?? new Map<string, JudgedFiles>()
      const key = JSON.stringify(owner)
      const judge = openJudge({ ...rules, owner, ...(isFollowed ? { isFollowed } : {}) }, budget, readQuoted)
      const found = known.get(key) ?? (await judge([{ path, bytes }], tree, 'last'))
      anew.set(file, known.set(key, found))
      return found
    }
    const judged: JudgedFiles[] = []
    for (const file of files) judged.push(await judgeAnew(file))
    const late = judged.flatMap(one => one.late.map(tooLate))
    return { files: judged.flatMap(one => one.files), notes: [...notes, ...judged.flatMap(one => one.notes), ...late] }
  }
}

/** Everything about the files, at once. */
export async function checkFiles(request: CheckRequest, rules: Rules, names: CatalogNames): Promise<Checked> {
  const checker = openChecker(rules, names)
  const checked = await checker.check(request)
  const { files, notes } = await checker.checkInTree(checked.files, request.tree)
  return { files, notes: [...checked.notes, ...notes] }
}

/** What takes long comes last. */
async function readAndJudge(
  paths: readonly string[],
  tree: Tree,
  judge: Judge,
  { isOver }: Budget,
): Promise<JudgedFiles> {
  const first = await judgeInLots(paths, tree, judge, 'first')
  if (first.late.length === 0 || isOver()) return first
  const { files, notes, late } = await judgeInLots(first.late, tree, judge, 'last')
  return { files: [...first.files, ...files], notes: [...first.notes, ...notes], late }
}

async function judgeInLots(
  paths: readonly string[],
  tree: Tree,
  judge: Judge,
  turn: 'first' | 'last',
): Promise<JudgedFiles> {
  const files: CheckedFile[] = []
  const notes: Note[] = []
  const late: string[] = []
  for (let from = 0; from < paths.length; from += FILES_AT_ONCE) {
    const lot = paths.slice(from, from + FILES_AT_ONCE)
    const contents = await tree.read(lot)
    const readable = lot.flatMap(path => {
      const content = contents.get(path)
      if (content === undefined) late.push(path)
      else if (content.result === 'unknown') notes.push({ path, text: content.reason })
      else if (content.result !== 'bytes') notes.push({ path, text: 'is not there; it was not checked' })
      else return [{ path, bytes: content.bytes }]
      return []
    })
    const judged = await judge(readable, tree, turn)
    files.push(...judged.files)
    notes.push(...judged.notes)
    late.push(...judged.late)
  }
  return { files, notes, late }
}
