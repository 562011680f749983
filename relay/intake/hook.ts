// A hook's notification: request → accepted push | refusal. The checks stand in the order of what they cost.
import type { IncomingHttpHeaders } from 'node:http'
import { pushNotification } from '../../schemas/compiled/own.mjs'
import { found, messageProblem } from '../../schemas/config-problems.ts'
import { type GateVerdict, oncePerPath, type PushNotification } from '../../schemas/notification.ts'
import schema from '../../schemas/push-notification.schema.json' with { type: 'json' }
import { parseWellFormed } from '../../schemas/text.ts'
import { LIMITS } from '../runtime/limits.ts'
import type { AcceptedPush } from '../store/ports/inbox.ts'
import { TEST_PATH } from '../store/ports/jobs.ts'
import { type Refusal, refuse, tooLarge } from './refusal.ts'

/** A notification as we keep it: each file with its blob id. */
export type ReceivedPush = Omit<PushNotification, 'blobs' | 'files'> & Pick<AcceptedPush, 'files' | 'jobs'>

export type Envelope = { result: 'envelope'; id: string; timestamp: string; signature: string }

/** What can be told from the headers alone, before a byte of the body is read. `wallMs` is the time of day: signatures carry it. */
export function readEnvelope(
  headers: IncomingHttpHeaders,
  wallMs: number,
  mostBytes: number = LIMITS.hookBodyBytes,
): Envelope | Refusal {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') return refuse(415, 'expected content-type application/json')
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return refuse(415, 'compressed bodies are not taken', { headers: { 'accept-encoding': 'identity' } })
  }
  if (Number(headers['content-length'] ?? 0) > mostBytes) return tooLarge(mostBytes)
  return readSignature(headers, wallMs)
}

/** Of a request without a body, too. */
export function readSignature(headers: IncomingHttpHeaders, wallMs: number): Envelope | Refusal {
  const id = headers['webhook-id']
  const timestamp = headers['webhook-timestamp']
  const signature = headers['webhook-signature']
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') {
    return unauthorized('a webhook-* header is missing')
  }
  if (id.length > LIMITS.messageIdCharacters || !/^[\x21-\x7e]+$/.test(id))
    return unauthorized('webhook-id is malformed')
  if (!/^\d{10}$/.test(timestamp)) return unauthorized('webhook-timestamp is malformed')
  if (Math.abs(wallMs - Number(timestamp) * 1000) > LIMITS.timestampToleranceMs) {
    return unauthorized('webhook-timestamp is out of tolerance; are the clocks of GHES and relay right?')
  }
  return { result: 'envelope', id, timestamp, signature }
}

export const unauthorized = (detail: string): Refusal => refuse(401, 'unauthorized', { detail })

/** The notification in these bytes, whose signature is right. Unknown fields are left out. */
export function readNotification(body: Buffer): { result: 'push'; push: ReceivedPush } | Refusal {
  let message: unknown
  try {
    // fatal: a path that is not UTF-8 must not become another path.
    message = parseWellFormed(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return refuse(400, 'the body is not JSON in UTF-8')
  }
  const problem = messageProblem(pushNotification, schema, message)
  if (problem !== undefined) return refuse(400, problem)
  const push = message as PushNotification
  const nameProblem =
    repositoryProblem(push.repository) ?? refProblem(push.ref) ?? pathProblem(push.files) ?? partProblem(push)
  if (nameProblem !== undefined) return refuse(400, nameProblem)
  const { before: base, after: head } = push
  const more = isCut(push, body.length) ? { jobs: [{ kind: 'compare' as const, base, head }] } : {}
  return { result: 'push', push: { ...known(push), ...more } }
}

/** What is wrong with the names that a push carries, whoever said them: they go into addresses of the API. */
export function readPushNames(push: {
  repository: string
  ref: string
  before: string
  after: string
}): string | undefined {
  const probe = { version: 1, ...push, files: [{ path: 'x', change: 'modified' }] }
  return messageProblem(pushNotification, schema, probe) ?? repositoryProblem(push.repository) ?? refProblem(push.ref)
}

/** `..` as a name would lead out of the API's path: every URL parser takes it away together with what stands before it. */
function repositoryProblem(repository: string): string | undefined {
  const name = repository.split('/')[1]
  return name === '.' || name === '..' ? `repository: expected OWNER/NAME; found ${found(repository)}` : undefined
}

/** git's own rules for a branch name (git-check-ref-format), as far as the schema does not hold them. */
function refProblem(ref: string): string | undefined {
  const parts = ref.split('/').slice(2)
  const bad = parts.some(part => part === '' || part.startsWith('.') || part.endsWith('.lock'))
  if (Buffer.byteLength(ref) > LIMITS.refBytes)
    return `ref: expected at most ${LIMITS.refBytes} bytes; found ${found(ref)}`
  return bad || ref.includes('..') || ref.includes('@{') || ref.endsWith('.')
    ? `ref: expected refs/heads/ and a branch name of git; found ${found(ref)}`
    : undefined
}

function pathProblem(files: PushNotification['files']): string | undefined {
  const seen = new Set<string>()
  for (const [i, { path }] of files.entries()) {
    const bad = path.split('/').some(part => part === '' || part === '.' || part === '..')
    const expected = bad
      ? 'a path in a git tree'
      : Buffer.byteLength(path) > LIMITS.pathBytes
        ? `at most ${LIMITS.pathBytes} bytes`
        : // Hooks of before sent several paths that are no UTF-8 as one.
          seen.has(path) && !path.includes('\ufffd')
          ? 'each path once'
          : undefined
    if (expected) return `files[${i}].path: expected ${expected}; found ${found(path)}`
    seen.add(path)
  }
  return undefined
}

const partProblem = ({ part }: PushNotification) =>
  part !== undefined && part.number > part.of
    ? `part.number: expected at most part.of, ${part.of}; found ${part.number}`
    : undefined

/**
 * Hooks of before `part` left out what a message had no room for, and said so nowhere: first entities and blobs of all files, then files. Such a message may not be all, and one question to
 * GHES costs less than a file that is missed.
 */
function isCut({ part, blobs, files }: PushNotification, bytes: number): boolean {
  return (
    part === undefined && bytes > CUT_BYTES && blobs === undefined && files.every(file => file.entities === undefined)
  )
}

/** They cut to 60 KiB by the average length of a path, so that less may be left. */
const CUT_BYTES = 16 * 1024

/** As it is, and as a path where it was written as a part of a URL. */
function asInTree(reference: string): string[] {
  const [path = ''] = reference.split(/[?#]/, 1)
  const isGlob = /[*[{]/.test(reference)
  try {
    return [...new Set(isGlob ? [reference] : [reference, decodeURIComponent(path)])].filter(one => one !== '')
  } catch {
    return [reference]
  }
}

/** A reference only finds its file again: without one that is too long the rest is whole. */
const isKeepable = (path: string) => Buffer.byteLength(path) <= LIMITS.pathBytes

const knownVerdict = ({ errors, warnings, first }: GateVerdict): GateVerdict => ({
  errors,
  warnings,
  ...(first === undefined ? {} : { first }),
})

/** Only what we know: what a later hook adds must not pile up in the store. */
function known(push: PushNotification): ReceivedPush {
  const { version, repository, ref, before, after, defaultBranch, pusher, bypass, verdict, part, blobs = {} } = push
  const files = push.test ? [{ path: TEST_PATH, change: 'modified' as const }] : push.files
  return {
    version,
    repository,
    ref,
    before,
    after,
    ...(defaultBranch === undefined ? {} : { defaultBranch }),
    ...(pusher === undefined ? {} : { pusher }),
    ...(bypass === undefined ? {} : { bypass }),
    ...(verdict === undefined ? {} : { verdict: knownVerdict(verdict) }),
    ...(part === undefined || part.of === 1 ? {} : { part }),
    files: oncePerPath(files).map(({ path, change, entities, references }: PushNotification['files'][number]) => ({
      path,
      change,
      ...(change !== 'removed' && Object.hasOwn(blobs, path) ? { blob: blobs[path] } : {}),
      ...(entities === undefined ? {} : { entities }),
      ...(references === undefined ? {} : { references: references.flatMap(asInTree).filter(isKeepable) }),
    })),
  }
}
