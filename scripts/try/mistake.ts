// A mistake as people make it, put into a catalog file of theirs.

export type Mistake = { text: string; lines: { before: string; after: string; number: number } }

/** Used where the repository has no catalog file. */
export const MADE_UP = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments
  description: Made up by catalog-gate try, since this repository has no catalog file.
spec:
  type: service
  lifecycle: production
  owner: team-a
`

/** A blank in the entity's name, the mistake that is made most; where there is no plain name, a bracket that nobody closes. */
export function withMistake(text: string): Mistake {
  const lines = text.split('\n')
  const metadata = lines.findIndex(line => /^metadata:\s*(#.*)?\r?$/.test(line))
  const name = lines.findIndex((line, i) => i > metadata && /^\s+name:\s*["']?[\w.-]+["']?\s*(#.*)?\r?$/.test(line))
  const isInMetadata =
    metadata >= 0 && name > metadata && lines.slice(metadata + 1, name).every(line => !/^\S/.test(line))
  if (isInMetadata) {
    return replaced(lines, name, line => line.replace(/(name:\s*["']?)([\w.-]+)/, '$1$2 service'))
  }
  const value = lines.findIndex(line => /^\w+:\s*\S/.test(line) && !/^\w+:\s*[|>&*[{"'#]/.test(line))
  return replaced(lines, Math.max(value, 0), line => line.replace(/^(\w*:?\s*)(.*?)(\r?)$/, '$1[$2$3'))
}

function replaced(lines: readonly string[], at: number, change: (line: string) => string): Mistake {
  const before = lines[at] ?? ''
  const after = change(before)
  return {
    text: lines.with(at, after).join('\n'),
    lines: { before: before.trimEnd(), after: after.trimEnd(), number: at + 1 },
  }
}
