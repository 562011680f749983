// What the relay is to be told of each ref of an accepted push.
import { printable } from '../../schemas/printable.ts'
import type { Entity } from '../catalog/validate.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { AcceptedUpdate } from '../notify/message.ts'
import type { Bypass } from '../push/options.ts'
import { plainText } from '../push/path-text.ts'
import type { CheckedRef } from './check-lot.ts'

/** One update a ref with catalog files. */
export function acceptedUpdates(
  refs: readonly CheckedRef[],
  { repository, pusher, bypass }: { repository: string; pusher: string; bypass: Bypass },
): AcceptedUpdate[] {
  return refs.flatMap(checked => {
    const files = filesOf(checked).map(file => ({ ...file, path: plainText(file.path) }))
    if (files.length === 0) return []
    const { ref, before, after, isDefaultBranch } = checked.plan.pushed
    const reason = bypass.result === 'bypass' && checked.plan.isGated ? { bypass: bypass.reason } : {}
    return [{ repository, ref, before, after, isDefaultBranch, pusher, files, ...reason, ...gateVerdict(checked) }]
  })
}

/** Of the checks, as the default branch would have it, also where the branch only warns. Left out where not all was checked: nobody shall read a pass in it. */
function gateVerdict({ plan, files }: CheckedRef): Pick<AcceptedUpdate, 'verdict'> {
  const checked = new Set(files.map(({ path }) => path))
  if (plan.mode === 'off' || plan.files.some(({ path, change }) => change !== 'removed' && !checked.has(path)))
    return {}
  const diagnostics = files.flatMap(file => file.diagnostics)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const [first] = [...errors, ...diagnostics]
  return {
    verdict: {
      errors: errors.length,
      warnings: diagnostics.length - errors.length,
      ...(first === undefined ? {} : { first: sentenceOf(first) }),
    },
  }
}

const MOST_CHARACTERS = 500

function sentenceOf({ path, line, column, message }: Diagnostic): string {
  const place = path.length > 200 ? `...${path.slice(-197)}` : path
  return printable(`${place}:${line}:${column}: ${message}`).slice(0, MOST_CHARACTERS).toWellFormed()
}

/** The changed catalog files, and the other changed files that a Location made such. */
function filesOf({ plan, files, removed }: CheckedRef): AcceptedUpdate['files'] {
  const entitiesAt = new Map([...files, ...removed].map(({ path, entities }) => [path, entities]))
  const followed = plan.others.filter(({ path }) => entitiesAt.has(path))
  return [
    ...plan.files.map(({ path, change, blob }) => {
      const entities = entitiesAt.get(path) ?? []
      return change === 'removed'
        ? { path, change, ...refsOf(entities) }
        : { path, change, blob, ...refsOf(entities), ...referencesOf(entities) }
    }),
    ...followed.map(({ path, change }) => {
      const entities = entitiesAt.get(path) ?? []
      return { path, change, ...refsOf(entities), ...referencesOf(entities) }
    }),
  ]
}

function refsOf(entities: readonly Entity[]): { entities?: string[] } {
  return entities.length === 0 ? {} : { entities: [...new Set(entities.map(({ ref }) => ref))] }
}

/** Paths in the repository that a file's placeholders quote, paths and patterns that its Locations name; URLs are of no use to the relay. */
function referencesOf(entities: readonly Entity[]): { references?: string[] } {
  const quoted = entities.flatMap(({ quotes }) =>
    quotes.flatMap(({ file, refs = [] }) => [...(file === undefined ? [] : [file]), ...refs]),
  )
  const named = entities.flatMap(({ references }) =>
    references.flatMap(one =>
      one.what === 'target' && (one.leads.to === 'file' || one.leads.to === 'pattern') ? [one.leads.path] : [],
    ),
  )
  const paths = [...quoted, ...named].map(plainText)
  return paths.length === 0 ? {} : { references: [...new Set(paths)] }
}
