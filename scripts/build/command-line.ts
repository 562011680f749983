// The command line: catalog-gate.mjs that starts, check.jsc that is compiled already, and in lib/ what the other commands load when they run.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CACHE_MARK } from '../check/cached.ts'
import { readHookConfig } from '../config/hook-config.ts'
import { bundleCheck, bundleProgram } from './bundle.ts'
import { codeCache } from './code-cache.ts'

const root = resolve(import.meta.dirname, '../..')

/** Gives the files that went in, and the script's sizes. What `check` goes by without a configuration file, the defaults, is compiled in. */
export async function buildCommandLine(
  out: string,
): Promise<{ bundled: string[]; scriptBytes: number; cacheBytes: number }> {
  const defaults = readHookConfig(undefined)
  if (defaults.result === 'wrong') throw new Error(`the defaults are wrong: ${defaults.problems.join('; ')}`)
  const program = await bundleProgram(out)
  const check = await bundleCheck({ BAKED_CONFIG: JSON.stringify(defaults.config) })
  const source = `(function(module,require){${check.text}})`
  if (/[\0\r\u0080-\uffff]/.test(source)) throw new Error('check.jsc: the script must be ASCII')
  if (source.includes(CACHE_MARK)) throw new Error('check.jsc: the mark stands in the script')
  const cache = codeCache(source, join(root, 'scripts/build/warm-up-check.cjs'))
  writeFileSync(join(out, 'check.jsc'), Buffer.concat([Buffer.from(`${source}${CACHE_MARK}`), cache]))
  return { bundled: [...program, ...check.bundled], scriptBytes: source.length, cacheBytes: cache.length }
}
