// A plan for machines: what people read, with the parts by name.
import type { Stage } from '../../schemas/stage.ts'
import type { Found } from './found.ts'
import { nameOf, type Plan, type Step } from './step.ts'
import { stepText } from './words.ts'

export function planJson(command: string, host: string, found: Found, { steps, notes, problems }: Plan): object {
  return { command, host, changes: steps.map(changeJson), notes, problems, standing: standingNow(found) }
}

/** What holds now; the relay says it of each repository (`enforcement` in relay.yaml). */
function standingNow({ hook, scopes }: Found): Stage {
  return {
    everywhere: hook?.enforcement ?? 'disabled',
    scopes: Object.fromEntries(
      scopes.map(({ scope, standing }) => [nameOf(scope).toLowerCase(), standing.enforcement]),
    ),
  }
}

function changeJson(step: Step): object {
  const text = stepText(step)
  switch (step.do) {
    case 'set':
      return { do: step.do, text, scope: step.scope, stage: step.stage.name, from: step.from, to: step.to }
    case 'commit': {
      const files = step.files.map(({ path, change }) => ({ path, change }))
      return { do: step.do, text, repository: step.repository, files, settings: step.settings }
    }
    default:
      return { do: step.do, text }
  }
}
