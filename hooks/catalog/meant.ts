// A refused document as it was meant, as far as that is certain: what else is wrong with it is told in the same round, and a cause once.
//
// It changes no verdict: every step begins at an error of the catalog's, which is told.
import { meantPlaceholder } from '../diagnostics/hints.ts'
import type { Located } from './check.ts'
import { usualApiVersion } from './checks/kind.ts'
import { Draft, type InText, type Meant } from './meant/draft.ts'
import { takeMissing } from './meant/missing.ts'
import { takeEmptyText, takeMistyped } from './meant/mistyped.ts'
import { takeStray } from './meant/stray.ts'

/** One step further, from what was found in it; undefined: nothing more is certain. */
export function asMeant(meant: Meant, located: readonly Located[], inText: InText): Meant | undefined {
  const draft = new Draft(meant, inText)
  for (const finding of located) take(draft, finding)
  return draft.result()
}

function take(draft: Draft, finding: Located): void {
  const { code, path, facts } = finding
  const [root] = path
  if (code === 'missing-field' && facts.nearMiss !== undefined) draft.rename(path, facts.name, finding)
  else if (code === 'missing-field') takeMissing(draft, finding)
  else if (code === 'unknown-field' && path.length === 1) takeStray(draft, finding)
  else if (code === 'unknown-kind' && path.length === 1)
    draft.set('kind', facts.meant === undefined ? only(facts.close) : undefined, finding)
  else if (code === 'kind-format') draft.set('kind', facts.proposal, finding)
  else if (code === 'unknown-api-version' || code === 'api-version-format')
    draft.set('apiVersion', usualApiVersion(draft.inText.profile, draft.value['kind']), finding)
  else if (code === 'wrong-type' && root === 'apiVersion')
    draft.set('apiVersion', usualApiVersion(draft.inText.profile, draft.value['kind']), finding)
  else if (code === 'wrong-type') takeMistyped(draft, finding)
  else if (code === 'empty-field') takeEmptyText(draft, finding)
  else if (code === 'placeholder-unknown' && facts.beside === undefined) {
    const name = meantPlaceholder(facts.placeholder, facts.isMap)
    if (name !== undefined) draft.rename(path, name, finding)
  }
}

const only = <T>(list: readonly T[]): T | undefined => (list.length === 1 ? list[0] : undefined)
