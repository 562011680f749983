// Variables of a shell, a build or a generator that nothing has filled in: the catalog keeps `${OWNER}` as it stands.
import { fieldOf } from '../../../schemas/unknown.ts'
import { type Found, isMapValue, mapAt, type Subject } from '../check.ts'
import type { Path } from '../position.ts'
import { KEYS } from './annotation.ts'

/** `${OWNER}`, `$(OWNER)`, `<%= owner %>`, `#{OWNER}`. */
const ANYWHERE = /\$\{[A-Za-z_][^{}]*\}|\$\([A-Za-z_]\w*\)|<%[^%]*%>|#\{\w+\}/
/** `$OWNER`, `%OWNER%`, `__OWNER__`, `@owner@`: elsewhere in a string they may be its own. */
const WHOLE = /^(?:\$[A-Za-z_]\w*|%[A-Za-z_]\w*%|__[A-Za-z]\w*__|(@@?)[A-Za-z_][\w.]*\1)$/

/** What every variable has, and few files: looking for it once saves 1 % of 1,000 files. */
const SIGN = /\$[{(\w]|%\w|__|@|#\{|<%/

export const mayHoldVariable = (text: string): boolean => SIGN.test(text)

/** In a string that is a name or an address. Of `${{ x }}` another check speaks. */
export const variableIn = (text: string): string | undefined =>
  /\{[{%]/.test(text) ? undefined : (ANYWHERE.exec(text) ?? WHOLE.exec(text))?.[0]

export function checkVariables({ entity, written, version }: Subject, found: Found): void {
  const { title, description, links, annotations } = mapAt(written, 'metadata')
  const spec = mapAt(entity, 'spec')
  for (const [name, text] of Object.entries({ title, description })) tell(['metadata', name], text, true)
  for (const [i, link] of Array.isArray(links) ? links.entries() : []) {
    tell(['metadata', 'links', i, 'url'], fieldOf(link, 'url'))
    tell(['metadata', 'links', i, 'title'], fieldOf(link, 'title'), true)
  }
  for (const [key, text] of isMapValue(annotations) ? Object.entries(annotations) : [])
    if (KEYS.includes(key)) tell(['metadata', 'annotations', key], text)
  if (version === undefined) return
  for (const name of ['type', 'lifecycle', ...version.relations.map(({ field }) => field)]) {
    const value = spec[name]
    if (Array.isArray(value)) for (const [i, item] of value.entries()) tell(['spec', name, i], item)
    else tell(['spec', name], value)
  }

  /** `isProse`: where a variable may be spoken of. */
  function tell(path: Path, text: unknown, isProse = false): void {
    const variable = typeof text === 'string' ? variableIn(text) : undefined
    if (variable === undefined || (isProse && variable !== text)) return
    found({ code: 'unfilled-variable', facts: { path, variable }, path, part: 'value' })
  }
}
