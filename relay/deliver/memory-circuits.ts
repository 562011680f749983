// Circuits in the memory of one process.
import type { Clock } from '../clock.ts'
import type { CircuitStore, OpenCircuit } from './circuit.ts'

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
