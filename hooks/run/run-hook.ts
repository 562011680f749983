// A whole run of a hook as one function: what was pushed and the world go in, what the pusher sees and the verdict come out.

import { tellRelay } from '../notify/tell.ts'
import { readHandover } from '../push/handover.ts'
import { readBypass } from '../push/options.ts'
import type { Note } from '../report/terminal.ts'
import { canTreeRefuse, checkRuns, checkTrees } from './check-push.ts'
import { fetchBlobs, planRuns } from './plan.ts'
import { isRefused, verdict } from './verdict.ts'
import type { World } from './world.ts'

/** 0 accepts, 1 rejects. Rejects only for a diagnosed error in the pushed files; a bug throws, and the entry turns that into 0. */
export async function runHook(world: World): Promise<0 | 1> {
  const { config, env, write } = world
  const connection = world.connect()
  const handover = await readHandover(world.input, config.limits.fileBytes)
  const repository = env['GITHUB_REPO_NAME'] ?? ''
  const bypass = readBypass(env, config.enforce.bypass)
  const notes: Note[] = []
  const runs = planRuns(handover.refs, repository, world, notes)
  const blobs = await fetchBlobs(runs, handover.blobs, world)
  await checkRuns(runs, blobs, world, notes)
  if (canTreeRefuse(world)) await checkTrees(runs, handover.named, world)
  const tell = () =>
    typeof connection === 'object' ? tellRelay(connection, runs, repository, bypass, world) : Promise.resolve('')
  const told = isRefused(runs, bypass) ? Promise.resolve('') : tell()
  if (!canTreeRefuse(world)) await checkTrees(runs, handover.named, world)

  const { text, rejected } = verdict(runs, bypass, world, notes)
  write(text)
  if (typeof connection === 'object') {
    if (rejected) connection.close()
    write(await told)
  } else if (connection !== undefined && !rejected)
    write(`warning: catalog-gate: ${connection}; Backstage learns of this push later\n`)
  return rejected ? 1 : 0
}
