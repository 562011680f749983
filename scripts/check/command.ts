// catalog-gate check, as commander explains it. (A plain call does not come by here: see options.ts.)
import { Command, Option } from 'commander'
import { afterHelp, OUR_FAULT } from '../cli/after-help.ts'
import type { DefineCommand } from '../cli/command.ts'
import { processEdges } from '../cli/process-edges.ts'
import { readConfig } from '../config/read-config.ts'
import { type CheckOptions, FORMATS } from './options.ts'

export const checkCommand: DefineCommand = end =>
  new Command('check')
    .description('check catalog files as the pre-receive hook does')
    .argument('[path...]', 'files, and folders in which to look for catalog files (default: the current folder)')
    .option('--stdin-files', 'read the names of files from standard input, one a line')
    .option('--fix', 'mend what is certain, in the files themselves, and check what remains')
    .option('--dry-run', 'with --fix: write nothing, and print a patch for git apply')
    .option('--stdin', 'check what is on standard input, for editors; needs --filename')
    .option('--filename <path>', 'with --stdin: the path under which it is checked')
    .option('--expect-files', 'exit with 1 where there is no file to check')
    .addOption(new Option('--format <format>', 'how to report').choices(FORMATS).default('text'))
    .option('--config <file>', "the hook's configuration, hook.yaml")
    .option('--relay <url>', 'ask the relay what the live catalog knows: references to nothing, names that are taken')
    .option(
      '--relay-secret <file>',
      'the secret that hooks and relay share (default: relay.secretFile, beside hook.yaml)',
    )
    .option('--relay-ca <file>', "the authority of the relay's certificate (default: relay.caFile)")
    .addHelpText(
      'after',
      afterHelp(
        { 0: 'nothing wrong, warnings allowed', 1: 'errors', 2: 'wrong usage or configuration', ...OUR_FAULT },
        'catalog-gate check --config hook.yaml',
        "git ls-files '*catalog-info.yaml' | catalog-gate check --stdin-files --format github",
      ),
    )
    .action(async (paths: string[], options: Omit<CheckOptions, 'paths'>) => {
      const { check } = await import('./check.ts')
      end(await check({ ...options, paths }, processEdges(readConfig)))
    })
