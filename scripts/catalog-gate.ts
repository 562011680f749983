// The command line's start: `catalog-gate <command>`. `check` runs at every save and commit, so it starts without the library that explains
// the others (15 ms more), and with V8's code cache. Whatever is not plainly a check is for program.ts.
import { cachedCheck } from './check/cached.ts'

/** Imported when it is wanted: what the other commands have in common with this is a file more to load, 1 ms. */
const readConfig = async (file: string | undefined) => (await import('./config/read-config.ts')).readConfig(file)

/** 0 all well, 1 problems found, 2 wrong usage or configuration, 3 an internal error. */
async function run(args: readonly string[]): Promise<number> {
  const [word, ...rest] = args
  const start = word === 'check' ? cachedCheck() : undefined
  const checked = await start?.(rest, readConfig)
  if (checked !== undefined) return checked
  // Whoever reads this may have seen enough (`… | head`): what was begun goes on, and ends with its own code.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  return (await import('./cli/program.ts')).runProgram(args)
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  console.error('catalog-gate: an internal error:', error)
  process.exitCode = 3
}
