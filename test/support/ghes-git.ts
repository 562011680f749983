// What the stand-in GHES reads from a bare repository: git's plumbing as values.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runGit } from './git.ts'
import { peeled, readObject, treeLines } from './git-objects.ts'
import { refId } from './git-refs.ts'

export type Commit = {
  id: string
  tree: string
  parents: string[]
  name: string
  email: string
  date: string
  message: string
}
export type TreeEntry = {
  path: string
  mode: string
  type: 'blob' | 'tree' | 'commit'
  id: string
  size: number | undefined
}
export type ChangedFile = {
  path: string
  status: 'added' | 'removed' | 'modified' | 'renamed'
  id: string
  previous: string | undefined
}
export type Comparison = {
  mergeBase: string
  aheadBy: number
  behindBy: number
  commits: string[]
  files: ChangedFile[]
}

const objectsOf = (repository: string) => join(repository, 'objects')

/** What git has said about an object. It says the same for ever, and to start git takes longer than all the rest of an answer. */
const said = new Map<string, ReturnType<typeof runGit>>()

/** Names an object by its whole id: then the answer can be kept. A branch moves. */
const isOfObject = ([command = '', ...args]: readonly string[]) =>
  ['cat-file', 'ls-tree', 'log', 'rev-parse'].includes(command) &&
  args.some(arg => /^(?:[0-9a-f]{40}|[0-9a-f]{64})(?:\^\{(?:commit|tree)\})?$/.test(arg))

function ask(repository: string, args: string[]): ReturnType<typeof runGit> {
  if (!isOfObject(args)) return runGit(repository, args)
  const key = [repository, ...args].join('\0')
  const kept = said.get(key) ?? runGit(repository, args)
  said.set(key, kept)
  // What was not there can come.
  void kept.then(
    run => run.exitCode === 0 || said.delete(key),
    () => said.delete(key),
  )
  return kept
}

/** The output of a git that may find nothing; `undefined` when it ends with another code than 0. */
async function read(repository: string, args: string[]): Promise<Buffer | undefined> {
  const run = await ask(repository, args)
  return run.exitCode === 0 ? run.stdout : undefined
}

async function mustRead(repository: string, args: string[]): Promise<string> {
  const run = await ask(repository, args)
  if (run.exitCode !== 0) throw new Error(`git ${args.join(' ')} ended with ${run.exitCode}: ${run.stderr}`)
  return run.stdout.toString('utf8')
}

/** The branch that HEAD names, also when it has no commit yet. */
export async function defaultBranch(repository: string): Promise<string> {
  const text = await readFile(join(repository, 'HEAD'), 'utf8')
  const branch = /^ref: refs\/heads\/(.+)$/m.exec(text)?.[1]
  if (branch === undefined) throw new Error(`HEAD of ${repository} names no branch: ${text}`)
  return branch
}

/** Kept where git keeps it; git's own placeholder is none. */
export async function description(repository: string): Promise<string | null> {
  const text = await readFile(join(repository, 'description'), 'utf8').catch(() => '')
  return text === '' || text.startsWith('Unnamed repository') ? null : text
}

/** All files of a commit below one folder, as GHES packs them. */
export async function tarball(repository: string, commit: string, folder: string): Promise<Buffer> {
  const run = await runGit(repository, ['archive', '--format=tar.gz', `--prefix=${folder}/`, commit])
  if (run.exitCode !== 0) throw new Error(`git archive ended with ${run.exitCode}: ${run.stderr}`)
  return run.stdout
}

/** A ref by its full name: no prefix match and no search, as in `GET …/git/ref/{ref}`. */
export async function refObject(repository: string, ref: string): Promise<{ id: string; type: string } | undefined> {
  const id = await refId(repository, ref)
  if (id === undefined) return undefined
  if (ref.startsWith('refs/heads/')) return { id, type: 'commit' }
  const type = await typeOf(repository, id)
  if (type === undefined) throw new Error(`${ref} of ${repository} names ${id}, which is not there`)
  return { id, type }
}

/** Undefined where there is no such object. */
export async function typeOf(repository: string, id: string): Promise<string | undefined> {
  const kept = readObject(objectsOf(repository), id)
  return kept?.type ?? (await read(repository, ['cat-file', '-t', id]))?.toString('utf8').trim()
}

/** The commit that a branch, tag or object id names. Without `name`: the default branch's. */
export async function resolveCommit(repository: string, name = 'HEAD'): Promise<string | undefined> {
  if (name === 'HEAD') return refId(repository, 'HEAD')
  for (const candidate of [`refs/heads/${name}`, `refs/tags/${name}`, name]) {
    // Revision syntax (main~3, @{yesterday}) is git's, not GitHub's.
    if (/[~^:@{\s]/.test(candidate)) return undefined
    const id = candidate === name ? name : await refId(repository, candidate)
    if (id === undefined) continue
    if (candidate.startsWith('refs/heads/')) return id
    const found = await peel(repository, id, 'commit')
    if (found !== undefined) return found
  }
  return undefined
}

/** git is asked only where the object does not lie by itself. */
async function peel(repository: string, name: string, to: 'commit' | 'tree'): Promise<string | undefined> {
  const kept = peeled(objectsOf(repository), name, to)
  if (kept !== undefined) return kept
  const found = await read(repository, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{${to}}`])
  return found?.toString('utf8').trim()
}

/** The same as git's own words for it, below. */
function commitOf(id: string, text: string): Commit {
  const [head = '', ...message] = text.split('\n\n')
  const all = (key: string) => [...head.matchAll(new RegExp(`^${key} (.*)$`, 'gm'))].map(([, value = '']) => value)
  const [, name = '', email = '', second, zone = ''] =
    /^(.*) <(.*)> (\d+) ([+-]\d{4})$/.exec(all('author')[0] ?? '') ?? []
  const minutes = Number(`${zone[0]}1`) * (60 * Number(zone.slice(1, 3)) + Number(zone.slice(3)))
  const local = new Date((Number(second) + 60 * minutes) * 1000).toISOString().slice(0, 19)
  const date = `${local}${zone.slice(0, 3)}:${zone.slice(3)}`
  return {
    id,
    tree: all('tree')[0] ?? '',
    parents: all('parent'),
    name,
    email,
    date,
    message: message.join('\n\n').trimEnd(),
  }
}

export async function commit(repository: string, id: string): Promise<Commit> {
  const object = readObject(objectsOf(repository), id)
  if (object?.type === 'commit') return commitOf(id, object.bytes.toString('utf8'))
  const format = '%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%B'
  const text = await mustRead(repository, ['log', '-1', `--format=${format}`, id])
  const [found = '', tree = '', parents = '', name = '', email = '', date = '', message = ''] = text.split('\0')
  return { id: found, tree, parents: parents.split(' ').filter(Boolean), name, email, date, message: message.trimEnd() }
}

/** `undefined` when the two share no history. */
export async function compare(repository: string, base: string, head: string): Promise<Comparison | undefined> {
  const mergeBase = (await read(repository, ['merge-base', base, head]))?.toString('utf8').trim()
  if (!mergeBase) return undefined
  const counts = await mustRead(repository, ['rev-list', '--left-right', '--count', `${base}...${head}`])
  const [behindBy = 0, aheadBy = 0] = counts.trim().split('\t').map(Number)
  const ids = (await mustRead(repository, ['rev-list', '--reverse', `${base}..${head}`])).split('\n').filter(Boolean)
  return { mergeBase, aheadBy, behindBy, commits: ids, files: await changedFiles(repository, mergeBase, head) }
}

async function changedFiles(repository: string, from: string, to: string): Promise<ChangedFile[]> {
  const fields = (await mustRead(repository, ['diff-tree', '-r', '-M', '-z', from, to])).split('\0')
  const files: ChangedFile[] = []
  for (let at = 0; at + 1 < fields.length; ) {
    const [, , , newId = '', status = ''] = (fields[at++] ?? '').split(' ')
    const first = fields[at++] ?? ''
    if (status.startsWith('R')) files.push({ path: fields[at++] ?? '', previous: first, status: 'renamed', id: newId })
    else files.push({ path: first, previous: undefined, status: changeOf(status), id: newId })
  }
  return files
}

const changeOf = (status: string) => (status === 'A' ? 'added' : status === 'D' ? 'removed' : 'modified')

/** One entry by path; `undefined` when there is none. The root is `''`. */
export async function entryAt(repository: string, commitId: string, path: string): Promise<TreeEntry | undefined> {
  if (path === '') {
    const id = await peel(repository, commitId, 'tree')
    if (id === undefined) throw new Error(`${commitId} has no tree in ${repository}`)
    return { path, mode: '040000', type: 'tree', id, size: undefined }
  }
  return (await tree(repository, commitId, { at: path })).find(entry => entry.path === path)
}

export async function tree(
  repository: string,
  treeish: string,
  options: { recursive?: boolean; at?: string } = {},
): Promise<TreeEntry[]> {
  const kept = treeFromObjects(repository, treeish, options)
  if (kept !== undefined) return kept
  const flags = ['-z', '--long', '--full-tree', ...(options.recursive ? ['-r', '-t'] : [])]
  // ls-tree takes its paths to the letter (no pathspec magic), so a path needs no escape here
  const paths = options.at === undefined ? [] : ['--', options.at]
  const text = await mustRead(repository, ['ls-tree', ...flags, treeish, ...paths])
  return text.split('\0').filter(Boolean).map(treeEntry)
}

/** undefined where one of the objects does not lie by itself, or the path is not a plain one. */
function treeFromObjects(
  repository: string,
  treeish: string,
  { recursive = false, at }: { recursive?: boolean; at?: string },
): TreeEntry[] | undefined {
  const objects = objectsOf(repository)
  const entriesOf = (id: string | undefined, folder: string): TreeEntry[] | undefined => {
    const object = id === undefined ? undefined : readObject(objects, id)
    if (object?.type !== 'tree') return undefined
    const all: TreeEntry[] = []
    for (const { mode, name, id } of treeLines(object)) {
      const type = mode === '40000' ? 'tree' : mode === '160000' ? 'commit' : 'blob'
      const blob = type === 'blob' ? readObject(objects, id) : undefined
      const children = type === 'tree' && recursive ? entriesOf(id, `${folder}${name}/`) : []
      if ((type === 'blob' && blob === undefined) || children === undefined) return undefined
      const path = folder + name
      all.push({ path, mode: mode.padStart(6, '0'), type, id, size: blob?.bytes.length }, ...children)
    }
    return all
  }
  const root = peeled(objects, treeish, 'tree')
  if (at === undefined) return entriesOf(root, '')
  const parts = at.split('/')
  if (recursive || parts.some(part => ['', '.', '..'].includes(part))) return undefined
  let entries = entriesOf(root, '')
  for (const i of parts.keys()) {
    const found = entries?.find(({ path }) => path === parts.slice(0, i + 1).join('/'))
    if (entries === undefined || i === parts.length - 1) return entries && (found ? [found] : [])
    if (found?.type !== 'tree') return []
    entries = entriesOf(found.id, `${found.path}/`)
  }
  return undefined
}

function treeEntry(line: string): TreeEntry {
  const tab = line.indexOf('\t')
  const [mode = '', type = '', id = '', size = '-'] = line.slice(0, tab).split(/ +/)
  if (type !== 'blob' && type !== 'tree' && type !== 'commit') throw new Error(`ls-tree printed a ${type}: ${line}`)
  return { path: line.slice(tab + 1), mode, type, id, size: size === '-' ? undefined : Number(size) }
}

export async function blob(repository: string, id: string): Promise<Buffer | undefined> {
  const object = readObject(objectsOf(repository), id)
  if (object?.type === 'blob') return object.bytes
  return read(repository, ['cat-file', 'blob', id])
}

/** The tree that a tree's or commit's id, or a branch, names. */
export async function resolveTree(repository: string, name: string): Promise<string | undefined> {
  const commitId = await resolveCommit(repository, name)
  return peel(repository, commitId ?? name, 'tree')
}
