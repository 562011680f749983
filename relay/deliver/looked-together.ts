// What one look at the catalog is about: the entities of some files together, and what of them is compared later.
import { type Look, type ReadFile, refsOf } from './outcome.ts'

type Looked = Pick<ReadFile, 'locations' | 'announced' | 'content'>

/** Some 100 kB of answer; an API's definition may be much larger. */
const REFS_AT_ONCE = 25

export const askedOf = (file: Looked): string[] => [...file.locations, ...refsOf(file)]

/** Files that are asked for together. */
export function lotsOf<T extends Looked>(files: readonly T[]): T[][] {
  const lots: T[][] = []
  let room = 0
  for (const file of files) {
    const size = askedOf(file).length
    if (room < size || lots.length === 0) {
      lots.push([])
      room = Math.max(size, REFS_AT_ONCE)
    }
    lots.at(-1)?.push(file)
    room -= size
  }
  return lots
}

/** What is compared later, and no more: an entity may be large, and a look is of many. */
export const bare = (file: Looked, look: Look): NonNullable<ReadFile['first']> =>
  new Map(
    askedOf(file).map(ref => {
      const { etag, errors = [] } = look.get(ref) ?? {}
      return [ref, etag === undefined ? { errors } : { etag, errors }]
    }),
  )
