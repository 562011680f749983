// What may mend a document that is no YAML: step by step, as long as each step is certain, until it can be read.
import type { Document } from 'yaml'
import type { Profile } from '../../../schemas/profile.ts'
import type { Finding } from '../../diagnostics/diagnostic.ts'
import { explainSyntax } from '../syntax.ts'
import { changed, readDocuments, type Subject, type Ways } from './candidate.ts'
import { changesBetween } from './difference.ts'
import { stepsFor } from './steps.ts'

const MAX_STEPS = 8
/** Where a line may go to several places, each is followed. */
const MAX_READINGS = 40
const MAX_READ = 2_000_000

/** One group of ways: the texts that can be read and that certain steps lead to. */
export function mendBroken({ text, document, profile }: Subject, index: number, isOver: () => boolean): Ways[] {
  const ends = new Map<string, boolean>()
  const behind = readDocuments(text).length - index - 1
  const isField = fieldsOf(profile)
  const most = Math.min(MAX_READINGS, MAX_READ / text.length)
  let readings = 0
  follow(text, document, explainSyntax(document, text)[0], 0, false)
  const ways = [...ends].map(([end, rewrites]) => ({
    changes: changesBetween(text, end),
    ...(rewrites ? { rewrites: true as const } : {}),
  }))
  return ways.length === 0 ? [] : [ways]

  function follow(at: string, broken: Document, finding: Finding | undefined, step: number, rewrites: boolean): void {
    if (finding === undefined || step === MAX_STEPS) return
    for (const steps of stepsFor({ text: at, document: broken, finding, isField })) {
      for (const { changes, ...way } of steps) {
        const next = changed(at, changes)
        if (next === undefined || next === at || ++readings > most || isOver()) continue
        const documents = readDocuments(next)
        const still = documents.slice(index, documents.length - behind).find(({ errors }) => errors.length > 0)
        const isRewritten = rewrites || way.rewrites === true
        if (still === undefined) ends.set(next, isRewritten)
        else follow(next, still, explainSyntax(still, next)[0], step + 1, isRewritten)
      }
      // Of the kinds of steps the first that leads anywhere is taken.
      if (ends.size > 0) return
    }
  }
}

/** The names of all fields that the catalog knows somewhere. */
function fieldsOf({ kinds }: Profile): (word: string) => boolean {
  const names = kinds.flatMap(({ versions }) => versions.flatMap(({ fields }) => Object.keys(fields)))
  const known = new Set(['metadata', 'spec', ...names.map(name => name.slice(name.lastIndexOf('.') + 1))])
  return word => known.has(word)
}
