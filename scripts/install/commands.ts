// catalog-gate install, promote, rollback, pause, resume and uninstall: each prints a plan, and carries it out with --apply.
import { Command, Option } from 'commander'
import { afterHelp, OUR_FAULT } from '../cli/after-help.ts'
import type { DefineCommand } from '../cli/command.ts'
import type { InstallEdges } from './plan-and-apply.ts'

type Install = typeof import('./install.ts')

const option = (flags: string, words: string) => new Option(flags, words)

const CONFIG = option('--config <file>', 'what is installed where, install.yaml').default('install.yaml')
const PLAN = [
  option('--apply', 'do what the plan says; without it nothing is changed'),
  option('--yes', 'with --apply on a terminal: do not ask'),
  option('--json', 'the plan for machines'),
]
const DRIFT = option('--drift', 'exit with 4 when there is something to change')

const CODES = {
  0: 'planned, or done',
  1: 'GHES did not come to it: run the same command again',
  2: 'wrong usage, configuration, token or address',
  ...OUR_FAULT,
  130: 'interrupted: the same command goes on',
}
const WITH_DRIFT = { ...CODES, 4: 'with --drift: there is something to change' }

function planning<Options>(
  name: string,
  { words, options, examples }: { words: string; options: Option[]; examples: string[] },
  chosen: (install: Install) => (options: Options, edges: InstallEdges) => Promise<number>,
): DefineCommand {
  return end => {
    const command = new Command(name).description(words)
    for (const one of [CONFIG, ...options]) command.addOption(one)
    return command
      .addHelpText('after', afterHelp(options.includes(DRIFT) ? WITH_DRIFT : CODES, ...examples))
      .action(async (given: Options) => {
        const install = await import('./install.ts')
        end(await chosen(install)(given, install.installEdges()))
      })
  }
}

export const installCommands: readonly DefineCommand[] = [
  planning(
    'install',
    {
      words: 'put the hooks and the environment on GHES, in testing: prints a plan, and carries it out with --apply',
      options: [
        option('--to <stage>', 'up to this step of rollout (default: the first; what is further already stays so)'),
        ...PLAN,
        DRIFT,
        option('--serve <host:port>', 'offer environment.file to the appliance at this address of this machine'),
        option('--serve-cert <file>', 'over HTTPS with this certificate (PEM), which the appliance must trust'),
        option('--serve-key <file>', 'the key of the certificate (PEM)'),
        option('--serve-plain', "over plain HTTP, though environment.file holds the relay's secret"),
      ],
      examples: [
        'catalog-gate install --config install.yaml',
        'catalog-gate install --config install.yaml --to pilot --apply',
      ],
    },
    ({ install }) => install,
  ),
  planning(
    'promote',
    {
      words: 'let the installed hook refuse pushes: testing -> enabled, all at once or up to a step of rollout',
      options: [
        option('--to <step>', 'up to this step of rollout; later ones stay as they are'),
        option('--undo', 'the way back: everything that is enabled becomes testing'),
        ...PLAN,
        DRIFT,
      ],
      examples: ['catalog-gate promote --config install.yaml --to pilot --apply'],
    },
    ({ promote }) => promote,
  ),
  planning(
    'rollback',
    {
      words: 'go back to the hooks and the environment from before the last install; enforcement stays as it is',
      options: [...PLAN, DRIFT],
      examples: ['catalog-gate rollback --config install.yaml --apply'],
    },
    ({ rollback }) => rollback,
  ),
  planning(
    'pause',
    {
      words: 'for a bad day: the whole gate only warns, everywhere and from the next push on, until it is resumed',
      options: [option('--reason <why>', 'pushers and other administrators read it').makeOptionMandatory(), ...PLAN],
      examples: ["catalog-gate pause --config install.yaml --reason 'it refuses good files, ABC-123' --apply"],
    },
    ({ pause }) => pause,
  ),
  planning(
    'resume',
    {
      words: 'end a pause: enabled hooks refuse again',
      options: [...PLAN, DRIFT],
      examples: ['catalog-gate resume --config install.yaml --apply'],
    },
    ({ resume }) => resume,
  ),
  planning(
    'uninstall',
    {
      words: 'remove the hook, the environments and our files in the hook repository',
      options: [
        option('--delete-repository', 'delete the hook repository too, if it holds nothing else (scope delete_repo)'),
        ...PLAN,
        DRIFT,
      ],
      examples: ['catalog-gate uninstall --config install.yaml --apply'],
    },
    ({ uninstall }) => uninstall,
  ),
]
