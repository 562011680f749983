// V8's code cache of a script, taken after one whole run of it, and the same bytes in every build: so a reviewer's build confirms a file by cmp.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * What would differ from run to run: the hashes of names, what a garbage collection throws away, what threads do meanwhile, and what V8 notes of functions
 * that it has optimised. Measured, Node 24: without them no two caches of six are alike, with them 24 of 24 are.
 */
const SAME_EVERY_TIME = ['--jitless', '--hash-seed=1', '--no-flush-bytecode', '--predictable']

/** Run by the flags that the script is to be run by: V8 takes no cache that was made under others, and says so in its header. */
const SEAL = `
const { readFileSync, writeFileSync } = require('node:fs')
const { Script } = require('node:vm')
const [, file, cache] = process.argv
const made = readFileSync(cache)
const flags = new Script('0').createCachedData().subarray(12, 16)
const cachedData = Buffer.concat([made.subarray(0, 12), flags, made.subarray(16)])
if (new Script(readFileSync(file, 'latin1'), { filename: file, cachedData }).cachedDataRejected) throw new Error('V8 does not take it')
writeFileSync(cache, cachedData)
`

/**
 * `warmUp`: the path of a script that is given SCRIPT and CACHE, runs the one in its own process and writes the other. It must do the same in every run:
 * no sockets, no processes, no clock. `flags`: of the Node that will run it.
 * Measured on Node 24: the start of a hook's script falls from 1.9 to 1.3 times a bare Node. Another version of Node just compiles anew.
 */
export function codeCache(source: string, warmUp: string, flags: readonly string[] = []): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-cache-'))
  const run = (args: readonly string[]) => {
    // Where it lies is in the cache, too.
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`the code cache could not be made: ${stderr}`)
  }
  try {
    writeFileSync(join(folder, 'script'), source)
    run([...flags, ...SAME_EVERY_TIME, warmUp, 'script', 'cache'])
    run([...flags, '-e', SEAL, 'script', 'cache'])
    return readFileSync(join(folder, 'cache'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
