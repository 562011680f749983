// In how many repositories the hook runs after a plan, for whoever is asked whether to go on.
import { count } from '../../schemas/count.ts'
import type { Enforcement } from '../ghes/pre-receive.ts'
import type { Api, Found, FoundScope } from './found.ts'
import { granted } from './granted.ts'
import { nameOf, type Step } from './step.ts'

/** As a clause. What was set below the instance by others than us is not seen. */
export async function reachText(api: Api, found: Found, steps: readonly Step[]): Promise<string> {
  if (steps.some(step => step.do === 'delete-hook')) return 'the hook runs nowhere'
  const everywhere = everywhereAfter(found, steps)
  const own = await ownStandings(api, found, steps, everywhere)
  const enforced = (wanted: Enforcement) => [...own.values()].filter(one => one === wanted).length
  const counts = { enabled: enforced('enabled'), testing: enforced('testing') }
  const total = everywhere === 'disabled' ? own.size : await totalOf(api)
  if (total === undefined)
    return `the hook runs in every repository of the appliance: ${counts.enabled} enabled and ${counts.testing} in testing by themselves, all others ${everywhere}`
  if (everywhere !== 'disabled') counts[everywhere] += Math.max(0, total - own.size)
  const all = counts.enabled + counts.testing
  return `the hook runs in ${count(all, 'repository', 'repositories')}: ${counts.enabled} enabled, ${counts.testing} in testing`
}

function everywhereAfter({ hook }: Found, steps: readonly Step[]): Enforcement {
  for (const step of steps) {
    if (step.do === 'create-hook') return step.settings.enforcement
    if (step.do === 'change-hook' && step.to.enforcement !== undefined) return step.to.enforcement
  }
  return hook?.enforcement ?? 'disabled'
}

/** By repository, where it may be another than everywhere. */
async function ownStandings(api: Api, { scopes }: Found, steps: readonly Step[], everywhere: Enforcement) {
  const after = ({ scope, standing }: FoundScope): Enforcement | undefined => {
    const step = steps.find(one => one.do === 'set' && one.scope === scope)
    return step?.do === 'set' ? step.to : standing.setHere ? standing.enforcement : undefined
  }
  const standings = new Map<string, Enforcement>()
  for (const one of scopes) {
    const to = after(one)
    if (to === undefined || to === everywhere || !one.scope.startsWith('orgs/')) continue
    for (const { fullName } of await granted(api.repositories.list(nameOf(one.scope))))
      standings.set(fullName.toLowerCase(), to)
  }
  for (const one of scopes) {
    const to = after(one)
    if (to !== undefined && one.scope.startsWith('repos/')) standings.set(nameOf(one.scope).toLowerCase(), to)
  }
  return standings
}

/** Of the appliance, where it tells. */
async function totalOf({ repositories }: Api): Promise<number | undefined> {
  const answer = await repositories.total()
  return answer.result === 'answered' ? answer.value : undefined
}
