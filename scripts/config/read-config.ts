// hook.yaml for those who seldom need it: what reads it takes 10 ms to load.
import type { World } from '../cli/world.ts'

export const readConfig: World['readConfig'] = async file => (await import('./hook-config.ts')).loadHookConfig(file)
