// The backend's messages by what is meant: as many kinds as a person can look at.

/** The first that fits counts. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/Reading from '.*' is not allowed/, 'a host that may not be read'],
  [/^YAML error at|Unresolved alias|Excessive alias count/, 'a YAML error'],
  [/Expected object at root/, 'a document that is no map'],
  [/is not of an allowed kind for that location/, 'a kind outside catalog.rules'],
  [/must be a valid object/, 'annotations that are no map'],
  [/no matching files found for|^Unable to read url, .*404/, 'a target of a Location that is not there'],
  [/Registered locations must be of an allowed type/, 'the type of a Location'],
  [/No processor recognized the entity/, 'an unknown kind'],
  [/Placeholder may only reference files from the same repository/, 'a placeholder that names another repository'],
  [/Placeholder .* could not read location .*404 Not Found/, 'a file of a placeholder that is not there'],
  [/Placeholder .* could not read location/, 'a file of a placeholder that cannot be read'],
  [/Placeholder .* failed to parse JSON/, 'a file of $json that is no JSON'],
  [/Placeholder .* failed to parse YAML|Placeholder .* found an error in the data/, 'a file of $yaml that is no YAML'],
  [/Placeholder .* expected to find exactly one document/, 'a file of $yaml with no document or several'],
  [/Placeholder .* unable to bundle/, 'a file of $openapi that cannot be bundled'],
  [/Placeholder .* expected a string value/, 'a placeholder without a text'],
  [/it is not stitched/, 'keys that differ only in case'],
]

export function kindOfReason(message: string): string {
  const known = KINDS.find(([pattern]) => pattern.test(message))
  if (known) return known[1]
  const last = message.split('; caused by ').at(-1) ?? message
  if (/^(<root>|\/(apiVersion|kind|metadata)\b)/.test(last)) return `the envelope or the schema: ${shortened(last)}`
  return shortened(last)
}

/** Whether it keeps a whole file out, and with it the Location that names the file. */
export const costsFile = (message: string): boolean =>
  /^YAML error at|Unresolved alias|Excessive alias count|Expected object at root|is not of an allowed kind|must be a valid object/.test(
    message,
  ) || /^(<root>|\/(apiVersion|kind|metadata)\b)/.test(message)

/** Whether it speaks of a file that a Location names. */
export const isAboutFile = (message: string): boolean =>
  costsFile(message) || /^Unable to read url|no matching files found for|Registered locations must be/.test(message)

/** Whether it speaks of what a placeholder at that place stands for, or of something below it. */
export function isAboutValue(message: string, path: readonly (string | number)[]): boolean {
  // What hosts outside hold, wherever it was taken for a reference.
  if (/Entity reference "?\{\}/.test(message)) return true
  if (
    /Placeholder \S+ (?:could not read|unable to bundle|failed to parse|found an error|expected to find)/.test(message)
  )
    return true
  const [field = '', ...below] = path.slice(1).map(String)
  const pointer = path.map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return [pointer, `"${[field, ...below].join('.')}`, `"${path.join('.')}`].some(place => message.includes(place))
}

/** Without what is different in every one. */
const shortened = (message: string) =>
  message
    .replace(/https?:\/\/[^\s,]+/g, 'URL')
    .replace(/\b[a-z]+:[\w.-]+\/[^\s,;]+/gi, 'REF')
    .replace(/"[^"]*"|'[^']*'/g, '"…"')
    .replace(/\s+/g, ' ')
    .slice(0, 120)

/**
 * What a file in its tree cannot tell, and nobody is to blame for: whether a host may be read, and what is at a URL of another repository
 * or branch. `ownUrl`: where the files of the case's repository begin.
 */
export function isBeyondTree(message: string, ownUrl: string): boolean {
  if (/Reading from '.*' is not allowed/.test(message)) return true
  const [, url] =
    /could not read location (https?:\S+), NotFoundError/.exec(message) ??
    /no matching files found for (\S+)/.exec(message) ??
    []
  return url !== undefined && !url.replace(/\/(blob|raw|edit)\//, '/tree/').startsWith(ownUrl)
}
