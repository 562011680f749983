// What the catalog has made of a file, as far as it can be read from outside: a decision over values. What cannot be known is never told as accepted.
import type { CatalogResult } from '../../schemas/catalog-verdicts.ts'
import type { Shown } from '../clients/catalog-reads.ts'
import { type Documents, sameness } from './file-documents.ts'
import { placeIn } from './location.ts'

/** By ref in lower case; undefined for what was asked for and is not shown. */
export type Look = ReadonlyMap<string, Shown | undefined>

export type ReadFile = {
  place: { host: string; repository: string; ref: string; path: string }
  /** Refs of the Locations that the file itself may have. */
  locations: readonly string[]
  /** As the push has told them, in lower case. */
  announced: readonly string[]
  /** `none`: GHES does not give it. */
  content?: Documents | 'none'
  /** How it was right after the refresh. Left out where an earlier push of the file may still be under way: what is new then may be of that one. */
  first?: ReadonlyMap<string, Pick<Shown, 'etag' | 'errors'>>
}

type Bad = { result: Exclude<CatalogResult, 'accepted'>; entity: string; errors: string[]; heldBy?: string }
/** `words`: what is seen meanwhile. `looksWrong`: if it stays so, somebody should look at it. `wantsContent`: the file's own content would decide. */
type Open = { result: 'open'; words: string; looksWrong: boolean; wantsContent?: boolean }
export type Outcome = { result: 'accepted' } | Bad | Open

/** Of files with more, only the first are looked at, and such a file is never told as accepted. */
const MOST_REFS = 100

export const refsOf = ({ content, announced }: Pick<ReadFile, 'content' | 'announced'>): string[] =>
  (content === undefined || content === 'none' ? [...announced] : [...content.of.keys()]).slice(0, MOST_REFS)

export function outcomeOf(file: ReadFile, look: Look): Outcome {
  const ofFile = file.locations.flatMap(ref => errorOf(file, look, ref) ?? [])[0]
  if (ofFile) return ofFile
  const refs = refsOf(file)
  const found = refs.map(ref => ofEntity(file, look, ref))
  const bad = ['refused', 'conflict'].flatMap(result => found.filter(one => one.result === result))
  // One that is held elsewhere may be on its way: the others are waited for.
  const [open] = found.filter(one => one.result === 'open')
  if (bad[0]?.result === 'refused' || (bad[0] && !open)) return bad[0]
  if (open) return open
  const { content } = file
  if (content === 'none')
    return { result: 'open', words: 'GHES does not give the pushed file, or it is too large', looksWrong: false }
  if (content === undefined) return { result: 'open', words: NOT_READ, looksWrong: false, wantsContent: true }
  if (content.isBroken || refs.length === 0 || content.of.size > MOST_REFS)
    return { result: 'open', words: NOT_READ, looksWrong: content.isBroken }
  return { result: 'accepted' }
}

const NOT_READ = 'nothing shows that the catalog has read it'

/** Of the Location or an entity. */
function errorOf(file: ReadFile, look: Look, ref: string): Bad | Open | undefined {
  const errors = look.get(ref)?.errors ?? []
  if (errors.length === 0) return undefined
  const before = file.first?.has(ref) ? (file.first.get(ref)?.errors ?? []) : errors
  if (errors.every(error => before.includes(error)))
    return {
      result: 'open',
      looksWrong: true,
      words: `${nameOf(file, ref)} has an error that may be from before this push: ${errors[0]}`,
    }
  if (!file.locations.includes(ref)) return { result: 'refused', entity: ref, errors }
  if (file.content === undefined)
    return { result: 'open', words: errors[0] ?? '', looksWrong: true, wantsContent: true }
  const isRead = file.content !== 'none' && !file.content.isBroken
  return { result: isRead ? 'refused' : 'unreadable', entity: ref, errors }
}

const nameOf = ({ locations }: ReadFile, ref: string) => (locations.includes(ref) ? 'the file' : ref)

function ofEntity(file: ReadFile, look: Look, ref: string): Outcome {
  const shown = look.get(ref)
  if (!shown)
    return {
      result: 'open',
      words: look.has(ref)
        ? `${ref} is not in the catalog: it was refused (the log of Backstage says why), or the file is not read yet`
        : NOT_READ,
      looksWrong: look.has(ref),
    }
  if (shown.from === undefined || placeIn(shown.from, file.place) !== file.place.path)
    return shown.from === undefined
      ? { result: 'open', words: `the catalog does not show from which file ${ref} comes`, looksWrong: false }
      : {
          result: 'conflict',
          entity: ref,
          heldBy: `url:${shown.from}`,
          errors: [`${ref} is declared there already`],
        }
  const error = errorOf(file, look, ref)
  if (error) return error
  const document = file.content === undefined || file.content === 'none' ? undefined : file.content.of.get(ref)
  if (!document) return { result: 'accepted' }
  const same = sameness(document, shown.data)
  if (same.as === 'other')
    return {
      result: 'open',
      looksWrong: false,
      words: `the catalog shows ${ref} with another ${same.at} than the file: not read yet, or changed by a processor`,
    }
  // What cannot be seen is taken from the entity's having changed at all.
  const isNew = file.first?.has(ref) === true && file.first.get(ref)?.etag !== shown.etag
  return same.as === 'same' || isNew ? { result: 'accepted' } : { result: 'open', words: NOT_READ, looksWrong: false }
}
