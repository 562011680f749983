// `catalog-gate check` when it is called plainly. Built into dist/check.jsc, a script that starts at once.

import { processWorld, type World } from '../cli/world.ts'
import { check } from './check.ts'
import { checkOptionsOf } from './options.ts'

/** The exit code; undefined when there is something to explain first. */
export function startCheck(args: readonly string[], readConfig: World['readConfig']): Promise<number> | undefined {
  const options = checkOptionsOf(args)
  return options && check(options, processWorld(readConfig))
}
