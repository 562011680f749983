// Whether an entity that the catalog shows as another file's is that file's for certain: neither renamed, nor moved, nor deleted since.
import type { GhesBranches } from '../clients/ghes/branches.ts'
import { repositoryOf } from '../clients/ghes/branches.ts'
import type { Holders } from '../store/ports/holders.ts'
import { asBlob, filePlace, isSameRepository, splitTail } from './file-place.ts'

export type TakenOptions = {
  host: string
  store: Holders
  ghes: Pick<GhesBranches, 'repository'>
}

/** An entity of a push, its ref in lower case. */
export type Declared = { repository: string; branch: string; ref: string; path: string }

/** Whether this is the entity's own file: letter case of the repository makes no other one, nor does the branch. */
export function isOwnFile(file: string, { repository, branch, path }: Declared, host: string): boolean {
  const place = filePlace(file, host)
  if (place === undefined || !isSameRepository(place.repository, repository)) return false
  return splitTail(place.tail, [branch, 'HEAD']).path === path
}

/** The file that holds it, as a URL for people; undefined: nothing that can be claimed. */
export async function takenBy(file: string, declared: Declared, options: TakenOptions): Promise<string | undefined> {
  const { host, store, ghes } = options
  if (file === '' || isOwnFile(file, declared, host)) return undefined
  const place = filePlace(file, host)
  if (place === undefined) return file
  const facts = await ghes.repository(repositoryOf(place.repository))
  // Where our token sees repositories of this owner, one that it does not see is gone. Else it may be hidden from us.
  if (facts.result === 'none' && (await store.knowsOwnerOf(place.repository))) return undefined
  const now = facts.result === 'found' ? facts : facts.result === 'moved' ? facts.to : undefined
  const repository = now?.fullName ?? place.repository
  const branches = now === undefined ? [] : [now.defaultBranch, 'HEAD']
  const { branch, path } = splitTail(place.tail, branches)
  if (isSameRepository(repository, declared.repository)) {
    // Of a branch with slashes it is not known where it ends.
    const isUnsure = !branches.includes(branch) && place.tail.endsWith(`/${declared.path}`)
    if (path === declared.path || isUnsure) return undefined
  }
  const ref = `refs/heads/${branch === 'HEAD' ? (now?.defaultBranch ?? branch) : branch}`
  const hasLeft = await store.hasLeft({ repository, ref, path }, declared.ref)
  return hasLeft ? undefined : asBlob(file)
}
