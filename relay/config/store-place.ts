// Where the store is: a path is SQLite's, a URL PostgreSQL's.
import { resolve } from 'node:path'

export type StorePlace = { kind: 'sqlite'; path: string } | { kind: 'postgres'; url: string }

/** `text` as a configuration or a person writes it; a relative path counts from `folder`. Never quotes a URL: it has a password in it. */
export function storePlace(text: string, folder: string): StorePlace | { problem: string } {
  if (/^postgres(ql)?:/i.test(text)) {
    if (!URL.canParse(text))
      return {
        problem:
          'the URL cannot be read; expected postgres://USER:PASSWORD@HOST:5432/DATABASE (special characters percent-encoded)',
      }
    if (new URL(text).pathname.length < 2)
      return { problem: 'the URL names no database; expected postgres://USER:PASSWORD@HOST:5432/DATABASE' }
    return { kind: 'postgres', url: text }
  }
  const scheme = /^([a-z]+):\/\//i.exec(text)?.[1]
  if (scheme !== undefined && scheme !== 'sqlite')
    return {
      problem: `"${scheme}:" is not known; expected the path of a SQLite file, or postgres://USER:PASSWORD@HOST:5432/DATABASE`,
    }
  if (text.includes('\0')) return { problem: 'a path has no NUL in it' }
  return { kind: 'sqlite', path: resolve(folder, text.replace(/^sqlite:\/\//, '')) }
}
