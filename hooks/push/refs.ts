// Ref updates of a push, and their way into the middle: what kind of update, on which branch.

export type RefUpdate = {
  /** refs/heads/… */
  ref: string
  before: string
  after: string
  isDefaultBranch: boolean
  kind: 'created' | 'updated'
}

const isZero = (id: string) => /^0+$/.test(id)

/** One of the prelude's ref lines, `<old> <new> <ref>`. It lets only branches through that were created or moved. */
export function readRefLine(line: string, defaultRef: string): RefUpdate | undefined {
  const match = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (refs\/heads\/.+)$/.exec(line)
  const [, before, after, ref] = match ?? []
  if (before === undefined || after === undefined || ref === undefined || isZero(after)) return undefined
  return { ref, before, after, isDefaultBranch: ref === defaultRef, kind: isZero(before) ? 'created' : 'updated' }
}
