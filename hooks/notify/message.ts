// An accepted ref update → the message for the relay.
import type { NotifiedFile, PushNotification } from '../../schemas/notification.ts'

/** The relay takes 64 KiB; a little less leaves room for what a proxy adds. */
const MAX_BYTES = 60 * 1024

/** The schema's bounds, and the relay's on a path: a file beyond them must not cost the whole message. */
const MAX_ITEMS = 1000
const MAX_REF = 1024
const MAX_PATH = 900

export type AcceptedUpdate = {
  repository: string
  ref: string
  before: string
  after: string
  isDefaultBranch: boolean
  pusher: string
  bypass?: string
  files: NotifiedFile[]
}

/** The body of the notification. When it would be too large, what only speeds things up goes first; files left out are found by the reconcile. */
export function messageFor(update: AcceptedUpdate): { push: PushNotification; body: Buffer } {
  const short = update.files.filter(({ path }) => Buffer.byteLength(path) <= MAX_PATH)
  const files = short.length > 0 ? short : update.files
  const push: PushNotification = {
    version: 1,
    repository: update.repository,
    ref: update.ref,
    before: update.before,
    after: update.after,
    defaultBranch: update.isDefaultBranch,
    ...(update.pusher ? { pusher: update.pusher } : {}),
    ...(update.bypass ? { bypass: update.bypass } : {}),
    ...blobsOf(files),
    files: files.map(withinLimits),
  }
  let body = Buffer.from(JSON.stringify(push))
  if (body.length > MAX_BYTES) {
    push.files = push.files.map(({ path, change }) => ({ path, change }))
    delete push.blobs
    body = Buffer.from(JSON.stringify(push))
  }
  while (body.length > MAX_BYTES && push.files.length > 1) {
    push.files = push.files.slice(0, Math.floor((push.files.length * MAX_BYTES) / body.length))
    body = Buffer.from(JSON.stringify(push))
  }
  return { push, body }
}

function blobsOf(files: readonly NotifiedFile[]): { blobs?: Record<string, string> } {
  const known = files.flatMap(({ path, blob }): [string, string][] => (blob === undefined ? [] : [[path, blob]]))
  return known.length === 0 ? {} : { blobs: Object.fromEntries(known) }
}

function withinLimits({
  entities,
  references,
  blob: _elsewhere,
  ...file
}: NotifiedFile): PushNotification['files'][number] {
  const wellFormed = (texts: readonly string[] = [], most: number) =>
    texts
      .filter(text => Buffer.byteLength(text) <= most)
      .slice(0, MAX_ITEMS)
      .map(text => text.toWellFormed())
  const refs = wellFormed(entities, MAX_REF)
  const paths = wellFormed(references, MAX_PATH)
  return { ...file, ...(refs.length > 0 ? { entities: refs } : {}), ...(paths.length > 0 ? { references: paths } : {}) }
}
