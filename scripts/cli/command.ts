// What a command of the command line is, for the rooms that define one; program.ts puts them together.
import type { Command } from 'commander'

/** A command with its options; its action tells the exit code to `end`. What it needs beyond is imported by the action, so that help stays quick. */
export type DefineCommand = (end: (exitCode: number) => void) => Command
