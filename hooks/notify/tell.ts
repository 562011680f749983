// An accepted push → its messages to the relay, and a line when they could not be delivered.

import type { Bypass } from '../push/options.ts'
import type { RefRun } from '../run/plan.ts'
import type { World } from '../run/world.ts'
import type { Connection } from './connection.ts'
import { messageFor, referencesOf } from './message.ts'

/** One message a ref with catalog files. Nothing that happens here changes the verdict. Gives what the pusher is to read of it, mostly nothing. */
export async function tellRelay(
  connection: Connection,
  runs: readonly RefRun[],
  repository: string,
  bypass: Bypass,
  world: World,
): Promise<string> {
  const { config, env, deadline } = world
  const messages = runs.flatMap(run => {
    const files = filesOf(run)
    if (files.length === 0) return []
    const { ref, before, after, isDefaultBranch } = run.pushed
    const reason = bypass.result === 'bypass' && run.isGated ? { bypass: bypass.reason } : {}
    return [
      messageFor({
        repository,
        ref,
        before,
        after,
        isDefaultBranch,
        pusher: env['GITHUB_USER_LOGIN'] ?? '',
        files,
        ...reason,
      }),
    ]
  })
  if (messages.length === 0 || repository === '') connection.close()
  if (messages.length === 0) return ''
  if (repository === '') {
    return 'warning: catalog-gate: GITHUB_REPO_NAME is not set; the relay was not told of this push\n'
  }
  // A run that has used up its time can still tell the relay, but must not be killed over it.
  const delivery = await connection.deliver(
    messages,
    Math.min(config.relay?.waitMs ?? 0, Math.max(50, deadline.leftMs())),
  )
  if (delivery.result === 'stored') return ''
  const why = {
    unconfirmed: 'the relay did not answer in time',
    refused: `the relay refused the message${delivery.result === 'refused' ? ` (${delivery.status})` : ''}`,
    unreachable: `the relay cannot be reached${delivery.result === 'unreachable' ? ` (${delivery.reason})` : ''}`,
  }[delivery.result]
  return `warning: catalog-gate: ${why}; Backstage learns of this push later\n`
}

function filesOf(run: RefRun) {
  const checked = new Map(run.checked.map(file => [file.path, file]))
  const changed = run.files.map(({ path, change, blob }) => ({ path, change, blob }))
  const followed = [...run.others.keys()]
    .filter(path => checked.has(path))
    .map(path => ({ path, change: 'modified' as const, blob: undefined }))
  const known = new Set(changed.map(({ path }) => path))
  return [...changed, ...followed.filter(({ path }) => !known.has(path))].map(({ path, change, blob }) => {
    const entities = checked.get(path)?.entities ?? []
    const references = change === 'removed' ? [] : referencesOf(path, entities)
    return {
      path,
      change,
      ...(change === 'removed' || blob === undefined ? {} : { blob }),
      ...(entities.length > 0 ? { entities: [...new Set(entities.map(({ ref }) => ref))] } : {}),
      ...(references.length > 0 ? { references } : {}),
    }
  })
}
