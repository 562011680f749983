// Reading what GHES answered: fields of the type that we need, or nothing at all.
import { printable } from '../../../schemas/printable.ts'
import { isMap } from '../../../schemas/unknown.ts'

/** Reads an answer; `undefined` when it is not what the API gives. */
export type Read<T> = (data: unknown) => T | undefined

type Kinds = { text: string; number: number; boolean: boolean; map: Record<string, unknown>; list: readonly unknown[] }

/** A field of this type; `undefined` when it is another or missing. */
export function field<K extends keyof Kinds>(data: unknown, name: string, kind: K): Kinds[K] | undefined {
  const value = isMap(data) ? data[name] : undefined
  const fits =
    kind === 'map' ? isMap(value) : kind === 'list' ? Array.isArray(value) : typeof value === typeOf[kind as 'text']
  return fits ? (value as Kinds[K]) : undefined
}

const typeOf = { text: 'string', number: 'number', boolean: 'boolean' } as const

export const map: Read<Record<string, unknown>> = data => (isMap(data) ? data : undefined)

/** For answers without a body, or with one that nobody looks at. */
export const nothing: Read<true> = () => true

/** All of them, or nothing when one is missing. */
export function complete<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T | undefined {
  return Object.values(fields).includes(undefined) ? undefined : (fields as T)
}

/** Every one of a list, or nothing when one cannot be read. */
export function allOf<T>(data: unknown, readOne: Read<T>): T[] | undefined {
  const known = knownOf(data, readOne)
  return Array.isArray(data) && known?.length === data.length ? known : undefined
}

/** Those of a list that can be read. */
export function knownOf<T>(data: unknown, readOne: Read<T>): T[] | undefined {
  return Array.isArray(data) ? data.map(readOne).filter(one => one !== undefined) : undefined
}

/** Text of GHES's for a line of a terminal or a log: a page of HTML or a long list helps nobody. */
export const oneLine = (text: string, most: number) => printable(text.replace(/\s+/g, ' ')).slice(0, most)
