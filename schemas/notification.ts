// The message that a hook sends to the relay for one accepted ref update. Wire form: push-notification.schema.json.
import { createHash } from 'node:crypto'

export type Change = 'added' | 'modified' | 'removed'

export type NotifiedFile = {
  /** Path in the repository. */
  path: string
  change: Change
  /** Object id of its content after the push; left out when it is removed, or not known. On the wire it stands in `blobs`. */
  blob?: string
  /** Entity refs in the file, `component:default/payments`, as far as they could be read. */
  entities?: string[]
  /** Paths in the repository that the file's placeholders (`$text`, …) quote, and paths and patterns that its Locations name. */
  references?: string[]
}

/** `number` counts from 1. */
export type PushPart = { number: number; of: number }

/** `first`: of the first error, where there is none of the first warning. */
export type GateVerdict = { errors: number; warnings: number; first?: string }

export type PushNotification = {
  version: 1
  /** OWNER/NAME */
  repository: string
  /** refs/heads/… */
  ref: string
  /** Object id before the push; all zeroes when the branch was created. */
  before: string
  after: string
  /** Left out by a sender that does not know; then the branch is treated as the default branch. */
  defaultBranch?: boolean
  pusher?: string
  bypass?: string
  /** What the gate found, as the default branch would have it. Left out by a hook that does not check. */
  verdict?: GateVerdict
  /** Which of several messages of one push this is; left out when it is all. */
  part?: PushPart
  /** Goes the whole way and refreshes nothing. Sent by the relay to itself. */
  test?: true
  /** Object ids of the files' contents, by path. Beside `files`, whose shape readers may hold to the letter. */
  blobs?: Record<string, string>
  files: Omit<NotifiedFile, 'blob'>[]
}

/**
 * The `webhook-id` of a message was this once, a hash of the change: hooks of then still send it, and such messages wait in stores. Of these nobody can tell whether
 * a message was repeated or the same change was pushed again.
 */
export function formerMessageId(push: Pick<PushNotification, 'repository' | 'ref' | 'before' | 'after'>): string {
  const digest = createHash('sha256')
    .update([push.repository, push.ref, push.before, push.after].join('\n'))
    .digest('hex')
  return `msg_${digest.slice(0, 32)}`
}

/**
 * Each path once. Paths that are no UTF-8 in git may have become the same text, and then something under that name has changed.
 */
export function oncePerPath(files: readonly NotifiedFile[]): NotifiedFile[] {
  const found = new Map<string, NotifiedFile>()
  for (const file of files) {
    const other = found.get(file.path)
    found.set(file.path, other === undefined ? file : joined(other, file))
  }
  return [...found.values()]
}

function joined(one: NotifiedFile, other: NotifiedFile): NotifiedFile {
  const { path, change } = one
  const entities = [...new Set([...(one.entities ?? []), ...(other.entities ?? [])])]
  const references = [...new Set([...(one.references ?? []), ...(other.references ?? [])])]
  return {
    path,
    change: change === other.change ? change : 'modified',
    ...(entities.length === 0 ? {} : { entities }),
    ...(references.length === 0 ? {} : { references }),
  }
}
