// The stores that the crash tests run on, each a fresh one for its test.

export type After = (undo: () => void | Promise<void>) => void

export type CrashStore = {
  name: string
  /** `store:` of a relay's configuration. */
  store: (undo: After) => Promise<string>
}

export function crashStores(): CrashStore[] {
  return [{ name: 'SQLite', store: async () => './data/relay.db' }]
}
