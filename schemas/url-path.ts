// Paths within URLs: percent-encoded part by part, and read again.

export const encodedPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

/** What encodes nothing stays as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
