// What the checks of an app-config look at: the merged files, and what is installed beside them.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isMap } from '../../../schemas/unknown.ts'
import { type AppConfig, isOpen } from '../../backstage/app-config.ts'

export type Inspected = {
  config: AppConfig
  /** The folder with Backstage's node_modules; undefined where there is none. */
  root: string | undefined
}

/** Where a setting stands, for the beginning of a sentence: `app-config.yaml: catalog.rules`. */
export const placeOf = ({ config }: Inspected, ...keys: string[]): string =>
  `${config.decided(...keys)?.path ?? config.paths.join(', ')}: ${keys.join('.')}`

/** The nearest folder from here upwards that has Backstage in its node_modules. */
export function installationAbove(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules/@backstage'))) return at
    if (dirname(at) === at) return undefined
  }
}

/** Undefined: not known, for nothing is installed here. */
export function isInstalled({ root }: Inspected, name: string): boolean | undefined {
  if (root === undefined) return undefined
  return globSync(`{,packages/*/}node_modules/${name}/package.json`, { cwd: root }).length > 0
}

/** undefined where there is no such file, or it is no JSON. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

export const textAt = (value: unknown, key: string): string | undefined => {
  const found = isMap(value) ? value[key] : undefined
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** A map or a list of maps, as some settings take both, each with its name. */
export function mapsIn(value: unknown): { key: string; map: Record<string, unknown> }[] {
  const entries = Array.isArray(value) ? [...value.entries()] : isMap(value) ? Object.entries(value) : []
  return entries.flatMap(([key, map]) => (isMap(map) ? [{ key: String(key), map }] : []))
}

/** A list, or one in its place. */
export const listIn = (value: unknown): unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]

/** Written out, where a variable belongs. */
export const isPlain = (value: unknown): boolean => typeof value === 'string' && value !== '' && !isOpen(value)
