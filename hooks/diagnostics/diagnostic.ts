// A diagnostic is data: what was found, where, and how much it matters. The words are in codes.ts.
import type { Code, Facts } from './codes.ts'

export type Severity = 'error' | 'warning'

/** Half-open range of UTF-16 offsets in the text of a file. */
export type Range = { start: number; end: number }

/** What a check found. `label` is a second place that belongs to it: the first of two equal keys, say. */
export type Finding = {
  [C in Code]: {
    code: C
    facts: Facts[C]
    range: Range
    label?: { range: Range; text: string }
    /** It is about what this file holds, which is named here. */
    quoted?: string
    /** Where it stands in its document, of a check that knows: keys and indexes from the root. `part`: the key, the value, or the map that lacks it. */
    path?: readonly (string | number)[]
    part?: 'key' | 'value' | 'map'
  }
}[Code]

/** Lines and columns count from 1; columns are UTF-16 units, the end is behind the last one. */
export type Place = { line: number; column: number; endLine: number; endColumn: number }

/** A piece of the text and what stands there instead. An empty place is before its column. */
export type Edit = Place & { text: string }

/** What mends a problem for certain: in order of place, none over another. */
export type Fix = { edits: Edit[] }

/** A finding with its place in words that a person can act on. */
export type Diagnostic = Place & {
  code: Code
  severity: Severity
  path: string
  /** Index of the YAML document in the file. */
  document: number
  message: string
  hint?: string
  url?: string
  label?: Place & { text: string }
  /** So many good documents of the file are withheld by it: it keeps the whole file out. Said once a file. */
  withholds?: number
  /** What it was made of. */
  finding?: Finding
  fix?: Fix
}
