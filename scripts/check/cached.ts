// The built `check`, compiled by V8 beforehand: dist/check.jsc, the script and behind it V8's code cache of it.
//
// In one file, since V8 takes a cache for a script's when its length is right.
import { createRequire } from 'node:module'
import type { startCheck } from './start.ts'

// Not imported: making an ES module of node:fs loads all that it has, streams and promises, which takes 5 ms of 40.
const require = createRequire(import.meta.url)
const { readFileSync } = require('node:fs') as typeof import('node:fs')
const { Script } = require('node:vm') as typeof import('node:vm')

/** Between a script and V8's code cache of it. */
export const CACHE_MARK = '\n//cache:'

/** Undefined where there is none, as when this runs from source. A cache of another Node is of no use, and no harm. */
export function cachedCheck(): typeof startCheck | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(new URL('check.jsc', import.meta.url))
  } catch {
    return undefined
  }
  return compile(bytes)
}

/** The script is a function over `module` and `require`. ASCII, so that latin1 is right, and quick. */
function compile(bytes: Buffer): typeof startCheck {
  const mark = bytes.indexOf(CACHE_MARK)
  const end = mark < 0 ? bytes.length : mark
  const options = {
    filename: 'check.js',
    ...(mark < 0 ? {} : { cachedData: bytes.subarray(mark + CACHE_MARK.length) }),
  }
  const module: { exports: { startCheck?: typeof startCheck } } = { exports: {} }
  new Script(bytes.toString('latin1', 0, end), options).runInThisContext()(module, require)
  if (module.exports.startCheck === undefined) throw new Error('check.jsc: no check in it; build anew')
  return module.exports.startCheck
}
