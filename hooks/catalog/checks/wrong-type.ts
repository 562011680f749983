// A value of the wrong type, and its line as it stands in the file.
import type { Path } from '../position.ts'
import type { Source, Written } from '../source.ts'

/** `isOptional`: whether the catalog takes the entity without the field. `example`: a value that others have there. */
export type Mistyped = {
  path: Path
  value: unknown
  expected: string
  source: Source
  isOptional: () => boolean
  example?: string | undefined
}

/** A line with its key, or an entry of a list. */
export const line = ({ key, anchor }: Written, text: string) =>
  `${key === undefined ? '' : `${key}: `}${anchor === undefined ? '' : `${anchor} `}${text}`

/** What can be left out. */
export function removed({ key, isInBrackets, isBehindDash, isBelow, form, text }: Written): string {
  if (isInBrackets) return `remove "${key}" and its value`
  const below = form === 'block' && key !== undefined ? text.split('\n').length : 0
  const all = below === 0 ? undefined : `remove "${key}:" and the ${below > 1 ? `${below} lines` : 'line'} below it`
  if (isBehindDash)
    return all === undefined
      ? 'move its "- " to the next line and remove this one'
      : `${all}, and write its "- " before the next key`
  return all ?? (isBelow && key !== undefined ? 'remove it, with its key' : 'remove the line')
}
