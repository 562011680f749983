// Whether a process that left its number somewhere is still there.
import { errorCode } from '../../schemas/error-code.ts'

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}
