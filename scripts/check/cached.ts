// The built `check`, compiled by V8 beforehand: dist/check.jsc, the script and behind it V8's code cache of it.
//
// In one file, since V8 takes a cache for a script's when its length is right.
import type { startCheck } from './start.ts'

/** Between a script and V8's code cache of it. */
export const CACHE_MARK = '\n//cache:'

/** Undefined where there is none, as when this runs from source. A cache of another Node is of no use, and no harm. */
export function cachedCheck(): typeof startCheck | undefined {
  // Not imported: making an ES module of node:fs loads all that it has, streams and promises, 5 ms of 40; of node:module 3. Node 20 has this since 20.16.
  const { getBuiltinModule } = process
  if (getBuiltinModule === undefined) return undefined
  let bytes: Buffer
  try {
    bytes = getBuiltinModule('node:fs').readFileSync(new URL('check.jsc', import.meta.url))
  } catch {
    return undefined
  }
  return compile(bytes, getBuiltinModule)
}

/** The script is a function over `module` and `require`. ASCII, so that latin1 is right, and quick. */
function compile(bytes: Buffer, require: typeof process.getBuiltinModule): typeof startCheck {
  const { Script } = require('node:vm')
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
