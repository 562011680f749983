// What git makes alike each time, as an empty repository or its first commit: made once, and from then on written from memory, a tenth of the work.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Of one folder; folders before what is in them, a folder has no bytes. */
type Image = readonly { path: string; mode: number; bytes?: Buffer }[]

const made = new Map<string, { result: unknown; images: readonly Image[] }>()

/**
 * Leaves these folders as `make` leaves them, and gives its result: `make` is asked once for each key, which says all that it depends on.
 * `except` is a file in them that is left as it is.
 */
export async function madeOnce<Result>(
  key: readonly unknown[],
  folders: readonly string[],
  make: () => Promise<Result>,
  except?: string,
): Promise<Result> {
  const text = JSON.stringify(key)
  const known = made.get(text)
  if (known !== undefined) {
    for (const [i, image] of known.images.entries()) writeImage(folders[i] ?? '', image)
    return known.result as Result // what this key's make gave
  }
  const result = await make()
  made.set(text, { result, images: folders.map(folder => imageOf(folder).filter(({ path }) => path !== except)) })
  return result
}

const imageOf = (folder: string): Image =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).map(entry => {
    const file = join(entry.parentPath, entry.name)
    const image = { path: relative(folder, file), mode: statSync(file).mode & 0o777 }
    return entry.isDirectory() ? image : { ...image, bytes: readFileSync(file) }
  })

function writeImage(folder: string, image: Image): void {
  mkdirSync(folder, { recursive: true })
  for (const { path, mode, bytes } of image) {
    const file = join(folder, path)
    if (bytes === undefined) mkdirSync(file, { recursive: true })
    else writeFileSync(file, bytes, { mode })
  }
}
