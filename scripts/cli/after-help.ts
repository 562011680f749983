// What stands at the end of every command's help: its exit codes, and an example that can be pasted.

/** By code, each in words. */
export type ExitCodes = Readonly<Record<number, string>>

export const OUR_FAULT = { 3: 'an internal error' } as const

export function afterHelp(codes: ExitCodes, ...examples: readonly string[]): string {
  const rows = Object.entries(codes).map(([code, words]) => `  ${code.padStart(3)}  ${words}`)
  return ['', 'Exit code:', ...rows, '', 'Example:', ...examples.map(example => `  ${example}`)].join('\n')
}
