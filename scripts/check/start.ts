// `catalog-gate check` when it is called plainly. Built into dist/check.jsc, a script that starts at once.

import { type ProcessEdges, processEdges } from '../cli/process-edges.ts'
import { check } from './check.ts'
import { checkOptionsOf } from './options.ts'

/** The exit code; undefined when there is something to explain first. */
export function startCheck(
  args: readonly string[],
  readConfig: ProcessEdges['readConfig'],
): Promise<number> | undefined {
  const options = checkOptionsOf(args)
  return options && check(options, processEdges(readConfig))
}
