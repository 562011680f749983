// The built `check`, compiled by V8 beforehand: check.js beside the built command line, its code cache behind the last line break.
import { createRequire } from 'node:module'
import type { startCheck } from './check-start.ts'

// Not imported: making an ES module of node:fs loads all that it has, streams and promises, which takes 5 ms of 40.
const require = createRequire(import.meta.url)
const { readFileSync } = require('node:fs') as typeof import('node:fs')
const { Script } = require('node:vm') as typeof import('node:vm')

/** Between a script and V8's code cache of it, in base64. */
export const CACHE_MARK = '\n//cache:'

/** Undefined where there is none, as when this runs from source. A cache of another Node is of no use, and no harm. */
export function cachedCheck(): typeof startCheck | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(new URL('check.js', import.meta.url))
  } catch {
    return undefined
  }
  return compile(bytes)
}

/** The script is a function over `module` and `require`. ASCII, so that latin1 is right, and quick. */
function compile(bytes: Buffer): typeof startCheck {
  const mark = bytes.lastIndexOf(CACHE_MARK)
  const end = mark < 0 ? bytes.length : mark
  const cached = mark < 0 ? undefined : Buffer.from(bytes.toString('latin1', mark + CACHE_MARK.length), 'base64')
  const options = { filename: 'check.js', ...(cached ? { cachedData: cached } : {}) }
  const module: { exports: { startCheck?: typeof startCheck } } = { exports: {} }
  new Script(bytes.toString('latin1', 0, end), options).runInThisContext()(module, require)
  if (module.exports.startCheck === undefined) throw new Error('check.js: no check in it; build anew')
  return module.exports.startCheck
}
