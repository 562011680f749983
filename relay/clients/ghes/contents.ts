// A file as a commit has it: what reading the catalog is held against.
import { encodedPath } from '../../../schemas/url-path.ts'
import type { Trouble } from '../trouble.ts'
import { repositoryOf } from './branches.ts'
import type { GhesClient } from './client.ts'
import { isUnknown } from './comparisons.ts'
import { field, type Read } from './read.ts'
import { troubleOf } from './refusal.ts'

/** `none`: there is no such file there, or GHES does not give it (above 1 MB). */
type ContentsAnswer = { result: 'text'; text: string } | { result: 'none' } | Trouble

export type GhesContents = (place: { repository: string; commit: string; path: string }) => Promise<ContentsAnswer>

export function ghesContents(client: GhesClient): GhesContents {
  const { ask } = client.for('look-up')
  return async ({ repository, commit, path }) => {
    const { owner, name } = repositoryOf(repository)
    const encoded = encodedPath(path)
    const route = `GET /repos/{owner}/{repo}/contents/${encoded}`
    const answer = await ask(route, { owner, repo: name, ref: commit }, contentsIn)
    if (answer.result === 'answered') return answer.value
    return isUnknown(answer) ? { result: 'none' } : troubleOf(answer)
  }
}

/** Of a folder GHES gives a list. */
const contentsIn: Read<ContentsAnswer> = data => {
  if (Array.isArray(data)) return { result: 'none' }
  const content = field(data, 'content', 'text')
  if (field(data, 'encoding', 'text') === 'base64' && content !== undefined)
    return { result: 'text', text: Buffer.from(content, 'base64').toString('utf8') }
  return field(data, 'type', 'text') === undefined ? undefined : { result: 'none' }
}
