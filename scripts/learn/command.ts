// catalog-gate learn.
import { Command } from 'commander'
import { afterHelp, OUR_FAULT } from '../cli/after-help.ts'
import type { DefineCommand } from '../cli/command.ts'
import { processEdges } from '../cli/process-edges.ts'
import { readConfig } from '../config/read-config.ts'
import type { LearnOptions } from './learn.ts'

export const learnCommand: DefineCommand = end =>
  new Command('learn')
    .description('find out what your Backstage accepts, and print the catalog part of hook.yaml for it')
    .option(
      '--backstage <url>',
      'the backend, as https://backstage.example.com: it is asked some forty questions, and nothing is stored',
    )
    .option('--token-file <file>', 'a token that may ask (catalog.entity.validate), in a file of its own')
    .option('--ca-file <file>', 'the authority of its certificate, PEM')
    .option('--app-config <file...>', 'its app-config files, in the order in which it gets them')
    .option('--placeholder <name...>', 'a placeholder of your own, without "$": whether Backstage has it')
    .option('--out <file>', 'write it into a file')
    .addHelpText(
      'after',
      afterHelp(
        { 0: 'found out', 2: 'wrong usage, files, address or token', ...OUR_FAULT },
        'catalog-gate learn --backstage https://backstage.example.com --token-file backstage.token --app-config app-config.yaml',
      ),
    )
    .action(async (options: LearnOptions) => {
      const { learn } = await import('./learn.ts')
      const { readFileSync } = await import('node:fs')
      const { writeWhole } = await import('../cli/whole-file.ts')
      const readFile = (path: string) => readFileSync(path, 'utf8')
      const edges = { ...processEdges(readConfig), now: Date.now, readFile, writeFile: writeWhole }
      end(await learn(options, edges))
    })
