// catalog-gate try, as commander explains it.
import { Command } from 'commander'
import { afterHelp, OUR_FAULT } from '../cli/after-help.ts'
import type { DefineCommand } from '../cli/command.ts'
import { processEdges } from '../cli/process-edges.ts'
import { readConfig } from '../config/read-config.ts'
import type { TryOptions } from './try.ts'

export const tryCommand: DefineCommand = end =>
  new Command('try')
    .description('show how a push of your own repository would be answered, on this machine and without GHES')
    .argument('[repo]', 'a repository: a folder in it, or a file:// URL (default: the one you are in)')
    .option('--config <file>', "the hook's configuration, hook.yaml (default: the hook as it was built)")
    .option(
      '--jail',
      "run the hook as in GHES's sandbox: namespaces, limits, a system-call filter that kills, and the guard",
    )
    .option('--environment <file>', 'with --jail: inside this environment, as `catalog-gate environment build` made it')
    .addHelpText(
      'after',
      `\nNothing of the repository is changed, and nothing is sent anywhere.\n${afterHelp({ 0: 'what is there now would be accepted', 1: 'it would be refused', 2: 'wrong usage', ...OUR_FAULT, 130: 'interrupted: nothing is left' }, 'catalog-gate try . --config hook.yaml')}`,
    )
    .action(async (repo: string | undefined, options: Omit<TryOptions, 'repo'>) => {
      const { tryRepository } = await import('./try.ts')
      end(await tryRepository({ ...options, ...(repo === undefined ? {} : { repo }) }, processEdges(readConfig)))
    })
