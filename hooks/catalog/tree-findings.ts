// What needs more than one file and is doubtful alone: folders without documentation, entities that stand in two files. Warnings, unless configured otherwise.
import type { Code } from '../diagnostics/codes.ts'
import type { Finding } from '../diagnostics/diagnostic.ts'
import { linesOf } from '../diagnostics/lines.ts'
import { type CheckedFile, type Rules, withFindings } from './file.ts'
import { placeOf } from './position.ts'
import { pathInRepository } from './repository-path.ts'
import type { Presence, Tree } from './tree.ts'
import type { Entity } from './validate.ts'

/** What is found here. */
export const TREE_CODES = ['techdocs-config', 'duplicate-entity'] as const satisfies Code[]

/** Some 5 paths for each of 5,000 files. More are not asked for: these are warnings, and git needs 10 µs a path. */
const MAX_PATHS = 25_000

type Located = { entity: Entity; finding: Finding }
type Wanted = Located & { anyOf: string[] }

type AskedTree = Pick<Tree, 'exists' | 'isKnown'>

/** `faults`: what we could not cope with, each the cost of one file. */
type FoundInTree = { files: CheckedFile[]; faults: { path: string; error: unknown }[] }

/** The files with what is wrong between them. A file with nothing new stays the same object. */
export async function findInTree(files: readonly CheckedFile[], tree: AskedTree, rules: Rules): Promise<FoundInTree> {
  const faults: FoundInTree['faults'] = []
  const ofEach = <T>(otherwise: (file: CheckedFile) => T, of: (file: CheckedFile, i: number) => T): T[] =>
    files.map((file, i) => {
      try {
        return of(file, i)
      } catch (error) {
        faults.push({ path: file.path, error })
        return otherwise(file)
      }
    })
  const nothing = () => []
  const wanted = ofEach<Wanted[]>(nothing, file => (isOff(rules) ? [] : wantedOf(file, tree)))
  const paths = [...new Set(wanted.flat().flatMap(({ anyOf }) => anyOf))].slice(0, MAX_PATHS)
  const presence: ReadonlyMap<string, Presence> = paths.length === 0 ? new Map() : await tree.exists(paths)
  const isMissing = ({ anyOf }: Wanted) => anyOf.every(path => presence.get(path) === 'absent')
  const first: FirstOnes = new Map()
  const doubled = ofEach<Located[]>(nothing, file => doubledIn(file, first))
  const found = ofEach(
    file => file,
    (file, i) => {
      const ofFile = [...(wanted[i] ?? []).filter(isMissing), ...(doubled[i] ?? [])]
      const findings = ofFile.map(({ entity, finding }) => ({ document: entity.document, finding }))
      return findings.length === 0 ? file : withFindings(file, findings, rules)
    },
  )
  return { files: found, faults }
}

const wantedOf = (file: CheckedFile, { isKnown }: AskedTree) =>
  acceptedEntities(file)
    .flatMap(entity => wantedPaths(file.path, entity))
    .filter(({ anyOf }) => !anyOf.some(isKnown))

const isOff = ({ severities, installation }: Rules) =>
  severities['techdocs-config'] === 'off' || installation.techdocs !== 'local'

const acceptedEntities = (file: CheckedFile) =>
  file.entities.filter(({ document }) => ['accepted', 'withheld'].includes(file.documents[document]?.status ?? ''))

/** One of them is enough in the folder of a documentation: without mkdocs.yml TechDocs makes one, with a README for the first page (techdocs-node 2.3.0). */
const DOCS_NAMES = [
  ...['mkdocs.yml', 'mkdocs.yaml', 'docs/index.md'],
  ...['docs/README.md', 'docs/readme.md', 'README.md', 'readme.md'],
]

/** Kinds whose pages have no documentation. */
const WITHOUT_DOCS = ['Location', 'User', 'Group']

function wantedPaths(from: string, entity: Entity): Wanted[] {
  if (WITHOUT_DOCS.includes(entity.kind)) return []
  return entity.references.flatMap(({ what, target, range }) => {
    // A glob, an escape or a placeholder of some tool is not ours to resolve.
    if (what !== 'techdocs' || /[*?%{}]/.test(target)) return []
    const folder = target.replace(/\/+$/, '')
    const anyOf = DOCS_NAMES.flatMap(name => pathInRepository(from, `${folder}/${name}`) ?? [])
    // A folder outside the repository is the catalog's to tell.
    if (anyOf.length === 0) return []
    const facts = { found: `dir:${target}`, expected: anyOf[0] ?? 'mkdocs.yml' }
    return [{ entity, anyOf, finding: { code: 'techdocs-config' as const, facts, range } }]
  })
}

type FirstOnes = Map<string, { file: CheckedFile; entity: Entity }>

/** The same entity twice: the catalog takes one of them, whichever it sees first, and refuses the other. */
function doubledIn(file: CheckedFile, first: FirstOnes): Located[] {
  return acceptedEntities(file).flatMap(entity => {
    const other = first.get(entity.ref)
    if (other === undefined) {
      first.set(entity.ref, { file, entity })
      return []
    }
    const isSameFile = other.file === file
    const { line } = placeOf(other.entity.nameRange, other.file.text, linesOf(other.file.text))
    const finding: Finding = {
      code: 'duplicate-entity',
      facts: { ref: entity.ref, otherPath: other.file.path, otherLine: line, isSameFile },
      range: entity.nameRange,
      ...(isSameFile ? { label: { range: other.entity.nameRange, text: 'the first one' } } : {}),
    }
    return [{ entity, finding }]
  })
}
