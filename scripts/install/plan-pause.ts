// The bad day: one commit beside the hooks, and they only warn; another one, and they refuse again. No build, no environment, nobody's enforcement.
import { PAUSE_FILE, type Pause, pauseText, writePause } from '../../schemas/pause.ts'
import type { InstallConfig } from './config.ts'
import type { Api, Found } from './found.ts'
import { granted } from './granted.ts'
import { releaseName } from './manifest.ts'
import type { FileChange, Plan } from './step.ts'

/** What every other plan says of it. */
export function pauseNotes({ repository }: Found): string[] {
  if (repository.state !== 'there' || repository.paused === undefined) return []
  return [`the gate is paused, and refuses nothing, by ${pauseText(repository.paused)}; catalog-gate resume ends that`]
}

/** Who pauses is whose token it is. */
export async function planPause(
  config: InstallConfig,
  found: Found,
  api: Api,
  { at, reason }: Omit<Pause, 'by'>,
): Promise<Plan> {
  const { repository } = config.hooks
  const there = found.repository.state === 'there' ? found.repository : undefined
  const script = there?.entries.find(({ path, type }) => path === config.hook.script && type === 'blob')
  if (!there?.manifest || !script)
    return nowhere(`${repository} holds no release of catalog-gate; there is nothing to pause`)
  if (there.paused) return { steps: [], notes: pauseNotes(found), problems: [] }
  if (!(await granted(api.repositories.blob(repository, script.id))).includes(PAUSE_FILE))
    return nowhere(
      `the installed hook (${releaseName(there.manifest)}) knows no pause; catalog-gate promote --undo --apply stops refusing`,
    )
  const pause: Pause = { by: await granted(api.repositories.login()), at, reason }
  const file: FileChange = { path: PAUSE_FILE, change: 'added', give: 'text', text: writePause(pause) }
  return commit(repository, `catalog-gate: paused by ${pause.by}: ${reason}`, file)
}

export async function planResume(config: InstallConfig, found: Found, api: Api): Promise<Plan> {
  const { repository } = config.hooks
  if (found.repository.state !== 'there' || found.repository.paused === undefined)
    return { steps: [], notes: [], problems: [] }
  const by = await granted(api.repositories.login())
  const message = `catalog-gate: resumed by ${by}\n\nIt was paused by ${pauseText(found.repository.paused)}`
  return commit(repository, message, { path: PAUSE_FILE, change: 'removed', give: 'nothing' })
}

const nowhere = (problem: string): Plan => ({ steps: [], notes: [], problems: [problem] })

const commit = (repository: string, message: string, file: FileChange): Plan => ({
  steps: [{ do: 'commit', repository, message, files: [file], settings: [], leavesNothing: false }],
  notes: ['it holds from the next push on that GHES begins after this'],
  problems: [],
})
