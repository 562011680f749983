// How many cells of a terminal a text takes, so that a caret stands under what it means.

/** Made when they are needed: ICU's tables are 0.25 ms of a start. */
let signs: { none: RegExp; two: RegExp } | undefined

export function cellsOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length
  signs ??= {
    // Marks that stand on the letter before them, and signs that take no room.
    none: /\p{M}/u,
    // Scripts of East Asia, full width forms, and pictures.
    two: /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u,
  }
  let cells = 0
  for (const c of text) cells += signs.none.test(c) ? 0 : signs.two.test(c) ? 2 : 1
  return cells
}
