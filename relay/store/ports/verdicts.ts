// What the catalog has made of files, as it says itself, and the end that a push has by it.
import type { CatalogResult } from '../../../schemas/catalog-verdicts.ts'

/** What the catalog has made of one entity of a file, or of the file as a whole. */
export type Reading = {
  /** OWNER/NAME as the catalog writes it. */
  repository: string
  /** `BRANCH/PATH`: only who knows the branches can part them. */
  tail: string
  entity: string
  result: CatalogResult
  errors: string[]
  heldBy?: string
  atMs: number
  blob?: string
  of?: number
}

export type FileVerdict = { path: string; result: CatalogResult; errors?: string[]; heldBy?: string }

/** `mixed`: of its files the catalog has made different things. `afterMs` counts from when the push was taken in. */
export type PushVerdict = { result: CatalogResult | 'mixed'; files: FileVerdict[]; afterMs: number }

export type JudgedPush = { id: string; verdict: PushVerdict; isFirst: boolean }

export interface Verdicts {
  /**
   * Resolves once they are on disk; the same again changes nothing. Returns the pushes that have a verdict by it. One that names the content that was read is about the pushes that brought
   * this content; else about the latest push of the file that had landed before. What the catalog makes of a later push of a file is no verdict on an earlier one.
   */
  recordReadings(readings: readonly Reading[]): Promise<JudgedPush[]>
}
