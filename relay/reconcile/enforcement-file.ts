// How GHES runs our hook for each repository, from the file that `catalog-gate install --json` wrote with an administrator's token. Followed; nobody is asked.
import { readFile, stat } from 'node:fs/promises'
import { fileTrouble } from '../../schemas/error-code.ts'
import type { HookEnforcement } from '../../schemas/repository-facts.ts'
import { standingOf } from '../../schemas/stage.ts'
import type { Clock } from '../runtime/clock.ts'
import { goRound } from '../runtime/rounds.ts'

/** Given OWNER/NAME, in any case; undefined where it is not known. */
export type EnforcementOf = (repository: string) => HookEnforcement | undefined

type EnforcementFile = {
  path: string
  /** GHES's name, as the plan has to be of it. */
  host: string
  clock: Clock
  onChange: (of: EnforcementOf) => void
  /** What was read before stays. */
  onTrouble: (reason: string) => void
}

const EVERY_MS = 10_000
/** Each repository that install.yaml names is some 50 bytes. */
const MOST_BYTES = 16 * 1024 * 1024
const WORDS = { enabled: 'enforced', testing: 'testing', disabled: 'off' } as const

/** Until the returned function is called. */
export function followEnforcement({ path, host, clock, onChange, onTrouble }: EnforcementFile): () => void {
  let version = ''
  let trouble = ''
  const failed = (error: unknown) => {
    const isBroken = error instanceof SyntaxError
    const reason = isBroken ? 'it is no whole JSON' : fileTrouble(error)
    if (reason !== trouble) onTrouble(reason)
    trouble = reason
    return EVERY_MS
  }
  const round = async () => {
    const { mtimeMs, size, ino } = await stat(path)
    const now = `${mtimeMs} ${size} ${ino}`
    if (now === version) return EVERY_MS
    version = now
    if (size > MOST_BYTES) throw new Error(`it has more than ${MOST_BYTES >> 20} MiB`)
    const plan = JSON.parse(await readFile(path, 'utf8')) as { host?: unknown; standing?: unknown } | null
    const { standing } = plan ?? {}
    if (typeof standing !== 'object' || standing === null)
      throw new Error('it is not what `catalog-gate install --json` prints')
    if (String(plan?.host).toLowerCase() !== host.toLowerCase())
      throw new Error(`it is of ${String(plan?.host).slice(0, 100)}, and ghe.apiBaseUrl is at ${host}`)
    trouble = ''
    onChange(repository => {
      const found = standingOf(standing, repository)
      return found === 'enabled' || found === 'testing' || found === 'disabled' ? WORDS[found] : undefined
    })
    return EVERY_MS
  }
  return goRound({ clock, firstInMs: 0, round, failed })
}
