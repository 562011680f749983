// Refs of a bare repository, read as git keeps them: to start git for one costs as much as all the rest of an answer.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** The object that a ref names, by its full name; undefined when there is none. */
export async function refId(repository: string, ref: string): Promise<string | undefined> {
  if (ref !== 'HEAD' && (!ref.startsWith('refs/') || ref.split('/').some(part => ['', '.', '..'].includes(part))))
    return undefined
  const loose = (await readOrNothing(join(repository, ref))).trim()
  if (ID.test(loose)) return loose
  if (loose.startsWith('ref: ')) return refId(repository, loose.slice('ref: '.length))
  return (await packed(repository)).get(ref)
}

/** What HEAD says, read as git writes it: to start git for it costs as much as a commit. */
export async function head(directory: string): Promise<{ branch?: string; id?: string }> {
  const text = (await readFile(join(directory, 'HEAD'), 'utf8')).trim()
  const branch = /^ref: refs\/heads\/(.+)$/.exec(text)?.[1]
  return branch === undefined ? { id: text } : { branch }
}

/** Whether there is no ref at all. */
export async function hasNoRefs(repository: string): Promise<boolean> {
  if ((await packed(repository)).size > 0) return false
  const entries = await readdir(join(repository, 'refs'), { recursive: true, withFileTypes: true })
  return !entries.some(entry => entry.isFile() && !entry.name.endsWith('.lock'))
}

async function packed(repository: string): Promise<Map<string, string>> {
  const lines = (await readOrNothing(join(repository, 'packed-refs'))).split('\n')
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const [id = '', ref] = line.split(' ')
      return ref !== undefined && ID.test(id) ? [[ref, id]] : []
    }),
  )
}

/** No file, and a folder in its place, say nothing. */
async function readOrNothing(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'].includes(String(code))) return ''
    throw error
  }
}
