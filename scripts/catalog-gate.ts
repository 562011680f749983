// The command line: `catalog-gate <command>`. Each command is a file of its own; this one only knows their names and options.
import { Command, CommanderError, Option } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { type CheckOptions, check } from './check.ts'

/** 0 all well, 1 problems found, 2 wrong usage or configuration, 3 our own fault. */
async function run(argv: string[]): Promise<number> {
  let code = 0
  const program = new Command('catalog-gate')
    .description('Checks Backstage catalog files, and runs the relay that makes Backstage refresh what was pushed.')
    .version(packageJson.version)
    .exitOverride()
    .showSuggestionAfterError()
  program
    .command('check')
    .description('check catalog files as the pre-receive hook does')
    .argument('[path...]', 'files, and folders in which to look for catalog files (default: the current folder)')
    .option('--stdin-files', 'read the names of files from standard input, one a line')
    .addOption(
      new Option('--format <format>', 'how to report').choices(['text', 'json', 'sarif', 'github']).default('text'),
    )
    .option('--config <file>', "the hook's configuration, hook.yaml")
    .action(async (paths: string[], options: Omit<CheckOptions, 'paths'>) => {
      code = await check({ ...options, paths }, process)
    })
  program
    .command('relay')
    .description('run the relay')
    .requiredOption('--config <file>', "the relay's configuration, relay.yaml")
    .action(async ({ config }: { config: string }) => {
      // Loaded only when asked for: it is ten times the rest.
      const { main } = await import('../relay/main.ts')
      code = await main(['--config', config])
    })
  try {
    await program.parseAsync(argv)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
  return code
}

try {
  process.exitCode = await run(process.argv)
} catch (error) {
  console.error('catalog-gate: an error of its own:', error)
  process.exitCode = 3
}
