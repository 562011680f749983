// What needs more than one file: paths that are named and not in the tree, and entities that stand in two files. Warnings, unless configured otherwise.
import type { Code } from '../diagnostics/codes.ts'
import type { Finding } from '../diagnostics/diagnostic.ts'
import { type CheckedFile, type Rules, withFindings } from './file.ts'
import { lineStarts, placeOf } from './position.ts'
import { pathInRepository } from './repository-path.ts'
import type { Entity } from './validate.ts'

/** Those of the paths that are files in the tree. */
export type Exists = (paths: readonly string[]) => Promise<ReadonlySet<string>>

/** What is found here. */
export const TREE_CODES = ['missing-target', 'techdocs-config', 'duplicate-entity'] as const satisfies Code[]

/** Some 5 paths for each of 5,000 files. More are not asked for: these are warnings, and git needs 10 µs a path. */
const MAX_PATHS = 25_000

type Wanted = { entity: Entity; finding: Finding; anyOf: string[] }

/** The files with what is wrong between them. A file with nothing new stays the same object; what `isKnown` to be there is not asked for. */
export async function checkTree(
  files: readonly CheckedFile[],
  exists: Exists,
  rules: Rules,
  isKnown: (path: string) => boolean = () => false,
): Promise<CheckedFile[]> {
  const wanted = files.map(file =>
    areTreeRulesOff(rules)
      ? []
      : acceptedEntities(file)
          .flatMap(entity => wantedPaths(file.path, entity))
          .filter(({ anyOf }) => !anyOf.some(isKnown)),
  )
  const paths = [...new Set(wanted.flat().flatMap(({ anyOf }) => anyOf))].slice(0, MAX_PATHS)
  const asked = new Set(paths)
  const there = paths.length === 0 ? asked : await exists(paths)
  const doubled = duplicateEntities(files)
  return files.map((file, i) => {
    const missing = (wanted[i] ?? []).filter(({ anyOf }) => anyOf.every(path => asked.has(path) && !there.has(path)))
    const found = [...missing, ...(doubled.get(file) ?? [])]
    return found.length === 0
      ? file
      : withFindings(
          file,
          found.map(({ entity, finding }) => ({ document: entity.document, finding })),
          rules,
        )
  })
}

const areTreeRulesOff = ({ severities }: Rules) =>
  severities['missing-target'] === 'off' && severities['techdocs-config'] === 'off'

const acceptedEntities = (file: CheckedFile) =>
  file.entities.filter(({ document }) => file.documents[document]?.status === 'accepted')

function wantedPaths(from: string, entity: Entity): Wanted[] {
  const wanted: Wanted[] = []
  for (const { what, target, range } of entity.references) {
    // A glob, an escape or a placeholder of some tool is not ours to resolve.
    if (/[*?%{}]/.test(target)) continue
    if (what === 'techdocs') {
      const folder = target.replace(/\/+$/, '')
      const anyOf = ['mkdocs.yml', 'mkdocs.yaml', 'docs/index.md'].flatMap(
        name => pathInRepository(from, `${folder}/${name}`) ?? [],
      )
      // A folder outside the repository is the catalog's to tell.
      if (anyOf.length === 0) continue
      wanted.push({
        entity,
        anyOf,
        finding: {
          code: 'techdocs-config',
          facts: { found: `dir:${target}`, expected: anyOf[0] ?? 'mkdocs.yml' },
          range,
        },
      })
    } else {
      const path = pathInRepository(from, target)
      if (path === undefined) continue
      wanted.push({ entity, anyOf: [path], finding: { code: 'missing-target', facts: { what, target, path }, range } })
    }
  }
  return wanted
}

/** The same entity twice: the catalog takes one of them, whichever it sees first, and refuses the other. */
function duplicateEntities(files: readonly CheckedFile[]): Map<CheckedFile, { entity: Entity; finding: Finding }[]> {
  const first = new Map<string, { file: CheckedFile; entity: Entity }>()
  const doubled = new Map<CheckedFile, { entity: Entity; finding: Finding }[]>()
  const startsOf = new Map<CheckedFile, number[]>()
  for (const file of files) {
    for (const entity of acceptedEntities(file)) {
      const other = first.get(entity.ref)
      if (!other) {
        first.set(entity.ref, { file, entity })
        continue
      }
      const starts = startsOf.get(other.file) ?? lineStarts(other.file.text)
      startsOf.set(other.file, starts)
      const { line } = placeOf(other.entity.nameRange, other.file.text, starts)
      const finding: Finding = {
        code: 'duplicate-entity',
        facts: { ref: entity.ref, otherPath: other.file.path, otherLine: line, isSameFile: other.file === file },
        range: entity.nameRange,
        ...(other.file === file ? { label: { range: other.entity.nameRange, text: 'the first one' } } : {}),
      }
      const ofFile = doubled.get(file) ?? []
      ofFile.push({ entity, finding })
      doubled.set(file, ofFile)
    }
  }
  return doubled
}
