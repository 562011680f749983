// hook.yaml for those who seldom need it: what reads it takes 10 ms to load.
import type { Baked, Wrong } from './hook-config.ts'

/** The configuration in a file; without one the defaults. */
export const readConfig = async (file: string | undefined): Promise<Baked | Wrong> =>
  (await import('./hook-config.ts')).loadHookConfig(file)
