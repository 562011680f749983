// What only the live catalog can tell of files: names that nobody has, and names that another file holds. What is asked, and what its answer is about.
import { formatEntityRef } from '../../schemas/entity-ref.ts'
import type { LookupAnswer, LookupRequest } from '../../schemas/lookup.ts'
import { decoded } from '../../schemas/url-path.ts'
import type { Code } from '../diagnostics/codes.ts'
import type { Finding } from '../diagnostics/diagnostic.ts'
import { mapAt } from './check.ts'
import type { Budget, Checker } from './check-files.ts'
import { isPossible } from './checks/impossible-ref.ts'
import { chooseVersion } from './checks/kind.ts'
import { isBelow } from './checks/placeholder.ts'
import { placeIn } from './checks/placeholder-url.ts'
import { partsOf } from './checks/relation.ts'
import { type CheckedFile, type Rules, withFindings } from './file.ts'
import { parseCatalogFile } from './parse.ts'
import { nodeAt, type Path } from './position.ts'
import type { Tree } from './tree.ts'
import { type Entity, placed } from './validate.ts'

/** What is found here. */
export const LOOKUP_CODES = ['unknown-ref', 'name-taken'] as const satisfies Code[]

export type LookupQuestion = Pick<LookupRequest, 'entities' | 'references'>

/** Room for the rest of the message: the relay takes 64 KiB. */
const MOST_BYTES = 56 * 1024
const MOST_ITEMS = 2000

/** What the files declare and refer to; what one of them declares, another may refer to. Undefined: there is nothing to ask. */
export function questionOf(
  files: readonly CheckedFile[],
  isNew: (file: CheckedFile) => boolean,
  rules: Rules,
): LookupQuestion | undefined {
  const { severities, repository } = rules
  const declared = new Set(files.flatMap(({ entities }) => entities.map(({ ref }) => ref)))
  const asked = files.filter(isNew)
  const entities = severities['name-taken'] === 'off' ? [] : asked.flatMap(file => declaredIn(file, repository))
  const referred = asked.flatMap(file => goodEntities(file).flatMap(one => relationsOf(one, rules)))
  const references =
    severities['unknown-ref'] === 'off'
      ? []
      : [...new Set(referred.map(({ ref }) => ref))].filter(r => !declared.has(r))
  const question = {
    entities: withinRoom(entities, MOST_BYTES / 2),
    references: withinRoom(references, MOST_BYTES / 2),
  }
  return question.entities.length + question.references.length === 0 ? undefined : question
}

function withinRoom<T>(items: readonly T[], bytes: number): T[] {
  let left = bytes
  return items.slice(0, MOST_ITEMS).filter(item => {
    left -= Buffer.byteLength(JSON.stringify(item)) + 1
    return left >= 0
  })
}

const goodEntities = (file: CheckedFile) =>
  file.entities.filter(({ document }) => ['accepted', 'withheld'].includes(file.documents[document]?.status ?? ''))

/** Paths are those of the repository. */
function declaredIn(file: CheckedFile, repository: Rules['repository']): LookupQuestion['entities'] {
  const path = (placeIn(repository, file.path).file ?? file.path).toWellFormed()
  return goodEntities(file).map(({ ref }) => ({ ref, path }))
}

type Relation = { ref: string; path: Path }

/** As the catalog completes them: the kind by the field, the namespace by the entity. */
function relationsOf(entity: Entity, { profile }: Rules): Relation[] {
  const spec = mapAt(entity.value, 'spec')
  const own = partsOf(entity.ref).namespace ?? 'default'
  return (chooseVersion(profile, entity.value)?.relations ?? []).flatMap(({ field, defaultKind }) => {
    const value = spec[field]
    return (Array.isArray(value) ? value : [value]).flatMap((one, i) => {
      if (typeof one !== 'string' || one === '' || !isPossible(one)) return []
      const { kind = defaultKind, namespace = own, name } = partsOf(one)
      if (kind === undefined) return []
      const path = Array.isArray(value) ? ['spec', field, i] : ['spec', field]
      return [{ ref: formatEntityRef({ kind, namespace, name }), path }]
    })
  })
}

/** Undefined for what is none: nothing is believed of it then. */
export function readAnswer(text: string): LookupAnswer | undefined {
  try {
    const { unknown, taken, asOf } = JSON.parse(text) as Partial<LookupAnswer>
    if (!Array.isArray(unknown) || !Array.isArray(taken)) return undefined
    const isRight =
      unknown.every(({ ref, nearest }) => isText(ref) && Array.isArray(nearest) && nearest.every(isText)) &&
      taken.every(({ ref, by }) => isText(ref) && isText(by))
    return isRight ? { unknown, taken, asOf: String(asOf) } : undefined
  } catch {
    return undefined
  }
}

const isText = (value: unknown) => typeof value === 'string'

type Here = { rules: Rules; tree: Tree; checker: Pick<Checker, 'check'>; budget: Budget }

/** The files with what the answer says of them. A file with nothing new stays the same object. */
export async function withAnswer(
  files: CheckedFile[],
  isNew: (file: CheckedFile) => boolean,
  { unknown, taken }: LookupAnswer,
  here: Here,
): Promise<CheckedFile[]> {
  const nearest = new Map(unknown.map(one => [one.ref.toLowerCase(), one.nearest]))
  const holders = new Map<string, string>()
  for (const { ref, by } of taken)
    if (await isHeldThere(by, ref.toLowerCase(), files, here)) holders.set(ref.toLowerCase(), by)
  if (nearest.size + holders.size === 0) return files
  return files.map(file => {
    const found: Located[] = []
    // A file is parsed anew for it: whoever has pushed too many of them buys nothing by it.
    const look = () => found.push(...takenIn(file, holders), ...unknownIn(file, nearest, here.rules))
    if (isNew(file) && !here.budget.isOver()) here.budget.run(look)
    return found.length === 0 ? file : withFindings(file, found, here.rules)
  })
}

type Located = { document: number; finding: Finding }

function unknownIn(file: CheckedFile, nearest: ReadonlyMap<string, string[]>, rules: Rules): Located[] {
  const wrong = goodEntities(file).flatMap(entity =>
    relationsOf(entity, rules).flatMap(one => (nearest.has(one.ref) ? [{ entity, ...one }] : [])),
  )
  if (wrong.length === 0) return []
  // Only now: where a value stands, nobody asks of what is right.
  const { documents } = parseCatalogFile(Buffer.from(file.text))
  return wrong.flatMap(({ entity, ref, path }) => {
    const parsed = documents[entity.document]
    if (parsed?.result !== 'entity') return []
    // An owner that CODEOWNERS gives stands in no catalog file.
    const isWritten = nodeAt(parsed.document, path).found || entity.quotes.some(quote => isBelow(path, quote))
    const facts = { ref, nearest: nearest.get(ref) ?? [] }
    const finding = placed({ code: 'unknown-ref', facts, path, part: 'value' }, parsed.document, entity.quotes)
    return isWritten ? [{ document: entity.document, finding }] : []
  })
}

const takenIn = (file: CheckedFile, holders: ReadonlyMap<string, string>): Located[] =>
  goodEntities(file).flatMap(({ ref, document, nameRange }) => {
    const by = holders.get(ref)
    return by === undefined
      ? []
      : [{ document, finding: { code: 'name-taken' as const, facts: { ref, by }, range: nameRange } }]
  })

/**
 * False where that is a file of this very repository, and does not hold the entity after this push: then it moves. True for another repository's: of
 * that one the relay knows more.
 */
async function isHeldThere(
  by: string,
  ref: string,
  files: readonly CheckedFile[],
  { rules, tree, checker }: Here,
): Promise<boolean> {
  const [, repository = '', tail = ''] =
    /^https?:\/\/[^/]+\/([^/]+\/[^/]+)\/(?:blob|tree|raw|edit)\/(.+)$/s.exec(by) ?? []
  const { fullName = '', folder = '' } = rules.repository
  if (repository.toLowerCase() !== fullName.toLowerCase()) return true
  // Outside of the folder that is checked nobody looks.
  if (folder !== '') return false
  const known = new Map(files.map(file => [file.path, file]))
  const paths = pathsIn(tail)
  const others = paths.filter(path => !known.has(path))
  const checked =
    others.length === 0 ? [] : (await checker.check({ tree, paths: others, followLocations: false })).files
  const there = [...paths.flatMap(path => known.get(path) ?? []), ...checked]
  return there.some(({ entities }) => entities.some(entity => entity.ref === ref))
}

/** What a URL's end may be as a path: nobody says where the branch ends. */
function pathsIn(tail: string): string[] {
  const parts = decoded(tail).split('/')
  return parts.slice(1, 8).map((_, i) => parts.slice(i + 1).join('/'))
}
