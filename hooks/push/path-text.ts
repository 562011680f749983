// Git's bytes as text, and back without a loss: a path need not be UTF-8, and two that differ in one byte are two paths.

/** A byte that belongs to no UTF-8 character is the lone surrogate U+DC00 + byte, which no text in UTF-8 holds. Shown as `\xe9` (printable). */
const LONE = 0xdc00

/** The bytes as text. Different bytes are different texts; what is UTF-8 reads as it is. */
export function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = buffer.toString('utf8')
  if (!text.includes('\ufffd')) return text
  let exact = ''
  for (let at = 0; at < buffer.length; ) {
    const character = characterAt(buffer, at)
    exact += character?.text ?? String.fromCharCode(LONE + (buffer[at] ?? 0))
    at += character?.bytes ?? 1
  }
  return exact
}

/** The bytes that `textOf` made the text of. */
export function bytesOf(text: string): Buffer {
  // With the flag, half of a pair is no lone surrogate.
  const parts = text.split(/([\udc80-\udcff]+)/u)
  if (parts.length === 1) return Buffer.from(text)
  return Buffer.concat(
    parts.map((part, i) =>
      i % 2 === 0 ? Buffer.from(part) : Buffer.from([...part].map(one => one.charCodeAt(0) - LONE)),
    ),
  )
}

/** For those who take only UTF-8: the relay, its stores, GHES's API. No key any more. */
export const plainText = (text: string): string => text.toWellFormed()

/** The UTF-8 character that begins there, if one does. */
function characterAt(buffer: Buffer, at: number): { text: string; bytes: number } | undefined {
  const first = buffer[at] ?? 0
  const bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  const part = buffer.subarray(at, at + bytes)
  const text = part.toString('utf8')
  return Buffer.from(text).equals(part) ? { text, bytes } : undefined
}
