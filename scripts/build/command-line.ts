// The command line: catalog-gate.mjs that starts, check.jsc that is compiled already, and in lib/ what the other commands load when they run.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { CACHE_MARK } from '../check/cached.ts'
import { readHookConfig } from '../config/hook-config.ts'
import { bundleCheck, bundleProgram } from './bundle.ts'

const root = resolve(import.meta.dirname, '../..')

/** Gives the files that went in, and the script's sizes. What `check` goes by without a configuration file, the defaults, is compiled in. */
export async function buildCommandLine(
  out: string,
): Promise<{ bundled: string[]; scriptBytes: number; cacheBytes: number }> {
  const defaults = readHookConfig(undefined)
  if (defaults.result === 'wrong') throw new Error(`the defaults are wrong: ${defaults.problems.join('; ')}`)
  const program = await bundleProgram(out)
  const written = new Set(program.files.map(file => basename(file)))
  for (const file of readdirSync(join(out, 'lib'))) if (!written.has(file)) rmSync(join(out, 'lib', file))
  const check = await bundleCheck({ BAKED_CONFIG: JSON.stringify(defaults.config) })
  const source = `(function(module,require){${check.text}})`
  if (/[\0\r\u0080-\uffff]/.test(source)) throw new Error('check.jsc: the script must be ASCII')
  if (source.includes(CACHE_MARK)) throw new Error('check.jsc: the mark stands in the script')
  const cache = codeCache(source)
  writeFileSync(join(out, 'check.jsc'), Buffer.concat([Buffer.from(`${source}${CACHE_MARK}`), cache]))
  return {
    bundled: [...program.bundled, ...check.bundled],
    scriptBytes: source.length,
    cacheBytes: cache.length,
  }
}

/** As of a hook (see hook-file.ts): taken after one whole check, when V8 knows which functions are used. */
function codeCache(source: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-cache-'))
  try {
    writeFileSync(join(folder, 'check.js'), source)
    const warmUp = join(root, 'scripts/build/warm-up-check.cjs')
    const { status, stderr } = spawnSync(process.execPath, [warmUp, 'check.js', 'cache'], {
      cwd: folder,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`the code cache could not be made: ${stderr}`)
    return readFileSync(join(folder, 'cache'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
