// Names by kind, so that the nearest of 100,000 is found in some milliseconds: most are ruled out by their letters.
import { nearest } from '../../schemas/nearest.ts'

/** Of those whose letters are the most alike, so many are looked at closely. */
const CLOSE_LOOKS = 100
/** More changes than these are no slip. */
const MOST_CHANGES = 3
const NEAREST = 3

type OfKind = { refs: string[]; letters: number[] }

export class NameIndex {
  readonly #kinds = new Map<string, OfKind>()

  /** A ref in lower case, `kind:namespace/name`. */
  add(ref: string): void {
    const kind = kindOf(ref)
    const ofKind = this.#kinds.get(kind) ?? { refs: [], letters: [] }
    ofKind.refs.push(ref)
    ofKind.letters.push(lettersOf(ref, ref.indexOf('/') + 1))
    this.#kinds.set(kind, ofKind)
  }

  /** Refs of the same kind whose names are like this one's: the very name in another namespace, then the nearest of its own namespace, then of others. */
  nearest(ref: string, isThere: (candidate: string) => boolean): string[] {
    const name = nameOf(ref)
    const most = Math.min(MOST_CHANGES, Math.max(1, Math.floor(name.length / 4)))
    const alike = this.#alike(ref, most).filter(isThere)
    const place = ref.slice(0, ref.length - name.length)
    const [here, elsewhere] = [true, false].map(isHere => alike.filter(one => one.startsWith(place) === isHere))
    const found = [
      ...alike.filter(one => nameOf(one) === name),
      ...nearestOf(name, here ?? [], most),
      ...nearestOf(name, elsewhere ?? [], most),
    ]
    return [...new Set(found)].slice(0, NEAREST)
  }

  /** With the most alike letters first. Each change takes a letter away and brings another. */
  #alike(ref: string, most: number): string[] {
    const { refs, letters } = this.#kinds.get(kindOf(ref)) ?? { refs: [], letters: [] }
    const own = lettersOf(ref, ref.indexOf('/') + 1)
    const byDifference: string[][] = Array.from({ length: 2 * most + 1 }, () => [])
    for (let i = 0; i < letters.length; i++) {
      const difference = (letters[i] ?? 0) ^ own
      const place = difference === 0 ? 0 : bitsOf(difference)
      if (place <= 2 * most) byDifference[place]?.push(refs[i] ?? '')
    }
    return byDifference
      .flatMap(some =>
        some
          .filter(one => Math.abs(one.length - ref.length) <= most || nameOf(one) === nameOf(ref))
          .slice(0, CLOSE_LOOKS),
      )
      .slice(0, CLOSE_LOOKS)
  }
}

const kindOf = (ref: string) => ref.slice(0, ref.indexOf(':'))
const nameOf = (ref: string) => ref.slice(ref.indexOf('/') + 1)

function nearestOf(name: string, refs: readonly string[], most: number): string[] {
  const byName = Map.groupBy(refs, nameOf)
  return nearest(name, byName.keys(), most).flatMap(found => byName.get(found) ?? [])
}

/** Which characters are in it, as bits: some share one. */
function lettersOf(text: string, from: number): number {
  let bits = 0
  for (let i = from; i < text.length; i++) bits |= 1 << (text.charCodeAt(i) & 31)
  return bits
}

function bitsOf(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
