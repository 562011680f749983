// What build.mjs puts in place of these names. A script, not a module: its declarations are global.
declare const BAKED_CONFIG: import('./config/hook-config.ts').HookConfig

declare module 'catalog-gate:profile' {
  export const profile: import('../schemas/profile.ts').Profile
}
