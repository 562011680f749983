// What may mend a document that is no YAML: step by step, as long as each step is certain, until it can be read.
import type { Document } from 'yaml'
import type { Profile } from '../../../schemas/profile.ts'
import type { Finding } from '../../diagnostics/diagnostic.ts'
import { readYaml } from '../parse.ts'
import { explainSyntax } from '../syntax.ts'
import { changed, type Subject, type Ways } from './candidate.ts'
import { changesBetween } from './difference.ts'
import type { IsField } from './shifts.ts'
import { stepsFor } from './steps.ts'

const MAX_STEPS = 8
/** Where a line may go to several places, each is followed. */
const MAX_READINGS = 40
const MAX_READ = 2_000_000

/** One group of ways: the texts that can be read and that certain steps lead to. */
export function mendBroken({ text, document, profile }: Subject, index: number, isOver: () => boolean): Ways[] {
  const ends = new Map<string, boolean>()
  const behind = readYaml(text).length - index - 1
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
        const documents = readYaml(next)
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

/** By all that the schemas of the kinds name. In maps of an author's own making (labels, the steps of a template) every field may stand that is one anywhere. */
function fieldsOf({ kinds }: Profile): IsField {
  const paths = kinds.flatMap(({ versions }) => versions.flatMap(({ fields }) => Object.keys(fields)))
  const known = new Set(['.metadata', '.spec', 'metadata', 'spec'])
  for (const path of paths) {
    const [name = '', parent = ''] = path.split('.').reverse()
    known.add(name).add(`${parent}.${name}`)
  }
  return (name, parent) =>
    known.has(
      parent === undefined || !['', 'metadata', 'spec', 'profile'].includes(parent) ? name : `${parent}.${name}`,
    )
}
