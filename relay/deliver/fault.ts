// A fault of ours in words for the page: what was thrown where nothing should be.
import { printable } from '../../schemas/printable.ts'

export const faultOf = (error: unknown): string =>
  `a fault of ours: ${printable(error instanceof Error ? error.message : String(error)).slice(0, 200)}`
