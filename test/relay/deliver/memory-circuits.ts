// The store's circuits in memory.

import type { Clock } from '../../../relay/runtime/clock.ts'
import type { Circuits, OpenCircuit } from '../../../relay/store/ports/coordination.ts'

export function memoryCircuits({ now }: Pick<Clock, 'now'>): Circuits {
  const open = new Map<string, OpenCircuit>()
  const probes = new Map<string, number>()
  return {
    circuit: async target => open.get(target),
    async openCircuit(target, circuit) {
      open.set(target, circuit)
      probes.delete(target)
    },
    async closeCircuit(target) {
      open.delete(target)
      probes.delete(target)
    },
    async claimProbe(target, leaseMs) {
      if ((probes.get(target) ?? 0) > now()) return false
      probes.set(target, now() + leaseMs)
      return true
    },
  }
}
