// What the catalog has said of files just now, for the copy: sooner than its next listing.
import type { Reading } from '../store/ports/verdicts.ts'
import type { CatalogCopy } from './catalog-copy.ts'

/** Only what it accepted: the entity is there, and comes from this file. */
export function learnVerdicts(readings: readonly Reading[], copy: Pick<CatalogCopy, 'learn'>, host: string): void {
  for (const { entity, result, repository, tail } of readings)
    if (result === 'accepted' && !/^location:/i.test(entity))
      copy.learn(entity.toLowerCase(), `https://${host}/${repository}/tree/${tail}`)
}
