// A file of the catalog, as its URL says: whose repository it is in, and which file of it.
import { decoded } from '../../schemas/url-path.ts'

/** `tail`: branch and path, decoded; where the one ends and the other begins, it does not say. */
export type FilePlace = { repository: string; tail: string }

/** Undefined for what is no file of this GHES. */
export function filePlace(url: string, host: string): FilePlace | undefined {
  const [, at = '', repository = '', tail = ''] =
    /^https?:\/\/([^/]+)\/([^/]+\/[^/]+)\/(?:blob|tree|raw|edit)\/(.+)$/s.exec(url) ?? []
  return tail !== '' && at.toLowerCase() === host.toLowerCase() ? { repository, tail: decoded(tail) } : undefined
}

/** As people open it in a browser: the catalog writes `tree` for every file. */
export const asBlob = (url: string) => url.replace(/^(https?:\/\/[^/]+\/[^/]+\/[^/]+)\/tree\//, '$1/blob/')

export const isSameRepository = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** Branch and path, where one of the branches is its beginning; else as if the branch had no slash. */
export function splitTail(tail: string, branches: readonly string[]): { branch: string; path: string } {
  const branch = branches.find(name => tail.startsWith(`${name}/`)) ?? tail.slice(0, tail.indexOf('/'))
  return { branch, path: tail.slice(branch.length + 1) }
}
