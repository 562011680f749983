// A whole run of a hook as one function: what was pushed goes in, what the pusher sees and the verdict come out.
import type { Note } from '../diagnostics/note.ts'
import { tellRelay } from '../notify/tell.ts'
import { readHandover } from '../push/handover.ts'
import { readBypass } from '../push/options.ts'
import { canTreeRefuse, checkRuns, checkTrees } from './check-push.ts'
import type { HookEdges } from './hook-edges.ts'
import { acceptedUpdates } from './notification.ts'
import { fetchBlobs, planRuns } from './plan.ts'
import { isRefused, verdict } from './verdict.ts'

/** 0 accepts, 1 rejects. Rejects only for a diagnosed error in the pushed files; a bug throws, and the entry turns that into 0. */
export async function runHook(edges: HookEdges): Promise<0 | 1> {
  const { config, env, write } = edges
  const connection = edges.connect()
  const handover = await readHandover(edges.input, config.limits.fileBytes)
  const repository = env['GITHUB_REPO_NAME'] ?? ''
  const bypass = readBypass(env, config.enforce.bypass)
  const notes: Note[] = []
  const runs = planRuns(handover.refs, repository, edges, notes)
  const blobs = await fetchBlobs(runs, handover.blobs, edges)
  await checkRuns(runs, blobs, edges, notes)
  if (canTreeRefuse(edges)) await checkTrees(runs, handover.named, edges)
  const tell = async () => {
    if (typeof connection !== 'object') return ''
    const updates = acceptedUpdates(runs, { repository, pusher: env['GITHUB_USER_LOGIN'] ?? '', bypass })
    // A run that has used up its time can still tell the relay, but must not be killed over it.
    return tellRelay(connection, updates, Math.min(config.relay?.waitMs ?? 0, Math.max(50, edges.deadline.leftMs())))
  }
  const told = isRefused(runs, bypass) ? Promise.resolve('') : tell()
  if (!canTreeRefuse(edges)) await checkTrees(runs, handover.named, edges)

  const { text, rejected } = verdict(runs, bypass, edges, notes)
  write(text)
  if (typeof connection === 'object') {
    if (rejected) connection.close()
    write(await told)
  } else if (connection !== undefined && !rejected)
    write(`warning: catalog-gate: ${connection}; Backstage learns of this push later\n`)
  return rejected ? 1 : 0
}
