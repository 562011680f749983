// Objects of a SHA-1 repository, read and written as git keeps them: to start git for one costs a hundred times as much.
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag'
export type GitObject = { type: ObjectType; bytes: Buffer }
export type TreeLine = { mode: string; name: string; id: string }

const SHA1 = /^[0-9a-f]{40}$/
const isType = (text: string): text is ObjectType => ['blob', 'tree', 'commit', 'tag'].includes(text)
const fileOf = (objects: string, id: string) => join(objects, id.slice(0, 2), id.slice(2))

/** From the folder `objects`; undefined where it is not there by itself: in a pack, in another repository, or nowhere. */
export function readObject(objects: string, id: string): GitObject | undefined {
  if (!SHA1.test(id) || !existsSync(fileOf(objects, id))) return undefined
  const whole = inflateSync(readFileSync(fileOf(objects, id)))
  const end = whole.indexOf(0)
  const type = whole.toString('latin1', 0, whole.indexOf(' '))
  if (!isType(type)) throw new Error(`${id} is no object that git writes: ${type}`)
  return { type, bytes: whole.subarray(end + 1) }
}

/** What an object leads to, as `ID^{commit}` and `ID^{tree}`; undefined where that is not to be seen here. */
export function peeled(objects: string, id: string, to: 'commit' | 'tree'): string | undefined {
  const found = readObject(objects, id)
  if (found === undefined || found.type === to) return found && id
  const next = { tag: 'object', commit: 'tree', tree: '', blob: '' }[found.type]
  const line = new RegExp(`^${next} ([0-9a-f]+)$`, 'm').exec(found.bytes.toString('latin1'))
  return line?.[1] === undefined || (to === 'commit' && next === 'tree') ? undefined : peeled(objects, line[1], to)
}

/** In git's order. */
export function treeLines({ bytes }: GitObject): TreeLine[] {
  const lines: TreeLine[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at)
    const [mode = '', ...name] = bytes.toString('utf8', at, end).split(' ')
    lines.push({ mode, name: name.join(' '), id: bytes.toString('hex', end + 1, end + 21) })
    at = end + 21
  }
  return lines
}

/** Gives its id. */
export function writeObject(objects: string, type: ObjectType, content: string | Uint8Array): string {
  const bytes = Buffer.from(content)
  const whole = Buffer.concat([Buffer.from(`${type} ${bytes.length}\0`), bytes])
  const id = createHash('sha1').update(whole).digest('hex')
  const file = fileOf(objects, id)
  if (existsSync(file)) return id
  mkdirSync(join(objects, id.slice(0, 2)), { recursive: true })
  const aside = `${file}-${Math.random().toString(36).slice(2)}`
  writeFileSync(aside, deflateSync(whole, { level: 1 }), { mode: 0o444 })
  renameSync(aside, file)
  return id
}

export function writeTree(objects: string, lines: readonly TreeLine[]): string {
  // As git does it: by bytes, a folder as if its name ended with a slash.
  const key = ({ mode, name }: TreeLine) => Buffer.from(mode === '40000' ? `${name}/` : name)
  const sorted = lines.toSorted((a, b) => key(a).compare(key(b)))
  const parts = sorted.flatMap(({ mode, name, id }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')])
  return writeObject(objects, 'tree', Buffer.concat(parts))
}

/** What git asks more about than their bytes, or does not take at all. */
const SPECIAL = new Set(['.git', '.gitattributes', '.gitignore', '.gitmodules'])
/** So many files git knows better: it does not read again what has not changed. */
const MANY_FILES = 200
const MANY_BYTES = 2_000_000

/** The tree of all that is in a working copy, as `git add --all` and `git write-tree` make it; undefined where that is git's to say. */
export function treeOfFolder(objects: string, root: string): string | undefined {
  let files = 0
  let total = 0
  const treeOf = (folder: string): string | undefined => {
    const lines: TreeLine[] = []
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const { name } = entry
      if (folder === root && name === '.git') continue
      if (SPECIAL.has(name.toLowerCase()) || name.includes('\ufffd') || ++files > MANY_FILES) return undefined
      const path = join(folder, name)
      if (entry.isDirectory()) {
        const id = treeOf(path)
        if (id === undefined) return undefined
        if (id !== EMPTY_TREE) lines.push({ mode: '40000', name, id })
        continue
      }
      if (!entry.isFile() && !entry.isSymbolicLink()) return undefined
      const { mode, size } = lstatSync(path)
      total += size
      if (total > MANY_BYTES) return undefined
      lines.push(
        entry.isSymbolicLink()
          ? { mode: '120000', name, id: writeObject(objects, 'blob', readlinkSync(path, 'buffer')) }
          : { mode: mode & 0o100 ? '100755' : '100644', name, id: writeObject(objects, 'blob', readFileSync(path)) },
      )
    }
    return writeTree(objects, lines)
  }
  return treeOf(root)
}

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

/** `author` and `committer` with their dates, as they stand in a commit: `Mona <mona@example.com> 1790000000 +0000`. */
export function writeCommit(
  objects: string,
  commit: { tree: string; parents: readonly string[]; author: string; committer: string; message: string },
): string {
  const { tree, parents, author, committer, message } = commit
  const head = [`tree ${tree}`, ...parents.map(id => `parent ${id}`), `author ${author}`, `committer ${committer}`]
  return writeObject(objects, 'commit', `${head.join('\n')}\n\n${message}`)
}
