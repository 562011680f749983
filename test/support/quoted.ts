// Files that placeholders quote, for tests of one file alone: each of them holds the same.
import type { QuotedFiles } from '../../hooks/catalog/quoted.ts'

export const everyFileHolds = (text: string): QuotedFiles =>
  Object.assign(new Map(), { get: () => ({ result: 'text', text }) })
