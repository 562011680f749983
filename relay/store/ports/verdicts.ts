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

/**
 * `mixed`: of its files the catalog has made different things. `afterMs` counts from when the push was taken in. `by`: seen from outside, and not said by the catalog itself, so that it
 * is less certain; a file of which nothing could be seen is left out then.
 */
export type PushVerdict = { result: CatalogResult | 'mixed'; files: FileVerdict[]; afterMs: number; by?: 'reading' }

/** What could be seen instead of a verdict. `looksWrong`: somebody should look at it. */
export type NotKnown = { words: string; looksWrong: boolean }

/** A forwarded file of a default branch, of which nobody has said yet what the catalog has made of it. */
export type UnjudgedFile = {
  pushId: string
  repository: string
  ref: string
  path: string
  /** The commit. */
  after: string
  entities: string[]
  settledAtMs: number
}

/** What reading the catalog has shown of a file of a push. */
export type ReadOutcome = Pick<UnjudgedFile, 'pushId' | 'repository' | 'path'> & { atMs: number } & (
    | Omit<FileVerdict, 'path'>
    | ({ result: 'not known' } & NotKnown)
  )

export type JudgedPush = { id: string; verdict: PushVerdict; isFirst: boolean }

export interface Verdicts {
  /**
   * Resolves once they are on disk; the same again changes nothing. Returns the pushes that have a verdict by it. One that names the content that was read is about the pushes that brought
   * this content; else about the latest push of the file that had landed before. What the catalog makes of a later push of a file is no verdict on an earlier one.
   */
  recordReadings(readings: readonly Reading[]): Promise<JudgedPush[]>

  /** The latest ones, of pushes that were settled at this time or later, in the order of the settling. Without those that a later push had overtaken before they were asked for. */
  unjudged(sinceMs: number): Promise<UnjudgedFile[]>

  /** Resolves once it is on disk. Undefined when it ends nothing: the push has other files, or the catalog itself has spoken. */
  recordRead(read: ReadOutcome): Promise<JudgedPush | undefined>
}
