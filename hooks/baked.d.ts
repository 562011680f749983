// What build.mjs puts in place of these names. A script, not a module: its declarations are global.
declare const BAKED_CONFIG: import('./config/hook-config.ts').HookConfig
/** How many times as long sandbox-probe waits: 1, but where a test's verdict must not hang on how fast the machine is. */
declare const PROBE_PATIENCE: number

declare module 'catalog-gate:profile' {
  export const profile: import('../schemas/profile.ts').Profile
}
