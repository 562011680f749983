// What was found out of an installation: each setting with where it is known from, and what could not be known.
import type { CatalogRule } from '../../hooks/config/hook-config.ts'

/** `from` ends a line of hook.yaml as a comment. */
export type Found<T> = { value: T; from: string }

export type Findings = {
  profile?: Found<'builtin' | 'model'>
  placeholders?: Found<string[]>
  ownerFrom?: Found<'none' | 'codeowners'>
  techdocs?: Found<'local' | 'external'>
  rules?: Found<CatalogRule[]>
  /** Sentences: what could not be known, and what does not fit. */
  notes: string[]
}

/** The first that says something counts; all of their notes are kept. */
export const joined = (...all: readonly Findings[]): Findings => ({
  ...Object.assign({}, ...[...all].reverse()),
  notes: all.flatMap(({ notes }) => notes),
})
