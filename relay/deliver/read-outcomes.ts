// Looks in the catalog for what it has made of forwarded files, where our module has never said so: by one replica, a few looks each, then it is not known.
import { locationRef } from '../../schemas/entity-ref.ts'
import { decoded } from '../../schemas/url-path.ts'
import type { Backstage } from '../clients/backstage.ts'
import type { CatalogLook } from '../clients/catalog-reads.ts'
import type { GhesContents } from '../clients/ghes/contents.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Tell } from '../runtime/events.ts'
import type { Logger } from '../runtime/log.ts'
import { type Lead, leadRounds } from '../runtime/rounds.ts'
import type { Leads, Notes } from '../store/ports/coordination.ts'
import type { Holders } from '../store/ports/holders.ts'
import type { UnjudgedFile, Verdicts } from '../store/ports/verdicts.ts'
import { documentsIn } from './file-documents.ts'
import { locationTargets } from './location.ts'
import { askedOf, bare, lotsOf } from './looked-together.ts'
import { noteCatalogRead } from './module-seen.ts'
import { type Look, type Outcome, outcomeOf, type ReadFile } from './outcome.ts'
import { isEntityRef } from './whereabouts.ts'

export type ReadOutcomesOptions = {
  store: Pick<Verdicts, 'unjudged' | 'recordRead'> & Pick<Holders, 'hasLeft'> & Leads & Notes
  backstage: Pick<Backstage, 'shows'> & CatalogLook
  contents: GhesContents
  hasReported: () => Promise<boolean>
  host: string
  refreshesPerSecond: number
  clock: Clock
  log: Logger
  tell?: Tell
}

const EVERY_MS = 300
const OTHERS_ASK_MS = 5_000
const LEASE_MS = 20_000
/** After the refresh: at once, before the catalog has read the file, and then until a slow one has. */
const LOOKS_MS = [0, 2_000, 4_000, 8_000, 16_000, 30_000, 60_000]
/** A name that another file holds: what moves may take so long to be seen. */
const CONFLICT_MS = 8_000
/** What was settled longer ago, while nobody looked, has one look. */
const FORMER_MS = 3_600_000
/** Of the same push, files are settled one after the other. */
const OVERLAP_MS = 5_000
/** An earlier push of the file that nobody knows the end of may be under way for so long. */
const DOUBT_MS = 600_000
const MOST_WATCHED = 5_000
/** Of the refreshes that the catalog is asked for a second, it has a quarter more requests to answer. */
const SHARE = 0.25
const REST_MS = 5_000
/** A token that is shown nothing is tried again after so long. */
const HIDDEN_MS = 600_000
/** Before a look; who needs it later asks by itself. */
const CONTENTS_AT_ONCE = 5
const ENDED_AT_ONCE = 20

/** Of which nothing can be known any more. */
type Ending = { file: UnjudgedFile; why: { words: string; looksWrong: boolean } }

type Watched = UnjudgedFile & ReadFile & { looks: number; dueAtMs: number; isDoubtful: boolean }

/** Until the returned function is called. */
export function readOutcomes(options: ReadOutcomesOptions): () => void {
  const { store, clock, log } = options
  const reader = new OutcomeReader(options)
  let isEnded = false
  const failed = (error: unknown) => {
    // The store is closed while the last round ends.
    if (isEnded) return REST_MS
    log.error({ err: error }, 'what the catalog makes of files could not be read; tried again')
    return REST_MS
  }
  const end = leadRounds(
    { clock, firstInMs: EVERY_MS, round: lead => reader.round(lead), failed },
    { store, task: 'reading', leaseMs: LEASE_MS, othersAskMs: OTHERS_ASK_MS },
  )
  return () => {
    isEnded = true
    end()
  }
}

class OutcomeReader {
  readonly #options: ReadOutcomesOptions
  /** By place: of a file only the latest push. */
  readonly #watched = new Map<string, Watched>()
  /** Places whose last push ended unknown, until when. */
  readonly #doubts = new Map<string, number>()
  #sinceMs: number | undefined
  #isOn: boolean | undefined
  #mayReadUntilMs = 0
  #lead: Lead = { isHeld: () => false, isNew: true }
  /** GHES is not asked before. */
  #contentsFromMs = 0

  constructor(options: ReadOutcomesOptions) {
    this.#options = options
  }

  /** Returns when to look again. */
  async round(lead: Lead): Promise<number> {
    const { store, clock, hasReported } = this.#options
    this.#lead = lead
    if (lead.isNew) this.#forget()
    if (await hasReported()) {
      await this.#endAll([...this.#watched.values()].map(file => ({ file, why: MODULE })))
      await this.#turn(false)
      return HIDDEN_MS
    }
    const nowMs = clock.now()
    this.#sinceMs ??= nowMs - FORMER_MS
    const found = await store.unjudged(this.#sinceMs)
    await this.#endAll(found.flatMap(file => this.#watch(file) ?? []))
    const last = found.at(-1)
    // Where the list is full, what comes next is asked for.
    this.#sinceMs = Math.max(this.#sinceMs, found.length > 400 && last ? last.settledAtMs : nowMs - OVERLAP_MS)
    const due = [...this.#watched.values()].filter(({ dueAtMs }) => dueAtMs <= nowMs)
    const most = Math.max(1, Math.round((this.#options.refreshesPerSecond * SHARE * EVERY_MS) / 1000))
    for (const lot of lotsOf(due.toSorted((a, b) => a.dueAtMs - b.dueAtMs)).slice(0, most)) {
      if (!lead.isHeld()) return EVERY_MS
      const waitMs = await this.#lookAt(lot)
      if (waitMs !== undefined) return waitMs
    }
    return EVERY_MS
  }

  /** What another has told meanwhile must not be told otherwise. */
  #forget(): void {
    this.#watched.clear()
    this.#sinceMs = undefined
    this.#isOn = undefined
  }

  /** Returns what is not watched because of it, or any more. */
  #watch(file: UnjudgedFile): Ending | undefined {
    const { host, clock } = this.#options
    const place = placeOf(file)
    const known = this.#watched.get(place)
    if (known?.pushId === file.pushId) return undefined
    if (known && known.settledAtMs > file.settledAtMs) return { file, why: OVERTAKEN }
    if (!known && this.#watched.size >= MOST_WATCHED) return { file, why: TOO_MANY }
    const nowMs = clock.now()
    const isLate = nowMs - file.settledAtMs > OVERLAP_MS
    this.#watched.set(place, {
      ...file,
      place: { host, ...file },
      looks: 0,
      dueAtMs: nowMs,
      locations: locationTargets({ host, ...file }).map(locationRef),
      announced: file.entities.filter(isEntityRef).map(entity => entity.toLowerCase()),
      isDoubtful: known !== undefined || isLate || (this.#doubts.get(place) ?? 0) > nowMs,
    })
    return known && { file: known, why: OVERTAKEN }
  }

  /** Returns how long to leave the catalog alone. */
  async #lookAt(lot: Watched[]): Promise<number | undefined> {
    const { backstage, log } = this.#options
    await this.#fetchContents(lot.filter(({ announced, content }) => announced.length === 0 && content === undefined))
    const answer = await backstage.look([...new Set(lot.flatMap(askedOf))])
    if (answer.result === 'trouble') {
      log.debug({ reason: answer.reason }, 'the catalog could not be read')
      const isAged = ({ settledAtMs }: Watched) => this.#options.clock.now() - settledAtMs > AGED_MS
      await this.#endAll(lot.filter(isAged).map(file => ({ file, why: AWAY })))
      return Math.max(REST_MS, answer.retryAfterMs ?? 0)
    }
    const isEmpty = [...answer.of.values()].every(shown => shown === undefined)
    const nowMs = this.#options.clock.now()
    if (!isEmpty) this.#mayReadUntilMs = nowMs + HIDDEN_MS
    if (isEmpty && nowMs >= this.#mayReadUntilMs) {
      const shows = await backstage.shows()
      if (shows.result === 'trouble') return REST_MS
      if (shows.result === 'nothing') return this.#hidden()
      this.#mayReadUntilMs = nowMs + HIDDEN_MS
    }
    await this.#turn(true)
    for (const file of lot) await this.#judge(file, answer.of)
    return undefined
  }

  async #judge(file: Watched, look: Look): Promise<void> {
    const { clock, host } = this.#options
    if (file.looks === 0 && !file.isDoubtful) file.first = bare(file, look)
    file.looks++
    let outcome = outcomeOf(file, look)
    if (outcome.result === 'open' && outcome.wantsContent) {
      await this.#fetchContents([file])
      outcome = outcomeOf(file, look)
    }
    const ageMs = clock.now() - file.settledAtMs
    if (outcome.result === 'conflict' && (ageMs < CONFLICT_MS || (await this.#isOnItsWay(outcome, host))))
      outcome = { result: 'open', words: `${outcome.entity} comes from ${outcome.heldBy}`, looksWrong: true }
    if (outcome.result !== 'open') return this.#tell(file, outcome)
    const next = LOOKS_MS.find(ms => ms > ageMs)
    if (next === undefined) return this.#end({ file, why: outcome })
    file.dueAtMs = file.settledAtMs + next
  }

  async #isOnItsWay({ heldBy = '', entity }: { heldBy?: string; entity: string }, host: string): Promise<boolean> {
    const [, at = '', repository = '', tail = ''] =
      /^url:https?:\/\/([^/]+)\/([^/]+\/[^/]+)\/(?:blob|tree|raw|edit)\/(.+)$/s.exec(decoded(heldBy)) ?? []
    if (at.toLowerCase() !== host.toLowerCase()) return false
    const parts = tail.split('/')
    // Where the branch ends, the URL does not say.
    for (let i = 1; i < Math.min(parts.length, 6); i++) {
      const ref = `refs/heads/${parts.slice(0, i).join('/')}`
      if (await this.#options.store.hasLeft({ repository, ref, path: parts.slice(i).join('/') }, entity)) return true
    }
    return false
  }

  async #fetchContents(files: readonly Watched[]): Promise<void> {
    const { contents, clock } = this.#options
    for (const file of files.slice(0, CONTENTS_AT_ONCE)) {
      if (clock.now() < this.#contentsFromMs) return
      const { repository, after: commit, path } = file
      const answer = await contents({ repository, commit, path })
      if (answer.result === 'trouble') {
        const isOfAll = answer.kind === 'limited' || answer.kind === 'down'
        if (isOfAll) this.#contentsFromMs = clock.now() + Math.max(REST_MS, answer.retryAfterMs ?? 0)
        continue
      }
      const documents = answer.result === 'text' ? documentsIn(answer.text) : undefined
      file.content = documents ?? 'none'
    }
  }

  async #tell(file: Watched, outcome: Exclude<Outcome, { result: 'open' }>): Promise<void> {
    const { store, clock, log, tell } = this.#options
    const { pushId, repository, path } = file
    const { result } = outcome
    const why = outcome.result === 'accepted' ? {} : { errors: outcome.errors, ...heldBy(outcome) }
    if (!this.#lead.isHeld()) return
    this.#watched.delete(placeOf(file))
    const judged = await store.recordRead({ pushId, repository, path, atMs: clock.now(), result, ...why })
    if (!judged) return
    log.info({ id: judged.id, step: 'verdict', result: judged.verdict.result, by: 'reading' }, 'the catalog was read')
    tell?.({ event: 'read', result: judged.verdict.result })
  }

  /** Of a backlog thousands end at once: some at a time, which share a commit. */
  async #endAll(endings: Ending[]): Promise<void> {
    while (endings.length > 0) await Promise.all(endings.splice(0, ENDED_AT_ONCE).map(ending => this.#end(ending)))
  }

  async #end({ file, why: { words, looksWrong } }: Ending): Promise<void> {
    const { store, clock, tell } = this.#options
    const { pushId, repository, path } = file
    const place = placeOf(file)
    if (!this.#lead.isHeld()) return
    if (this.#watched.get(place)?.pushId === pushId) this.#watched.delete(place)
    this.#doubts.delete(place)
    this.#doubts.set(place, clock.now() + DOUBT_MS)
    for (const oldest of this.#doubts.keys()) if (this.#doubts.size > MOST_WATCHED) this.#doubts.delete(oldest)
    await store.recordRead({ pushId, repository, path, atMs: clock.now(), result: 'not known', words, looksWrong })
    tell?.({ event: 'read', result: 'not known' })
  }

  /** To our token the catalog is empty. */
  async #hidden(): Promise<number> {
    const wasOn = this.#isOn === true
    const files = [...this.#watched.values()]
    this.#watched.clear()
    if (wasOn) await this.#endAll(files.map(file => ({ file, why: HIDDEN })))
    await this.#turn(false)
    return HIDDEN_MS
  }

  async #turn(isOn: boolean): Promise<void> {
    if (this.#isOn === isOn) return
    this.#isOn = isOn
    await noteCatalogRead(this.#options.store, isOn)
    if (isOn) this.#options.log.info('what the catalog makes of files is read, since our module has not reported yet')
  }
}

/** Of an outage of Backstage, too, a push has its end. */
const AGED_MS = LOOKS_MS.at(-1) ?? 0
const OVERTAKEN = {
  words: 'a later push of the file came before the catalog was seen to have read it',
  looksWrong: false,
}
const TOO_MANY = { words: 'too many pushes at once to look at', looksWrong: false }
/** It does not speak of what the catalog has read before; what it says after all stands in the place of this. */
const MODULE = { words: 'our module in Backstage has begun to report meanwhile', looksWrong: false }
const AWAY = { words: 'Backstage did not answer', looksWrong: false }
const HIDDEN = { words: 'backstage.token is not allowed to read the catalog any more', looksWrong: false }

const placeOf = ({ repository, ref, path }: UnjudgedFile) => `${repository.toLowerCase()} ${ref} ${path}`

const heldBy = (outcome: { heldBy?: string }) => (outcome.heldBy === undefined ? {} : { heldBy: outcome.heldBy })
