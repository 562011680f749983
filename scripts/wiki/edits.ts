// Changes to a text at places of it: everything between them stays, byte for byte.

export type Edit = { start: number; end: number; text: string }

/** An edit inside of one that is taken already is left out. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = []
  let at = 0
  for (const { start, end, text: with_ } of [...edits].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (start < at) continue
    parts.push(text.slice(at, start), with_)
    at = end
  }
  return [...parts, text.slice(at)].join('')
}
