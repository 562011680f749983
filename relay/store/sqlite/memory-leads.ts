// Who leads, in the memory of one process: right where no other process can.
import type { Clock } from '../../runtime/clock.ts'
import type { Leads } from '../ports/coordination.ts'

export function memoryLeads({ now }: Pick<Clock, 'now'>): Leads {
  const leaders = new Map<string, { holder: string; untilMs: number }>()
  return {
    async lead(task, holder, leaseMs) {
      const leader = leaders.get(task)
      if (leader && leader.holder !== holder && leader.untilMs > now()) return false
      leaders.set(task, { holder, untilMs: now() + leaseMs })
      return true
    },
    async resign(task, holder) {
      if (leaders.get(task)?.holder === holder) leaders.delete(task)
    },
  }
}
