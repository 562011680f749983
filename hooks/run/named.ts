// Names in a note: the first ones, and how many more there are.
import { printable } from '../../schemas/printable.ts'

const SHOWN = 3

/** `a, b, c and 12 more new branches`; `what` is in the plural. */
export function named(names: readonly string[], what = 'refs'): string {
  const shown = names.slice(0, SHOWN).map(printable).join(', ')
  const more = names.length - SHOWN
  return more > 0 ? `${shown} and ${more} more ${what}` : shown
}
