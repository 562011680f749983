// How many of what, in words.

/** `1 file`, `3 files`. */
export const count = (n: number, one: string, many?: string): string => `${n} ${noun(n, one, many)}`

/** The word alone, where the number stands elsewhere or is written otherwise. */
export const noun = (n: number, one: string, many = `${one}s`): string => (n === 1 ? one : many)
