// The URL by which the catalog is given a file of a GHES.
import { encodedPath } from './url-path.ts'

/** Any reader of it takes it as one: blanks, `#` and what is not ASCII are encoded. */
export function registrationUrl(file: { host: string; repository: string; branch: string; path: string }): string {
  return `https://${file.host}/${file.repository}/blob/${encodedPath(file.branch)}/${encodedPath(file.path)}`
}
