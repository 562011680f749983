// The way in: pushes as they are announced by hooks, and as GHES reports them.
import { createHash } from 'node:crypto'
import type { NotifiedFile, PushNotification } from '../../../schemas/notification.ts'

/** What a message says, and what is to be done with it. */
export type AcceptedPush = Omit<PushNotification, 'version' | 'files' | 'blobs'> & {
  /** `webhook-id` of the message. */
  id: string
  files: NotifiedFile[]
  /** What else is to be done once it has landed, besides refreshing its files. */
  jobs?: readonly AskedJob[]
  /** Nobody waits for it: what people push goes first. */
  isBulk?: boolean
  /** The name of the repository until now: the catalog may still have the files' entities from there. */
  formerly?: string
  /** What is in the files was there before it left another repository. */
  follows?: true
  /** When to look for it at GHES for the first time. */
  firstCheckAtMs: number
}

/** `base` is a commit, or a branch's name. */
export type Comparison = { base: string; head: string }

/** What is asked of Backstage or GHES for a push. Each kind has its own line, which is claimed by itself. */
export type AskedJob =
  /** Which files are different in `head`: a report of GHES did not name them all. */
  | ({ kind: 'compare' } & Comparison)
  /** GHES has reported something of the repository itself, which may be of long ago: what is true now? */
  | ({ kind: 'repository' } & RepositoryHint)

/** What was reported. `from`: the name, or the default branch, that it had before. An end of archiving is a hint of `archived`, too. */
export type RepositoryHint =
  | { about: 'archived' | 'deleted'; from?: never }
  | { about: 'moved' | 'default branch'; from: string }

/** `known`: this message was stored before, and changes nothing. `under`: an id of its own, where the one that it came with is another's. */
export type Receipt = { result: 'stored' | 'known'; under?: string }

/** A push that GHES itself has reported by webhook, so one that has landed. */
export type LandedPush = Omit<AcceptedPush, 'id' | 'jobs' | 'firstCheckAtMs'> & {
  /** What the report shows beyond an announced push: accepted as landed beside it, in the same transaction. */
  further?: FurtherWork
  /** A hash of what was reported, where it came from outside: something else under the same delivery id is another report. */
  content?: string
}

/** More to do for a change that has landed, as a push of its own with an id of its own. */
export type FurtherWork = Pick<AcceptedPush, 'id' | 'files' | 'jobs'>

/** What was pushed where: the same again is another event. */
export type PushedChange = Pick<PushNotification, 'repository' | 'ref' | 'before' | 'after'>
export type AnnouncedPush = { id: string; paths: string[] }

/** `landed`: how many waiting pushes this has proved, the reported one itself included when nobody had announced it. */
export type WebhookReceipt = { result: 'known' } | { result: 'stored'; landed: number }

/** What `accept` has promised survives a crash at any moment. */
export interface Inbox {
  /**
   * Resolves once the push is on disk. One id is one event: a message of a known id that says the same is a repetition of it, the same change under another id has
   * happened again. What says something else under a known id is stored under an id of its own. Ids are known for at least 7 days. An id as hooks made it formerly (`formerMessageId`) tells only the change: such
   * a message counts as an event of its own, unless GHES has not been asked yet about the one before it. Messages that are parts of one push become one push, under the id of
   * the first that came; each of their ids leads to it.
   */
  accept(push: AcceptedPush): Promise<Receipt>

  /**
   * Takes GHES's word that a push has landed, in one transaction: waiting pushes of the branch that it proves have landed; when
   * the push itself was not announced and touches files, it is accepted as landed, under `reportId(deliveryId)`; one that was called rejected has landed after all. A delivery id
   * counts once, for at least 7 days.
   */
  acceptLanded(deliveryId: string, push: LandedPush): Promise<WebhookReceipt>

  /** More to do for a change that is known to have landed; the id counts once. */
  acceptFurther(change: Omit<LandedPush, 'files' | 'further'>, further: FurtherWork): Promise<Receipt>

  /**
   * The announced pushes that a report of this change would be about; empty when nobody announced it, or when each of them has been reported already: then
   * the same change has happened again.
   */
  announced(change: PushedChange): Promise<AnnouncedPush[]>

  /** Open pushes and jobs, at most a second old: cheap enough to ask at every request. */
  backlog(): number
}

export interface Redrives {
  /** A dead push waits again, as does a rejected or unknown one. False when there is none of that id in these states. */
  redrive(id: string): Promise<boolean>
  /** All dead pushes received at or after this time. Returns how many. */
  redriveSince(atMs: number): Promise<number>
}

export interface Repositories {
  /**
   * The repository has another name now: its pushes, jobs and known files go on under it. What is in flight under the old
   * one does not count, and is done again. Returns how many pushes and jobs were open.
   */
  renameRepository(from: string, to: string): Promise<number>
  /** The repository takes no pushes any more: those that wait for it end rejected, its known files are forgotten. Returns how many. */
  closeRepository(repository: string, reason: string): Promise<number>
}

/** The id of a push that nobody announced, by the delivery that reported it. */
export const reportId = (deliveryId: string): string =>
  `msg_${createHash('sha256').update(`report ${deliveryId}`).digest('hex').slice(0, 32)}`

/** Nothing was pushed, so there are no commits to name; an id of the event itself keeps two of the same kind apart. */
export function noCommits(deliveryId: string): { before: string; after: string } {
  const id = createHash('sha1').update(deliveryId).digest('hex')
  return { before: id, after: id }
}
