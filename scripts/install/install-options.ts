// What install, promote, rollback and uninstall have in common on the command line.

export const CONFIG = ['--config <file>', 'what is installed where, install.yaml', 'install.yaml'] as const
export const APPLY = ['--apply', 'do what the plan says; without it nothing is changed'] as const
export const YES = ['--yes', 'with --apply on a terminal: do not ask'] as const
export const EXIT_CODES =
  '\nExit code: 0 planned or done, 1 GHES did not come to it (run the same command again), 2 wrong usage, configuration, token or address, 3 our own fault, 130 interrupted (the same command goes on)'
