// An owner that the file does not name: the module of CODEOWNERS gives one before anything else is judged (CodeOwnersProcessor 0.6.1).
import type { InstallationSettings } from '../../config/hook-config.ts'
import type { Value } from '../parse.ts'
import { isUnknown, UNKNOWN } from '../unknown.ts'

/**
 * What CODEOWNERS of the tree says of a file. `none` without `file`: there is no such file. `unknown`: it cannot be read, or of several
 * files it is not known which one counts. `isOutOfReach`: the module does not find it from this path.
 */
export type OwnerHere =
  | { result: 'owner'; owner: string; file: string }
  | { result: 'none'; file?: string; isOutOfReach?: true }
  | { result: 'unknown'; file?: string }

const OWNED_KINDS = ['API', 'Component', 'Domain', 'Resource', 'System']

/** Whatever is empty, and whatever spec is: so it is asked there. */
export function lacksOwner({ kind, spec }: Value): boolean {
  return OWNED_KINDS.some(owned => owned === kind) && !isUnknown(spec) && !Object(spec).owner
}

/** The entity as that module leaves it; where it is not known whether it is installed, with an owner that is not known, if there could be one. */
export function withOwner(entity: Value, here: OwnerHere, from: InstallationSettings['ownerFrom']): Value {
  const given = (owner: unknown): Value => ({ ...entity, spec: { ...Object(entity.spec), owner } })
  if (from === undefined) return here.result === 'none' && here.file === undefined ? entity : given(UNKNOWN)
  return here.result === 'owner' ? given(here.owner) : here.result === 'unknown' ? given(UNKNOWN) : entity
}

/** The end of a sentence about an owner that is missing. */
export function whyNone({ file, isOutOfReach }: { file?: string; isOutOfReach?: true }): string {
  if (file === undefined) return 'there is no CODEOWNERS file to take it from'
  return isOutOfReach
    ? 'from a path with blanks or letters outside ASCII no CODEOWNERS is found'
    : `${file} names no owner of this file`
}
