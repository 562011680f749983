// CODEOWNERS as the community module reads it (plugin-catalog-backend-module-codeowners 0.6.1, by codeowners-utils 1.0.2 and ignore 5.3.2).
//
// test/backstage/codeowners.test.ts holds this file to the module itself.
import { type GlobAnswer, readParts } from './glob.ts'

/** Where it looks on GitHub, at all of them at once. */
export const CODEOWNERS_PATHS = ['CODEOWNERS', '.github/CODEOWNERS', 'docs/CODEOWNERS'] as const

/** What a catalog file without an owner gets. `unknown`: a pattern has a form that is not read here, and it may decide. */
export type OwnerOfFile = { result: 'owner'; owner: string } | { result: 'none' } | { result: 'unknown' }

/** A file read once, to be asked about many paths. The last line that matches counts, and its first owner. Paths are from the root of the repository. */
export function readOwners(contents: string): (path: string) => OwnerOfFile {
  const fromTheEnd = contents
    .split('\n')
    .reverse()
    .flatMap(line => {
      const [pattern = '', owner] = (line.split('#')[0] ?? '').trim().split(/\s+/)
      return pattern === ''
        ? []
        : [{ matches: readPattern(pattern), owner: owner === undefined ? '' : asEntityRef(owner) }]
    })
  return path => {
    const asked = { lower: path.toLowerCase(), segments: path.toLowerCase().split('/') }
    for (const { matches, owner } of fromTheEnd) {
      const answer = matches(asked)
      if (answer === 'unread') return { result: 'unknown' }
      if (answer === 'matches') return owner === '' ? { result: 'none' } : { result: 'owner', owner }
    }
    return { result: 'none' }
  }
}

/** `@acme/team` is the team, `@user` a user, and of an address what is before the "@". */
function asEntityRef(owner: string): string {
  const [before = '', team = ''] = owner.split('/')
  if (before.startsWith('@')) return owner.includes('/') ? team : `User:${owner.slice(1)}`
  return /@.*\./.test(owner) ? (owner.split('@')[0] ?? '') : owner
}

// Forms that hardly anybody writes: backslashes, classes, double stars but for "**/a", "a/**/b" and "a/**".
const ODD = /[\\[\]]|\*\*\/\*\*|[^/]\*\*|\*\*[^/]|\*\*\/$/

/** A path in lower case. */
type Asked = { lower: string; segments: readonly string[] }

/** As gitignore has it, without case: a file, or any folder above it. */
function readPattern(pattern: string): (asked: Asked) => GlobAnswer {
  // "!" takes back what was said before, and here each line stands alone.
  if (pattern.startsWith('!')) return () => 'differs'
  if (ODD.test(pattern)) return () => 'unread'
  const isFolder = pattern.endsWith('/')
  const written = (isFolder ? pattern.slice(0, -1) : pattern).toLowerCase()
  const isAtRoot = written.includes('/')
  const below = written.replace(/^\//, '')
  const matches = /[*?]/.test(below) ? readParts(isAtRoot ? below.split('/') : ['**', below]) : undefined
  return asked => {
    if (matches === undefined) return isPlainMatch(below, isAtRoot, isFolder, asked) ? 'matches' : 'differs'
    const ends = asked.segments.map((_, i) => i + 1).slice(0, isFolder ? -1 : undefined)
    return ends.some(end => matches(asked.segments.slice(0, end))) ? 'matches' : 'differs'
  }
}

/** Nearly all lines name a file or folder as it is, and there may be thousands. */
function isPlainMatch(name: string, isAtRoot: boolean, isFolder: boolean, { lower, segments }: Asked): boolean {
  if (isAtRoot) return lower.startsWith(`${name}/`) || (!isFolder && lower === name)
  const at = segments.indexOf(name)
  return at !== -1 && (!isFolder || at < segments.length - 1)
}
