// An accepted ref update → the message for the relay.
import { type GateVerdict, type NotifiedFile, oncePerPath, type PushNotification } from '../../schemas/notification.ts'

/** The relay takes 64 KiB; a little less leaves room for what a proxy adds. */
const MAX_BYTES = 60 * 1024

/** Bounds what a push can make a hook sign and send: 2 MB, some 10,000 files. What is beyond it the relay asks GHES for. */
const MAX_PARTS = 32

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
  verdict?: GateVerdict
  files: NotifiedFile[]
}

export type Message = { push: PushNotification; body: Buffer }

/**
 * The messages of an update: one, or parts where it does not fit. When there are too many, what only speeds things up goes first; of what is still too much the first parts are
 * sent, and since each says of how many it is one, the relay knows that there is more.
 */
export function messagesFor(update: AcceptedUpdate): Message[] {
  const all = oncePerPath(update.files)
  const short = all.filter(({ path }) => Buffer.byteLength(path) <= MAX_PATH)
  const files = (short.length > 0 ? short : all).map(withinLimits)
  const room = MAX_BYTES - Buffer.byteLength(JSON.stringify(pushOf(update, [], PART)))
  const whole = packed(files, room)
  const parts = whole.length > MAX_PARTS ? packed(files.map(bare), room) : whole
  return parts.slice(0, MAX_PARTS).map((part, i) => {
    const push = pushOf(update, part, parts.length === 1 ? {} : { part: { number: i + 1, of: parts.length } })
    return { push, body: Buffer.from(JSON.stringify(push)) }
  })
}

/** As long as a part's number can be. */
const PART = { part: { number: 99_999, of: 99_999 } }

function pushOf(
  update: AcceptedUpdate,
  files: readonly NotifiedFile[],
  part: Pick<PushNotification, 'part'>,
): PushNotification {
  const blobs = files.flatMap(({ path, blob }): [string, string][] => (blob === undefined ? [] : [[path, blob]]))
  return {
    version: 1,
    repository: update.repository,
    ref: update.ref,
    before: update.before,
    after: update.after,
    defaultBranch: update.isDefaultBranch,
    ...(update.pusher ? { pusher: update.pusher } : {}),
    ...(update.bypass ? { bypass: update.bypass } : {}),
    ...(update.verdict ? { verdict: update.verdict } : {}),
    ...part,
    ...(blobs.length === 0 ? {} : { blobs: Object.fromEntries(blobs) }),
    files: files.map(({ blob: _elsewhere, ...file }) => file),
  }
}

/** The files in their order, as many together as there is room for. */
function packed(files: readonly NotifiedFile[], room: number): NotifiedFile[][] {
  const parts: NotifiedFile[][] = []
  let left = 0
  for (const given of files) {
    const file = bytesOf(given) > room ? bare(given) : given
    const bytes = bytesOf(file)
    const isNew = bytes > left || parts.length === 0
    if (isNew) parts.push([])
    parts.at(-1)?.push(file)
    left = (isNew ? room : left) - bytes
  }
  return parts
}

/** With its comma, and its path once more where its blob stands beside the path. */
const bytesOf = (file: NotifiedFile) => Buffer.byteLength(JSON.stringify([file, file.path]))

const bare = ({ path, change }: NotifiedFile): NotifiedFile => ({ path, change })

function withinLimits({ entities, references, ...file }: NotifiedFile): NotifiedFile {
  const wellFormed = (texts: readonly string[] = [], most: number) =>
    texts
      .filter(text => Buffer.byteLength(text) <= most)
      .slice(0, MAX_ITEMS)
      .map(text => text.toWellFormed())
  const refs = wellFormed(entities, MAX_REF)
  const paths = wellFormed(references, MAX_PATH)
  return { ...file, ...(refs.length > 0 ? { entities: refs } : {}), ...(paths.length > 0 ? { references: paths } : {}) }
}
