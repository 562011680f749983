// What a reconcile needs of the store.
import type { Store } from '../store/store.ts'

export type KnownFile = { ref: string; path: string; blob?: string }

export type ReconcileStore = Pick<Store, 'acceptLanded' | 'list'> & {
  /** Files of the repository as they were last forwarded. */
  knownFiles(repository: string): Promise<KnownFile[]>
  /** True for one replica at a time, for so long. */
  lead(task: string, leaseMs: number): Promise<boolean>
  resign(task: string): Promise<void>
  note(name: string): Promise<string | undefined>
  setNote(name: string, text: string): Promise<void>
}

/** Undefined for a store that does not remember what was forwarded: there is nothing to compare with then. */
export function reconcileStoreIn(store: Store): ReconcileStore | undefined {
  const needed = ['knownFiles', 'lead', 'resign', 'note', 'setNote']
  return needed.every(method => method in store) ? (store as Store & ReconcileStore) : undefined
}
