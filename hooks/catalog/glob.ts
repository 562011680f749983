// Globs over paths and URLs as Backstage reads them (minimatch 11), where parts of what is compared may not be known.
//
// minimatch itself would be a third of a hook, and cannot be asked about half a URL. test/agreement/glob.campaign.test.ts holds this file to it.

/** `unread`: the pattern has a form that is not read here (extglobs, backslashes, negation, odd brackets and braces). */
export type GlobAnswer = 'matches' | 'differs' | 'unread'

/** Braces may multiply; what is written by people stays far below. */
const MAX_ALTERNATIVES = 200

/** Segments of a path or URL, as between slashes; undefined: not known, and any. */
export type Segments = readonly (string | undefined)[]

/** Forms that hardly anybody writes, and brackets and dots that are only nearly such. */
const ODD = /\\|[?*+@!]\(|\[(?![!^]?[^\][!^/]+\])|\{-?\w+\.\./

/** minimatch's options of these names. */
type Reading = { nocase: boolean; dot: boolean }

/** Of catalog.rules. */
const OF_RULES: Reading = { nocase: true, dot: true }
/** Of a Location's target (GithubUrlReader.search). */
const OF_TARGETS: Reading = { nocase: false, dot: false }

/** A Location's target over paths from the root of the repository. */
export const matchTarget = (pattern: string, path: string): GlobAnswer =>
  matchGlob(pattern, path.split('/'), OF_TARGETS)

/** Whether a target is one with a glob, and no path: is-glob 4.0.3, for texts without backslash. */
export const isGlob = (text: string): boolean =>
  /^!|\*|[\].+)]\?|[@?!+]\(.*\)/.test(text) ||
  /\[[^\]].*?\]|\{[^}].*?\}|\(\?[:!=][^)].*?\)|\([^|]+\|(?!\)).*?\)/s.test(text)

export function matchGlob(pattern: string, segments: Segments, reading: Reading = OF_RULES): GlobAnswer {
  if (pattern.startsWith('#')) return 'differs'
  if (pattern.startsWith('!') || ODD.test(pattern)) return 'unread'
  const alternatives = expandBraces(pattern)
  if (alternatives === undefined) return 'unread'
  const parts = alternatives.map(alternative => alternative.split(/\/+/))
  if (parts.flat().some(part => part === '.' || part === '..')) return 'unread'
  return parts.some(row => readParts(row, reading)(segments)) ? 'matches' : 'differs'
}

/** A pattern in its parts, as between slashes, without braces: read once, to be held against many. */
export function readParts(texts: readonly string[], reading: Reading = OF_RULES): (segments: Segments) => boolean {
  const parts = texts.map(text => readPart(text, reading))
  return segments => matchParts(parts, segments, reading)
}

/** `a{b,c}d` → `abd`, `acd`. Undefined: too many, or braces that are not lists of at least two. */
function expandBraces(pattern: string): string[] | undefined {
  const start = pattern.indexOf('{')
  if (start === -1) return pattern.includes('}') ? undefined : [pattern]
  const group = readGroup(pattern, start)
  if (group === undefined || pattern.slice(0, start).search(/[}]|\$$/) !== -1) return undefined
  const found: string[] = []
  for (const option of group.options) {
    const expanded = expandBraces(pattern.slice(0, start) + option + pattern.slice(group.end + 1))
    if (expanded === undefined || found.length + expanded.length > MAX_ALTERNATIVES) return undefined
    found.push(...expanded)
  }
  return found
}

function readGroup(pattern: string, start: number): { end: number; options: string[] } | undefined {
  const cuts = [start]
  let depth = 0
  for (let at = start; at < pattern.length; at++) {
    const sign = pattern[at]
    if (sign === '{') depth++
    else if (sign === ',' && depth === 1) cuts.push(at)
    else if (sign === '}' && --depth === 0) {
      const options = cuts.map((cut, i) => pattern.slice(cut + 1, cuts[i + 1] ?? at))
      return options.length < 2 ? undefined : { end: at, options }
    }
  }
  return undefined
}

/** One sign of a segment, or any number of them. */
type Token = 'star' | ((sign: string) => boolean)
/** `hidden`: whether it may match what begins with a dot. */
type Part = 'globstar' | { tokens: Token[]; hidden: boolean }

function readPart(text: string, { nocase, dot }: Reading): Part {
  if (text === '**') return 'globstar'
  const isSame = nocase ? isSameLetter : (a: string, b: string) => a === b
  const tokens: Token[] = []
  const signs = [...text]
  for (let at = 0; at < signs.length; at++) {
    const sign = signs[at] ?? ''
    if (sign === '*') tokens.push('star')
    else if (sign === '?') tokens.push(() => true)
    else {
      const close = sign === '[' ? signs.indexOf(']', at) : -1
      if (close === -1) tokens.push(one => isSame(one, sign))
      else {
        tokens.push(readClass(signs.slice(at + 1, close), nocase))
        at = close
      }
    }
  }
  // A star alone does not match nothing.
  return { tokens: text === '*' ? [() => true, 'star'] : tokens, hidden: dot || text.startsWith('.') }
}

/** `[a-z_]`, `[!0-9]`: signs and ranges. */
function readClass(signs: readonly string[], nocase: boolean): (sign: string) => boolean {
  const isNegated = signs[0] === '!' || signs[0] === '^'
  const rest = signs.slice(isNegated ? 1 : 0)
  const tests: ((sign: string) => boolean)[] = []
  for (let at = 0; at < rest.length; at++) {
    const [from = '', dash, to] = rest.slice(at, at + 3)
    if (dash === '-' && to !== undefined) {
      const casesOf = (one: string) => (nocase ? [one.toLowerCase(), one.toUpperCase()] : [one])
      tests.push(one => casesOf(one).some(cased => from <= cased && cased <= to))
      at += 2
    } else tests.push(one => (nocase ? isSameLetter(one, from) : one === from))
  }
  return one => tests.some(test => test(one)) !== isNegated
}

const isSameLetter = (a: string, b: string) =>
  a === b || a.toLowerCase() === b.toLowerCase() || a.toUpperCase() === b.toUpperCase()

/** From the back, so that each pair of places is looked at once, whatever is written. */
function matchParts(parts: readonly Part[], segments: Segments, { dot }: Reading): boolean {
  const isHidden = (at: number) => !dot && segments[at]?.startsWith('.') === true
  // reached[at]: what follows in the pattern matches the segments from `at` on
  let reached = segments.map(() => false).concat(true)
  for (const [i, part] of [...parts.entries()].reverse()) {
    const isLast = i === parts.length - 1
    const next = segments.map(() => false).concat(false)
    for (let at = segments.length; at >= 0; at--) {
      if (part === 'globstar') {
        // At the end it matches at least one segment, elsewhere also none.
        const here = isLast ? at === segments.length - 1 && !isHidden(at) : reached[at] === true
        next[at] = here || (at < segments.length && !isHidden(at) && next[at + 1] === true)
      } else next[at] = at < segments.length && reached[at + 1] === true && matchPart(part, segments[at])
    }
    reached = next
  }
  return reached[0] === true
}

function matchPart({ tokens, hidden }: Exclude<Part, 'globstar'>, segment: string | undefined): boolean {
  if (segment === undefined) return true
  if (!hidden && segment.startsWith('.')) return false
  const signs = [...segment]
  let token = 0
  let at = 0
  let star = -1
  let starAt = 0
  // Each token but a star takes one sign: on a failure it is enough to let the last star take one more.
  while (at < signs.length) {
    const expected = tokens[token]
    if (expected === 'star') {
      star = token++
      starAt = at
    } else if (expected?.(signs[at] ?? '')) {
      token++
      at++
    } else if (star === -1) return false
    else {
      token = star + 1
      at = ++starAt
    }
  }
  return tokens.slice(token).every(left => left === 'star')
}
