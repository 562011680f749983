// What the store knows of a repository's files, as the way in asks for it.
import type { Store } from '../store/store.ts'

export type Known = {
  /** Files that were forwarded and not removed since. */
  knownFiles(repository: string): Promise<{ ref: string; path: string }[]>
  /** Catalog files of this branch whose last notification says that they quote one of these paths. */
  filesReferencing(repository: string, ref: string, paths: string[]): Promise<string[]>
  renameRepository(from: string, to: string): Promise<unknown>
  closeRepository(repository: string, reason: string): Promise<unknown>
}

/** A store that keeps no such knowledge knows nothing: what is named by pattern is refreshed all the same. */
export function knownIn(store: Store): Known {
  const able: Store & Partial<Known> = store
  return {
    knownFiles: async repository => (await able.knownFiles?.(repository)) ?? [],
    filesReferencing: async (...asked) => (await able.filesReferencing?.(...asked)) ?? [],
    renameRepository: async (...names) => able.renameRepository?.(...names),
    closeRepository: async (...closing) => able.closeRepository?.(...closing),
  }
}
