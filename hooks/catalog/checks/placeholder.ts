// Placeholders: an object whose single key is $text, $json or $yaml stands for the content of a file (PlaceholderProcessor).
import { describe, type Found } from '../check.ts'
import type { Path } from '../position.ts'
import { gitFile } from './git-url.ts'

const PLACEHOLDERS = ['$text', '$json', '$yaml']
/** Hosts that are no GHES: whatever they serve is another repository. */
const PUBLIC_HOSTS = ['github.com', 'gitlab.com', 'bitbucket.org']

export type Repository = { host?: string; fullName?: string }
/** A file that a placeholder quotes, as it is written: a relative path or a URL. */
export type Quote = { target: string; path: Path }

/** The value with every placeholder replaced by what its file could be at best: a text, or a map. Both sides of a `$` key are left alone, as in the catalog. */
export function replacePlaceholders(
  value: unknown,
  repository: Repository,
  found: Found,
  quotes: Quote[],
  path: Path = [],
): unknown {
  if (Array.isArray(value))
    return value.map((item, i) => replacePlaceholders(item, repository, found, quotes, [...path, i]))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  if (!entries.some(([key]) => key.startsWith('$'))) {
    return Object.fromEntries(
      entries.map(([key, item]) => [key, replacePlaceholders(item, repository, found, quotes, [...path, key])]),
    )
  }
  const [only] = entries
  if (only === undefined || entries.length !== 1 || !PLACEHOLDERS.includes(only[0])) return value
  const [placeholder, target] = only
  if (typeof target !== 'string') {
    found({
      code: 'placeholder-value',
      facts: { placeholder, found: describe(target) },
      path: [...path, placeholder],
      part: 'value',
    })
  } else {
    quotes.push({ target, path: [...path, placeholder] })
    if (isElsewhere(target, repository)) {
      found({
        code: 'placeholder-repository',
        facts: { placeholder, target },
        path: [...path, placeholder],
        part: 'value',
      })
    }
  }
  return placeholder === '$text' ? '{}' : {}
}

/** True only when it is certain that the catalog sees another repository: it compares host and name. A name's case is GHES's to know. */
function isElsewhere(target: string, { host, fullName }: Repository): boolean {
  const there = gitFile(target)
  if (there === undefined) return false
  if (host === undefined ? PUBLIC_HOSTS.includes(there.host) : there.host !== host.toLowerCase()) return true
  return fullName !== undefined && there.fullName.toLowerCase() !== fullName.toLowerCase()
}
