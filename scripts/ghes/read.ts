// Reading what GHES answered: fields of the type that we need, or nothing at all.
import type { Read } from './client.ts'

type Kinds = { text: string; number: number; boolean: boolean; map: Record<string, unknown>; list: readonly unknown[] }

/** A field of this type; `undefined` when it is another or missing. */
export function field<K extends keyof Kinds>(data: unknown, name: string, kind: K): Kinds[K] | undefined {
  const value = isMap(data) ? data[name] : undefined
  const fits =
    kind === 'map' ? isMap(value) : kind === 'list' ? Array.isArray(value) : typeof value === typeOf[kind as 'text']
  return fits ? (value as Kinds[K]) : undefined
}

const typeOf = { text: 'string', number: 'number', boolean: 'boolean' } as const

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** For answers without a body, or with one that nobody looks at. */
export const nothing: Read<true> = () => true

/** All of them, or nothing when one is missing. */
export function complete<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T | undefined {
  return Object.values(fields).includes(undefined) ? undefined : (fields as T)
}
