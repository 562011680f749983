// What a reconcile needs of the store.
import type { Store } from '../store/store.ts'

export type ReconcileStore = Pick<
  Store,
  'acceptLanded' | 'list' | 'knownFiles' | 'lead' | 'resign' | 'note' | 'setNote'
>
