// The store's circuits in memory.

import type { CircuitStore } from '../../../relay/deliver/circuit.ts'
import type { Clock } from '../../../relay/runtime/clock.ts'
import type { OpenCircuit } from '../../../relay/store/store.ts'

export function memoryCircuits({ now }: Pick<Clock, 'now'>): CircuitStore {
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
