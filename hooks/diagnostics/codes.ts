// Every diagnostic code with its words: one table that the compiler keeps complete. A code is never reused for another meaning.
//
// A message says what was found, quoted, and what was expected; the hint is the way out.
import { catalogCodes } from './codes-catalog.ts'
import { doubtCodes } from './codes-doubt.ts'
import { formatCodes } from './codes-format.ts'
import { schemaCodes } from './codes-schema.ts'
import { syntaxCodes } from './codes-syntax.ts'
import { treeCodes } from './codes-tree.ts'
import { valueCodes } from './codes-value.ts'
import type { Code, CodesOf, Facts, Words } from './facts.ts'

export type { Code, Facts, Words } from './facts.ts'

export const codes: CodesOf<Code> = {
  ...syntaxCodes,
  ...schemaCodes,
  ...formatCodes,
  ...treeCodes,
  ...doubtCodes,
  ...catalogCodes,
  ...valueCodes,
}

/** The words for a finding's facts. */
export function wordsOf<C extends Code>(code: C, facts: Facts[C]): Words {
  return codes[code].words(facts)
}
