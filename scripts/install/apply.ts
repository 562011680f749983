// Does a plan, step by step. What was done stays; a plan that was cut off is simply made and done again.
import type { HookValues } from '../ghes/pre-receive.ts'
import { commit } from './apply-commit.ts'
import { type DownloadEdges, download, settled } from './apply-download.ts'
import type { Api, Found } from './found.ts'
import { granted, grantedUnless } from './granted.ts'
import type { HookSettings, Step } from './step.ts'
import { stepText } from './words.ts'

/** What has a name in a plan and a number on GHES. */
type Ids = { hook: number | undefined; environments: Map<string, number> }

/** Throws `Refused` or `Failed` where it stops. */
export async function apply(
  api: Api,
  found: Found,
  steps: readonly Step[],
  edges: DownloadEdges & { done: () => void },
): Promise<void> {
  const ids: Ids = { hook: found.hook?.id, environments: new Map(found.environments.map(({ name, id }) => [name, id])) }
  for (const [i, step] of steps.entries()) {
    edges.say(`[${i + 1}/${steps.length}] ${stepText(step)}`)
    await applyStep(api, step, ids, edges)
    edges.done()
  }
}

async function applyStep(api: Api, step: Step, ids: Ids, edges: DownloadEdges): Promise<void> {
  const { environments, hooks, scopes } = api.preReceive
  switch (step.do) {
    case 'create-repository':
      await granted(api.repositories.create(step.repository, step.visibility, DESCRIPTION))
      return
    case 'start-repository':
      await granted(api.repositories.createFile(step.repository, step.path, step.text, 'First commit'))
      return
    case 'create-environment': {
      const imageUrl = step.tarball.from === 'url' ? step.tarball.imageUrl : await edges.serve(step.tarball.file)
      const { id } = await granted(environments.create(step.name, imageUrl))
      ids.environments.set(step.name, id)
      return
    }
    case 'download':
      return download(api, environmentId(ids, step.name), step, edges)
    case 'commit':
      return commit(api.repositories, step)
    case 'create-hook': {
      const { environment, ...rest } = step.settings
      const made = await granted(hooks.create({ ...rest, environmentId: environmentId(ids, environment) }))
      ids.hook = made.id
      return
    }
    case 'change-hook':
      await granted(hooks.change(hookId(ids), valuesOf(step.to, ids)))
      return
    case 'set': {
      const { to: enforcement, allowDownstream } = step
      const below = allowDownstream === undefined ? {} : { allowDownstream }
      await granted(scopes.change(step.scope, hookId(ids), { enforcement, ...below }))
      return
    }
    case 'delete-hook':
      await grantedUnless([404], hooks.remove(hookId(ids)))
      return
    case 'delete-environment': {
      const id = environmentId(ids, step.name)
      // GHES refuses while a download runs, such as that of an install that was cut off.
      await settled(api, id, step.name, edges)
      await grantedUnless([404], environments.remove(id))
      return
    }
    case 'delete-repository':
      await grantedUnless([404], api.repositories.remove(step.repository))
      return
  }
}

const DESCRIPTION = 'Pre-receive hooks for the Backstage catalog'

function valuesOf({ environment, ...rest }: Partial<HookSettings>, ids: Ids): Partial<HookValues> {
  return { ...rest, ...(environment === undefined ? {} : { environmentId: environmentId(ids, environment) }) }
}

function environmentId({ environments }: Ids, name: string): number {
  const id = environments.get(name)
  if (id === undefined) throw new Error(`the plan needs the environment ${name}, which no step makes`)
  return id
}

function hookId({ hook }: Ids): number {
  if (hook === undefined) throw new Error('the plan needs the hook, which no step makes')
  return hook
}
