// Compares pushed commits where the prelude did not: of a push with many refs, or with more than git could tell at once.
import type { Deadline } from '../config/deadline.ts'
import { type ChangedFile, readRawLine } from './changes.ts'
import { type GitEnd, run } from './run-git.ts'

/** What a commit changes. `before` left out: it is new as a whole. */
export type Pair = { before?: string; after: string }

export type Comparing = {
  /** For each pair the changed files that the pathspecs name. */
  compare: (pairs: readonly Pair[], pathspecs: readonly string[], deadline: Deadline) => Promise<Compared[]>
  /** The same for files of these names at the top of the tree and in the folders there, however much lies below. */
  compareTop: (pair: Pair, baseNames: readonly string[], deadline: Deadline) => Promise<Compared>
  /** For each commit its merge base with the tip, null where they have none; left out where git could not tell, or there was no time. */
  mergeBases: (
    tip: string,
    commits: readonly string[],
    deadline: Deadline,
  ) => Promise<ReadonlyMap<string, string | null>>
  /** The commit of the default branch before the push; undefined where there is none. */
  defaultTip: (deadline: Deadline) => Promise<string | undefined>
}

/** `isWhole`: not only the first of very many. Undefined where git could not tell, or there was no time. */
export type Compared = { files: ChangedFile[]; isWhole: boolean } | undefined

const DIFF_TREE = ['diff-tree', '--no-renames', '--raw', '--full-index']

/** More of one call are not held in memory: some 15 MB. */
const MAX_CHANGES = 50_000
/** A commit that git cannot read ends it; it is asked for those after it, so often. */
const MAX_STARTS = 4
/** Arguments of one call. */
const MAX_COMMITS = 500
const MAX_TOP_FOLDERS = 500

const emptyTree = (id: string) =>
  id.length === 64
    ? '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321'
    : '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

export function comparingIn(env: NodeJS.ProcessEnv): Comparing {
  const compareOne = async ({ before, after }: Pair, options: readonly string[], deadline: Deadline) => {
    const from = before ?? emptyTree(after)
    const { lines, end, isCut } = await readLines(env, deadline, [...DIFF_TREE, from, after, ...options])
    return end === 0 || isCut ? { lines, isWhole: !isCut } : undefined
  }
  return {
    async compare(pairs, pathspecs, deadline) {
      const compared: Compared[] = pairs.map(() => undefined)
      for (const [i, pair] of pairs.entries()) {
        if (pair.before !== undefined) continue
        compared[i] = filesIn(await compareOne(pair, ['-r', '--', ...pathspecs], deadline))
      }
      let next = 0
      for (let starts = 0; starts < MAX_STARTS && next < pairs.length && !deadline.isOver(); starts++)
        next = await compareFrom(next, pairs, compared)
      return compared

      async function compareFrom(first: number, all: readonly Pair[], into: Compared[]): Promise<number> {
        // A line that begins with no id is repeated by git: so each diff says which it is.
        const input = all.flatMap(({ before, after }, i) =>
          i < first || before === undefined ? [] : [`at ${i}`, `${after} ${before}`],
        )
        let at = all.length
        let files: ChangedFile[] | undefined
        const args = [...DIFF_TREE, '-r', '--stdin', '--always', '--', ...pathspecs]
        const { end, isCut } = await readLines(env, deadline, args, input, line => {
          if (line.startsWith('at ')) {
            if (files) into[at] = { files, isWhole: true }
            at = Number(line.slice('at '.length))
            files = undefined
          } else if (line === all[at]?.after) files = []
          else {
            const change = readRawLine(line)
            if (change) files?.push(change)
          }
        })
        if ((end === 0 || isCut) && files) into[at] = { files, isWhole: !isCut }
        return end === 0 ? all.length : at + 1
      }
    },
    async compareTop(pair, baseNames, deadline) {
      const top = await compareOne(pair, [], deadline)
      const folders = (top?.lines ?? [])
        .filter(line => /^:\d+ 040000 /.test(line))
        .flatMap(line => readRawLine(line)?.path ?? [])
        .filter(folder => folder.isWellFormed()) // arguments are UTF-8
      const paths = ['', ...folders.slice(0, MAX_TOP_FOLDERS).map(folder => `${folder}/`)].flatMap(folder =>
        baseNames.map(name => `:(top,literal)${folder}${name}`),
      )
      return filesIn(await compareOne(pair, ['-r', '--', ...paths], deadline))
    },
    async mergeBases(tip, commits, deadline) {
      const bases = new Map<string, string | null>()
      for (let from = 0; from < commits.length && !deadline.isOver(); from += MAX_COMMITS) {
        const lot = commits.slice(from, from + MAX_COMMITS)
        const { lines, end } = await readLines(env, deadline, ['rev-parse', ...lot.map(commit => `${tip}...${commit}`)])
        for (const [i, line] of lines.entries()) {
          // "A...B" is answered by B, A, and ^BASE for each of their merge bases.
          if (line.startsWith('^') || lines[i + 1] !== tip) continue
          const base = lines[i + 2]
          // At the end of an answer that broke off, nothing is known of the last one.
          if (base?.startsWith('^')) bases.set(line, base.slice(1))
          else if (base !== undefined || end === 0) bases.set(line, null)
        }
      }
      return bases
    },
    async defaultTip(deadline) {
      const { lines, end } = await readLines(env, deadline, ['rev-parse', '-q', '--verify', 'HEAD^{commit}'])
      return end === 0 ? lines[0] : undefined
    },
  }
}

/** Symbolic links of a commit that the pathspecs name; undefined where git could not tell. */
export async function linksIn(
  env: NodeJS.ProcessEnv,
  commit: string,
  pathspecs: readonly string[],
  deadline: Deadline,
): Promise<string[] | undefined> {
  const args = [...DIFF_TREE, '-r', emptyTree(commit), commit, '--', ...pathspecs]
  const { lines, end } = await readLines(env, deadline, args)
  const links = lines.filter(line => line.startsWith(':000000 12')).flatMap(line => readRawLine(line)?.path ?? [])
  return end === 0 ? links : undefined
}

const filesIn = (read: { lines: string[]; isWhole: boolean } | undefined): Compared =>
  read && { files: read.lines.flatMap(line => readRawLine(line) ?? []), isWhole: read.isWhole }

/** What git writes, line by line, or as lines. Paths in them are in git's quotes, so they are of ASCII. */
async function readLines(
  env: NodeJS.ProcessEnv,
  deadline: Deadline,
  args: readonly string[],
  input: readonly string[] = [],
  onLine?: (line: string) => void,
): Promise<{ lines: string[]; end: GitEnd; isCut: boolean }> {
  const lines: string[] = []
  const take = onLine ?? (line => void lines.push(line))
  let count = 0
  let rest = ''
  const onData = (chunk: Uint8Array, stop: () => void) => {
    const parts = (rest + Buffer.from(chunk).toString('latin1')).split('\n')
    rest = parts.pop() ?? ''
    count += parts.length
    if (count > MAX_CHANGES) stop()
    if (count - parts.length <= MAX_CHANGES) for (const part of parts) take(part)
  }
  const end = await run(env, args, input, deadline, onData, true)
  return { lines, end, isCut: count > MAX_CHANGES }
}
