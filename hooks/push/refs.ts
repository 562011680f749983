// Ref updates of a push, and their way into the middle: what kind of update, on which branch.
import { plainText } from './path-text.ts'

export type RefUpdate = {
  /** refs/heads/…, for people and the relay. Two refs whose names are not UTF-8 may read alike: no key. */
  ref: string
  before: string
  after: string
  isDefaultBranch: boolean
  kind: 'created' | 'updated'
}

const isZero = (id: string) => /^0+$/.test(id)

/**
 * One of the prelude's records, `<old> <new> <ref>`, as the text of its bytes (`textOf`), and the default branch likewise. Git allows any
 * character in a ref but blanks and the controls of ASCII, so what ends a line for others (U+0085, U+2028) is a letter here.
 */
export function readRefLine(line: string, defaultRef: string): RefUpdate | undefined {
  const match = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (refs\/heads\/[^ ]+)$/.exec(line)
  const [, before, after, ref] = match ?? []
  if (before === undefined || after === undefined || ref === undefined || isZero(after)) return undefined
  const kind = isZero(before) ? 'created' : 'updated'
  return { ref: plainText(ref), before, after, isDefaultBranch: ref === defaultRef, kind }
}
