// A mount namespace for a program: what is mounted in it is seen by nobody else, and is gone with it.
import { spawnSync } from 'node:child_process'

/** The words to put before a command. A user who is not root needs a user namespace for it; where both are forbidden, this throws. */
export function inNamespace(): string[] {
  for (const command of [
    ['unshare', '--mount'],
    ['unshare', '--map-root-user', '--mount'],
  ]) {
    const [program = '', ...args] = command
    if (spawnSync(program, [...args, 'true']).status === 0) return command
  }
  throw new Error('unshare --mount is not allowed here; the sandbox cannot be imitated')
}
