// catalog-gate resume.
import { Command } from 'commander'
import type { DefineCommand } from '../cli/command.ts'
import { APPLY, CONFIG, DRIFT, help, JSON_PLAN, YES } from './install-options.ts'
import type { PlanOptions } from './plan-and-apply.ts'

export const resumeCommand: DefineCommand = end =>
  new Command('resume')
    .description('end a pause: enabled hooks refuse again')
    .option(...CONFIG)
    .option(...APPLY)
    .option(...YES)
    .option(...JSON_PLAN)
    .option(...DRIFT)
    .addHelpText('after', help('catalog-gate resume --config install.yaml --apply'))
    .action(async (options: PlanOptions) => {
      const { resume, installEdges } = await import('./install.ts')
      end(await resume(options, installEdges()))
    })
