// What a run of a hook is set to, and what it touches; handed in by the entry.
import type { Pause } from '../../schemas/pause.ts'
import type { Profile } from '../../schemas/profile.ts'
import type { Deadline } from '../config/deadline.ts'
import type { HookConfig } from '../config/hook-config.ts'
import type { Connection } from '../notify/connection.ts'
import type { Git } from '../push/git.ts'
import type { correctionOf } from './correction.ts'

export type HookSettings = {
  config: HookConfig
  /** The kinds to validate against, and what proposes a correction; undefined in the hook that only notifies, which then need not hold the latter. */
  gate: { profile: Profile; correctionOf: typeof correctionOf } | undefined
}

export type HookEdges = {
  input: AsyncIterable<Uint8Array>
  /** The ref lines that the prelude has left unread, of a push with many. */
  moreRefs: () => AsyncIterable<Uint8Array>
  env: NodeJS.ProcessEnv
  git: Git
  /** The whole gate only warns for now, by an administrator's word. */
  paused: () => Pause | undefined
  /** Whether GHES lets a push to this repository land whatever the hook says; asked only when there is something to refuse. */
  isInTesting: (repository: string) => boolean
  deadline: Deadline
  now: () => number
  /** Starts connecting to the relay; undefined when none is configured, a text when its set-up is wrong. */
  connect: () => Connection | string | undefined
  write: (text: string) => void
}
