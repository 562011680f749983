// TEMPORARY: what a reconcile needs of the store, in memory, until the store's adapters have it.
import type { KnownFile, ReconcileStore } from '../../../relay/reconcile/store.ts'
import type { Store } from '../../../relay/store/store.ts'

export function withReconcile(store: Store): Store & ReconcileStore {
  if ('knownFiles' in store) return store as Store & ReconcileStore
  const known = new Map<string, KnownFile[]>()
  const blobs = new Map<string, string | undefined>()
  const notes = new Map<string, string>()
  let leader = false
  const more: Omit<ReconcileStore, keyof Store> = {
    knownFiles: async repository => known.get(repository) ?? [],
    lead: async () => {
      if (leader) return false
      leader = true
      return true
    },
    resign: async () => {
      leader = false
    },
    note: async name => notes.get(name),
    setNote: async (name, text) => void notes.set(name, text),
  }
  const base = store
  return Object.assign(Object.create(base), more, {
    acceptLanded: (id: string, push: Parameters<Store['acceptLanded']>[1]) => {
      for (const file of push.files) blobs.set(`${push.repository} ${file.path}`, file.blob)
      return base.acceptLanded(id, push)
    },
    done: async (job: Parameters<Store['done']>[0], outcome: string) => {
      const others = (known.get(job.repository) ?? []).filter(({ path }) => path !== job.path)
      const blob = blobs.get(`${job.repository} ${job.path}`)
      const file = { ref: job.ref, path: job.path, ...(blob ? { blob } : {}) }
      known.set(job.repository, job.change === 'removed' ? others : [...others, file])
      return base.done(job, outcome)
    },
    list: (f: Parameters<Store['list']>[0]) => base.list(f),
    claimJobs: (o: Parameters<Store['claimJobs']>[0]) => base.claimJobs(o),
    close: () => base.close(),
  }) as Store & ReconcileStore
}
