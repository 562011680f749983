// One hook file: the sh prelude, the bundled script, and V8's code cache, in a file that is valid as sh and as JavaScript.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { REJECT_STATUS } from '../../hooks/process/entry.ts'
import type { Baked } from '../config/hook-config.ts'
import { bundleHook } from './bundle.ts'
import { profilePlugin } from './own-kinds-module.ts'

const root = resolve(import.meta.dirname, '../..')

export type HookName = 'catalog-gate' | 'catalog-validate' | 'catalog-notify'

/** So many blobs are read while Node starts; the rest Node asks for itself, which takes 25 ms more. */
const PREFETCH = 2000

/** The same where the sandbox has no sed: a loop in sh takes 50 µs a line. */
const LOOP_FILES = 64

/** Git reads lines of 1,000 bytes; two ids of SHA-256 stand before the name. GHES takes names up to 255 bytes. */
const REF_BYTES = 800

/** A merge base costs one git call, 4 ms; the changes of more new branches in one push are not looked at. */
const MAX_NEW_BRANCHES = 200

/** A young generation that a usual push never fills: saves a garbage collection, 2 ms of 45 (measured, Node 24). */
const NODE_FLAGS = ['--min-semi-space-size=16']

export async function buildHook(
  name: HookName,
  { config, pathspecs, kinds }: Baked,
): Promise<{ text: string; scriptBytes: number; cacheBytes: number; bundled: string[] }> {
  const { text: script, bundled } = await bundleHook(`hooks/${name}.ts`, profilePlugin(config.catalog.profile, kinds), {
    BAKED_CONFIG: JSON.stringify(config),
  })
  const version: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
  // A little more than the script allows itself: its own last word is better than a killed process.
  const guardMs = config.limits.timeMs + 300
  const prelude = fill(readFileSync(join(root, 'hooks/process/prelude.sh'), 'utf8'), {
    NAME: name,
    VERSION: String(version),
    PATHS: pathspecs.map(shellQuote).join(' '),
    GUARD_SECONDS: String(guardMs / 1000),
    GUARD_HUNDREDTHS: String(Math.ceil(guardMs / 10)),
    REJECT: String(REJECT_STATUS),
    NODE_FLAGS: NODE_FLAGS.join(' '),
    FILE_BYTES: String(config.limits.fileBytes),
    PREFETCH: String(PREFETCH),
    LOOP_FILES: String(LOOP_FILES),
    REF_BYTES: String(REF_BYTES),
    MAX_NEW_BRANCHES: String(MAX_NEW_BRANCHES),
    LOADER: shellQuote(loader()),
  })
  // The sh half is a text to JavaScript: ended here, so that nothing after it can be taken for its continuation.
  const source = `${prelude};${script.trimEnd()}`
  if (/[\0\r\u0080-\uffff]/.test(source)) throw new Error(`${name}: the file must be ASCII`)
  const cache = codeCache(source)
  return {
    text: `${source}\n//cache:${cache.toString('base64')}\n//end\n`,
    scriptBytes: source.length,
    cacheBytes: cache.length,
    bundled,
  }
}

/** The prelude stands in a JavaScript comment, which the first star-slash in it would end. */
function fill(template: string, values: Record<string, string>): string {
  const text = template.replaceAll(/@([A-Z_]+)@/g, (_, key: string) => {
    const value = values[key]
    if (value === undefined) throw new Error(`prelude.sh: nothing to put in for @${key}@`)
    return value
  })
  const comment = text.slice(text.indexOf('/*') + 2)
  if (comment.trimEnd().indexOf('*/') !== comment.trimEnd().length - 2)
    throw new Error('prelude.sh: a "*/" ends the comment too early')
  return text
}

/** In single quotes, with a gap in every star-slash. */
const shellQuote = (text: string) => `'${text.replaceAll("'", `'\\''`).replaceAll('*/', `*''/`)}'`

function loader(): string {
  return readFileSync(join(root, 'hooks/process/loader.js'), 'utf8')
    .replaceAll(/\n(?=.)/g, ';')
    .trim()
}

/**
 * V8's code cache of the script, taken after one whole run: then it holds the functions that a push really uses.
 * Measured on Node 24: the start of the script falls from 1.9 to 1.3 times a bare Node. Another version of Node just compiles anew.
 */
function codeCache(source: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-cache-'))
  try {
    const file = join(folder, 'hook')
    const cache = join(folder, 'cache')
    writeFileSync(file, source)
    const { status, stderr } = spawnSync(
      process.execPath,
      [...NODE_FLAGS, join(root, 'scripts/build/warm-up.cjs'), file, cache],
      { encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`the code cache could not be made: ${stderr}`)
    return readFileSync(cache)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
