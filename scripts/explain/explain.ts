// catalog-gate explain CODE: the section of hooks/CHECKS.md about a code. The build puts the page beside the command line.
import { existsSync, readFileSync } from 'node:fs'
import { codes } from '../../hooks/diagnostics/codes.ts'
import { nearest } from '../../schemas/nearest.ts'
import type { LineEdges } from '../cli/process-edges.ts'

/** In dist/, seen from a module in lib/ or from catalog-gate.mjs itself; and in a checkout. */
const PLACES = ['../CHECKS.md', './CHECKS.md', '../../hooks/CHECKS.md']

/** Exit code: 0 told, 2 no such code. */
export function explain(code: string, { say, sayError }: LineEdges): number {
  const known = Object.keys(codes)
  if (!known.includes(code)) {
    const [near] = nearest(code, known)
    sayError(
      `error: ${JSON.stringify(code)} is not a code; ${near === undefined ? `known: ${known.join(', ')}` : `did you mean ${near}?`}`,
    )
    return 2
  }
  say(sectionOf(readPage(), code))
  return 0
}

function readPage(): string {
  const place = PLACES.map(path => new URL(path, import.meta.url)).find(url => existsSync(url))
  if (place === undefined) throw new Error('CHECKS.md is not beside the command line; build anew')
  return readFileSync(place, 'utf8')
}

/** From its heading to the next one; a heading within an example counts for nothing. */
function sectionOf(page: string, code: string): string {
  const lines = page.split('\n')
  const start = lines.indexOf(`## ${code}`)
  let isExample = false
  const end = lines.findIndex((line, i) => {
    if (i <= start) return false
    if (line.startsWith('```')) isExample = !isExample
    return !isExample && line.startsWith('## ')
  })
  if (start === -1) throw new Error(`CHECKS.md has no section of ${code}`)
  return lines
    .slice(start, end === -1 ? undefined : end)
    .join('\n')
    .trimEnd()
}
