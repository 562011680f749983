// What esbuild makes of a hook's sources, and V8 of a built hook, kept for all test files: sixty built hooks differ in their configuration only.
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { codeCache } from '../../scripts/build/code-cache.ts'
import { hookScript } from '../../scripts/build/hook-file.ts'

type Script = Awaited<ReturnType<typeof hookScript>>

const root = resolve(import.meta.dirname, '../..')
const folder = join(root, 'node_modules/.cache/bundled-hooks')
const SOURCES = ['package-lock.json', '{hooks,schemas,scripts/build}/**/*.{ts,mjs,js,cjs}']

/** As `hookScript`: made again as soon as a source is another. */
export async function bundledOnce(...[name, baked]: Parameters<typeof hookScript>): Promise<Script> {
  if (baked.kinds.length > 0) return hookScript(name, baked)
  const file = join(folder, `${name}-${baked.config.catalog.profile}-${sources()}.json`)
  const kept = read(file)
  if (kept !== undefined) return kept
  const script = await hookScript(name, baked)
  await mkdir(folder, { recursive: true })
  await writeFile(`${file}.${process.pid}`, JSON.stringify(script))
  await rename(`${file}.${process.pid}`, file) // whoever reads it meanwhile reads a whole one
  return script
}

/** As `codeCache`, two runs of the script: for the same source it is made once. */
export function codeCacheOnce(...given: Parameters<typeof codeCache>): Buffer {
  const text = JSON.stringify([process.version, sources(), ...given])
  const key = createHash('sha256').update(text).digest('hex').slice(0, 32)
  const file = join(folder, `${key}.cache`)
  try {
    return readFileSync(file)
  } catch {
    const cache = codeCache(...given)
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${file}.${process.pid}`, cache)
    renameSync(`${file}.${process.pid}`, file)
    return cache
  }
}

function read(file: string): Script | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Script // we wrote it
  } catch {
    return
  }
}

let known: string | undefined
function sources(): string {
  known ??= createHash('sha256')
    .update(
      JSON.stringify(
        SOURCES.flatMap(glob => globSync(glob, { cwd: root }))
          .sort()
          .map(stamp),
      ),
    )
    .digest('hex')
    .slice(0, 16)
  return known
}

function stamp(path: string): [string, number, number] {
  const { mtimeMs, size } = statSync(join(root, path))
  return [path, mtimeMs, size]
}
