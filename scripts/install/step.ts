// What a command does to GHES, as data: a plan is a list of these, and applying it a loop over them.
import type { Enforcement, HookValues, Scope } from '../ghes/pre-receive.ts'
import type { Visibility } from '../ghes/repositories.ts'

/** Where the appliance downloads a tarball: an address, or from us while the command runs. */
export type Tarball = { from: 'url'; imageUrl: string } | { from: 'us'; file: string }

/** A file of a commit. `id`: contents that the repository has already. */
export type FileChange = { path: string; change: 'added' | 'changed' | 'removed' } & (
  | { give: 'bytes'; bytes: Buffer; id: string; executable: true }
  | { give: 'id'; id: string; executable: true }
  | { give: 'text'; text: string }
  | { give: 'nothing' }
)

/** A hook's settings, its environment by name, since its id may not be known yet. */
export type HookSettings = Omit<HookValues, 'environmentId'> & { environment: string }

/** In the order of rollout; what is exempt comes last. */
export type PlanStage = { name: string; number: number }

export type Step =
  | { do: 'create-repository'; repository: string; visibility: Visibility }
  /** The first commit of an empty repository. */
  | { do: 'start-repository'; repository: string; path: string; text: string }
  | { do: 'create-environment'; name: string; tarball: Tarball }
  | { do: 'download'; name: string; tarball: Tarball }
  /** `settings`: what it changes of hook.yaml, in words. */
  | {
      do: 'commit'
      repository: string
      message: string
      files: FileChange[]
      settings: string[]
      leavesNothing: boolean
    }
  | { do: 'create-hook'; settings: HookSettings }
  | { do: 'change-hook'; name: string; from: HookSettings; to: Partial<HookSettings> }
  | { do: 'set'; scope: Scope; stage: PlanStage; from: Enforcement; to: Enforcement; allowDownstream?: boolean }
  | { do: 'delete-hook'; name: string }
  | { do: 'delete-environment'; name: string }
  | { do: 'delete-repository'; repository: string }

/** `problems`: nothing can be done; `notes`: what an administrator should know besides. */
export type Plan = { steps: Step[]; notes: string[]; problems: string[] }

/** `acme`, `acme/web`. */
export const nameOf = (scope: Scope): string => scope.replace(/^(orgs|repos)\//, '')
