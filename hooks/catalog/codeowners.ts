// CODEOWNERS as the community module reads it (plugin-catalog-backend-module-codeowners 0.6.1, by codeowners-utils 1.0.2 and ignore 5.3.2).
//
// test/backstage/codeowners.test.ts holds this file to the module itself.
import { matchesParts } from './glob.ts'

/** Where it looks on GitHub, at all of them at once. */
export const CODEOWNERS_PATHS = ['CODEOWNERS', '.github/CODEOWNERS', 'docs/CODEOWNERS'] as const

/** What a catalog file without an owner gets. `unknown`: a pattern has a form that is not read here, and it may decide. */
export type OwnerOfFile = { result: 'owner'; owner: string } | { result: 'none' } | { result: 'unknown' }

/** The last line that matches counts, and its first owner. `path` from the root of the repository. */
export function ownerIn(contents: string, path: string): OwnerOfFile {
  for (const line of contents.split('\n').reverse()) {
    const [pattern = '', first] = (line.split('#')[0] ?? '').trim().split(/\s+/)
    if (pattern === '') continue
    const answer = matchPattern(pattern, path)
    if (answer === 'unread') return { result: 'unknown' }
    if (answer === 'differs') continue
    const owner = first === undefined ? '' : asEntityRef(first)
    return owner === '' ? { result: 'none' } : { result: 'owner', owner }
  }
  return { result: 'none' }
}

/** `@acme/team` is the team, `@user` a user, and of an address what is before the "@". */
function asEntityRef(owner: string): string {
  const [before = '', team = ''] = owner.split('/')
  if (before.startsWith('@')) return owner.includes('/') ? team : `User:${owner.slice(1)}`
  return /@.*\./.test(owner) ? (owner.split('@')[0] ?? '') : owner
}

// Forms that hardly anybody writes: backslashes, classes, double stars but for "**/a", "a/**/b" and "a/**".
const ODD = /[\\[\]]|\*\*\/\*\*|[^/]\*\*|\*\*[^/]|\*\*\/$/

/** As gitignore has it, without case: a file, or any folder above it. */
function matchPattern(pattern: string, path: string): 'matches' | 'differs' | 'unread' {
  // "!" takes back what was said before, and here each line stands alone.
  if (pattern.startsWith('!')) return 'differs'
  if (ODD.test(pattern)) return 'unread'
  const isFolder = pattern.endsWith('/')
  const written = isFolder ? pattern.slice(0, -1) : pattern
  const isAtRoot = written.includes('/')
  const parts = written.replace(/^\//, '').split('/')
  const segments = path.split('/')
  const ends = segments.map((_, i) => i + 1).slice(0, isFolder ? -1 : undefined)
  return ends.some(end => matchesParts(isAtRoot ? parts : ['**', ...parts], segments.slice(0, end)))
    ? 'matches'
    : 'differs'
}
