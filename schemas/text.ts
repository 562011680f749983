// Text from outside as it can be kept anywhere: no half characters, neither those that came so nor those that a cut would make.

/** At most so many UTF-16 units, cut between characters. */
export const cutText = (text: string, most: number): string =>
  text
    .toWellFormed()
    .slice(0, most)
    .replace(/[\ud800-\udbff]$/, '')

/** JSON whose texts are well-formed: an escape can stand for half a character, which no database takes. Throws SyntaxError. */
export function parseWellFormed(json: string): unknown {
  if (!/\\u[dD][89a-fA-F]/.test(json)) return JSON.parse(json)
  return JSON.parse(json, (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value))
}
