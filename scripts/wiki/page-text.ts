// The bytes of a page as text. MkDocs reads UTF-8 only, and ends the whole build at a page that is none.

/** `as`: what it was read as, where that is not UTF-8. */
export function pageText(bytes: Uint8Array): { text: string; as?: string } {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return { text: new TextDecoder('utf-16le').decode(bytes), as: 'UTF-16' }
  if (first === 0xfe && second === 0xff) return { text: new TextDecoder('utf-16be').decode(bytes), as: 'UTF-16' }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), as: 'Windows-1252' }
  }
}
