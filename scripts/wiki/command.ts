// catalog-gate wiki.
import { Command } from 'commander'
import { afterHelp, OUR_FAULT } from '../cli/after-help.ts'
import type { DefineCommand } from '../cli/command.ts'
import { interruption } from '../cli/interruption.ts'
import { processLines } from '../cli/process-edges.ts'
import type { WikiOptions } from './options.ts'

const several = (one: string, all: string[] = []) => [...all, one]

export const wikiCommand: DefineCommand = end =>
  new Command('wiki')
    .description('turn wikis of GHES into docs for TechDocs: one branch and one pull request per repository')
    .option('--repo <name>', 'OWNER/NAME; may be given several times', several)
    .option('--org <name>', 'every repository of an organisation; may be given several times', several)
    .requiredOption('--api-url <url>', 'the REST API of GHES, as https://ghe.example.com/api/v3')
    .option('--token-file <file>', 'a token that may write contents and pull requests, in a file of its own')
    .option('--app-id <id>', 'in the place of a token: a GitHub App that is installed there, and may do the same')
    .option('--app-key-file <file>', 'its private key, PEM')
    .option('--ca-file <file>', 'the authority of its certificate, PEM')
    .option('--branch <name>', 'where the docs are pushed to', 'catalog-gate/wiki')
    .option('--apply', 'push, and open or update the pull requests; without it they are only planned')
    .option('--out <folder>', 'write the docs of one repository there, to look at them or to build them')
    .option(
      '--work <folder>',
      'keeps what was fetched and seen (default: catalog-gate/wiki in the cache folder of the user)',
    )
    .addHelpText(
      'after',
      afterHelp(
        {
          0: 'all done, or planned',
          1: 'a person is needed for some, or some could not be reached',
          2: 'wrong usage, address or token',
          ...OUR_FAULT,
          130: 'interrupted: the same command goes on with the rest',
        },
        'catalog-gate wiki --org acme --api-url https://ghe.example.com/api/v3 --token-file write.token --apply',
      ),
    )
    .action(async (options: WikiOptions) => {
      const { wiki } = await import('./wiki.ts')
      const { systemClock } = await import('../../relay/runtime/clock.ts')
      const { cwd, env } = { cwd: process.cwd(), env: process.env }
      end(await wiki(options, { ...processLines, cwd, env, clock: systemClock, interrupted: interruption() }))
    })
