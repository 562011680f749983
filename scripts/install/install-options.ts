// What install, promote, rollback and uninstall have in common on the command line.
import { afterHelp, OUR_FAULT } from '../cli/after-help.ts'

export const CONFIG = ['--config <file>', 'what is installed where, install.yaml', 'install.yaml'] as const
export const APPLY = ['--apply', 'do what the plan says; without it nothing is changed'] as const
export const JSON_PLAN = ['--json', 'the plan for machines'] as const
export const DRIFT = ['--drift', 'exit with 4 when there is something to change'] as const
export const YES = ['--yes', 'with --apply on a terminal: do not ask'] as const

const CODES = {
  0: 'planned, or done',
  1: 'GHES did not come to it: run the same command again',
  2: 'wrong usage, configuration, token or address',
  ...OUR_FAULT,
  130: 'interrupted: the same command goes on',
}

export const help = (...examples: readonly string[]): string =>
  afterHelp({ ...CODES, 4: 'with --drift: there is something to change' }, ...examples)

export const helpWithoutDrift = (...examples: readonly string[]): string => afterHelp(CODES, ...examples)
