// The key of a job: which file of which branch of which repository, or what stands for it.
import type { Row } from './sql.ts'

export type Key = { repository: string; ref: string; path: string }

export const BY_KEY = 'repository = :repository AND ref = :ref AND path = :path'

export const keyOf = ({ repository, ref, path }: Key): Key => ({ repository, ref, path })

export const rowKey = (row: Row): Key => ({
  repository: String(row['repository']),
  ref: String(row['ref']),
  path: String(row['path']),
})
