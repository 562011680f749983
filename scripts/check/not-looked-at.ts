// YAML files in the folders that `check` was given, which read like catalog entities and which nothing names: one line says so.
import { closeSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Note } from '../../hooks/diagnostics/note.ts'
import { count } from '../../schemas/count.ts'

/** 20 ms for as many; a repository of Kubernetes manifests may have ten times more. */
const MAX_FILES = 1000
/** An entity begins with its apiVersion, or with some lines of comment. */
const HEAD_BYTES = 4096
const NAMED = 3

/** `others`: YAML files that no configured name covers; `told`: what is told of otherwise, checked since a Location names it, say. */
export function notLookedAt(others: readonly string[], told: readonly string[]): Note[] {
  const seen = new Set(told.map(path => resolve(path)))
  const unseen = others.filter(path => !seen.has(resolve(path)))
  const buffer = Buffer.alloc(HEAD_BYTES)
  const found = unseen.slice(0, MAX_FILES).filter(path => /^apiVersion:.*backstage\.io\//m.test(headOf(path, buffer)))
  const [first] = found
  if (first === undefined) return []
  const why = 'neither catalog.files nor a Location that was checked names'
  if (found.length === 1) return [{ path: first, text: `reads like a catalog entity and was not checked: ${why} it` }]
  const more = found.length - NAMED
  const names = [...found.slice(0, NAMED), ...(more > 0 ? [`${more} more`] : [])]
  const listed = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  const of = unseen.length > MAX_FILES ? ` of the first ${MAX_FILES} others` : ''
  return [
    {
      text: `${count(found.length, 'YAML file')}${of} read like catalog entities and were not checked (${listed}): ${why} them`,
    },
  ]
}

/** What cannot be read reads like nothing. */
function headOf(path: string, buffer: Buffer): string {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0))
  } catch {
    return ''
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
