// Characters that cannot be seen, or look like a space: their names, and a text without them.

/** PostgreSQL stores none: an entity with one anywhere never appears in a catalog that has its tables there, and nobody is told (4.0.5). */
export const NUL = '\0'

const NAMES: Record<string, string> = {
  [NUL]: 'a NUL (U+0000)',
  '\u00a0': 'a no-break space (U+00A0)',
  '\u00ad': 'a soft hyphen (U+00AD)',
  '\u200b': 'a zero width space (U+200B)',
  '\u200c': 'a zero width non-joiner (U+200C)',
  '\u200d': 'a zero width joiner (U+200D)',
  '\u200e': 'a left-to-right mark (U+200E)',
  '\u200f': 'a right-to-left mark (U+200F)',
  '\u2007': 'a figure space (U+2007)',
  '\u2009': 'a thin space (U+2009)',
  '\u202f': 'a narrow no-break space (U+202F)',
  '\u2060': 'a word joiner (U+2060)',
  '\u3000': 'an ideographic space (U+3000)',
  '\ufeff': 'a byte order mark (U+FEFF)',
}
const BLANKS = /[\u00a0\u2007\u2009\u202f\u3000]/g

export const HIDDEN = new RegExp(`[${Object.keys(NAMES).join('')}]`)
const ALL_HIDDEN = new RegExp(HIDDEN, 'g')

export const hiddenName = (character: string): string | undefined => NAMES[character]

/** With spaces for blanks of another sort, and without the rest. */
export const withoutHidden = (value: string): string => value.replace(BLANKS, ' ').replace(ALL_HIDDEN, '').trim()

/** Behind a text in a sentence: which character in it cannot be seen. */
export function hiddenIn(text: string): string {
  const character = HIDDEN.exec(text)?.[0]
  return character === undefined ? '' : `, which holds ${hiddenName(character)},`
}
