// Names for entities: valid, and each given once, in all organisations and against the live catalog.
import { isName, proposeName } from '../../hooks/catalog/checks/formats.ts'

/** `collision`: why it is not the name that was wanted. */
type Given = { name: string; collision?: string }

export type Names = {
  /** The first of these, in their nearest valid form, that nobody else has. `by`: who asks, `OWNER/NAME` or `OWNER/NAME:PATH`; it may ask again for what it has. */
  give(kind: string, wanted: readonly string[], by: string): Given
}

const MAX = 63

/** `taken`: by ref in lower case, who has it: a sentence's end, as "acme/other (catalog-info.yaml)". `kept`: names of earlier runs by ref, whose they are. */
export function openNames(
  taken: ReadonlyMap<string, { by: string; where: string }>,
  kept: ReadonlyMap<string, string>,
): Names {
  const given = new Map<string, string>()
  const earlier = new Map<string, string>()
  for (const [ref, repository] of kept) {
    const key = `${ref.slice(0, ref.indexOf(':'))} ${repository}`
    if (!earlier.has(key)) earlier.set(key, ref.slice(ref.indexOf('/') + 1))
  }
  const holder = (ref: string, by: string): string | undefined => {
    const [repository = ''] = by.split(':')
    const live = taken.get(ref)
    if (live !== undefined && live.by !== repository) return `is taken by ${live.where}`
    const other = given.get(ref)
    if (other !== undefined && other !== by) return `is proposed for ${other}`
    const before = kept.get(ref)
    return before === undefined || before === repository ? undefined : `is proposed for ${before}`
  }
  return {
    give(kind, wanted, by) {
      const candidates = wanted.flatMap(one => nameOf(one) ?? [])
      const first = candidates[0] ?? 'unnamed'
      const refOf = (name: string) => `${kind}:default/${name}`.toLowerCase()
      let collision: string | undefined
      const own = earlier.get(`${kind} ${by}`)
      // What was proposed once stays: a pull request does not change its name because a better one has become free.
      if (own !== undefined && own !== first && holder(refOf(own), by) === undefined) {
        const why = holder(refOf(first), by)
        given.set(refOf(own), by)
        return { name: own, ...(why === undefined ? {} : { collision: `${refOf(first)} ${why}` }) }
      }
      for (const name of withNumbers(candidates.length === 0 ? ['unnamed'] : candidates)) {
        const why = holder(refOf(name), by)
        if (why !== undefined) {
          collision ??= `${refOf(first)} ${why}`
          continue
        }
        given.set(refOf(name), by)
        return { name, ...(collision === undefined ? {} : { collision }) }
      }
      throw new Error('numbers end')
    },
  }
}

function* withNumbers(candidates: readonly string[]): Generator<string> {
  yield* candidates
  const last = candidates.at(-1) ?? 'unnamed'
  for (let i = 2; ; i++) yield `${last.slice(0, MAX - 1 - String(i).length)}-${i}`
}

/** In lower case, as most catalogs have them: a ref is the same in any. */
function nameOf(text: string): string | undefined {
  const name = proposeName(text)?.toLowerCase()
  return name !== undefined && isName(name) ? name : undefined
}

const SHORT = new Set([
  'api',
  'ui',
  'sdk',
  'cli',
  'sso',
  'http',
  'sql',
  'ios',
  'aws',
  'crm',
  'erp',
  'db',
  'id',
  'qa',
  'ml',
  'ai',
])

/** `payments-api` → `Payments API`; undefined where that says no more than the name. */
export function titleOf(repositoryName: string): string | undefined {
  const words = repositoryName.split(/[-_.]+/).filter(Boolean)
  const title = words
    .map(word => (SHORT.has(word.toLowerCase()) ? word.toUpperCase() : word.slice(0, 1).toUpperCase() + word.slice(1)))
    .join(' ')
  return words.length === 0 ? undefined : title
}
