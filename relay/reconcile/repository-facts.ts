// What is known of repositories beside their files: as the reconcile's pages have it, and when a hook last signed a push. Asks nobody.
import { randomUUID } from 'node:crypto'
import type { HookEnforcement, RepositoryFacts } from '../../schemas/repository-facts.ts'
import type { Clock } from '../runtime/clock.ts'
import { goRound } from '../runtime/rounds.ts'
import type { Notes } from '../store/ports/coordination.ts'
import type { EnforcementOf } from './enforcement-file.ts'

type FactChanges = { isNew: boolean; cursor: string; version?: string; repositories: RepositoryFacts[] }

type FactsOptions = {
  store: Notes & { isShared: boolean }
  clock: Clock
  /** GHES's, once it has answered. */
  version: () => string | undefined
  onTrouble: (error: unknown) => void
}

const NOTE = 'repository-facts'
/** What a crash forgets; other replicas hear of it as late. */
const NOTED_EVERY_MS = 30_000

/** `atMs`: when GHES was asked; 0 where only a push is known. */
type Noted = { facts: RepositoryFacts; atMs: number }
type Kept = Noted & { change: number; hookEnforcement?: HookEnforcement | undefined }

export class KnownRepositories {
  readonly #options: FactsOptions
  readonly #epoch = randomUUID().slice(0, 8)
  readonly #kept = new Map<string, Kept>()
  #change = 0
  #version: string | undefined
  #enforcementOf: EnforcementOf = () => undefined
  #isNoted = true
  #end: () => void = () => {}

  constructor(options: FactsOptions) {
    this.#options = options
  }

  /** Takes up what was noted, and notes from now on. */
  async start(): Promise<void> {
    const { clock, onTrouble } = this.#options
    const failed = (error: unknown) => {
      onTrouble(error)
      return NOTED_EVERY_MS
    }
    await this.#load().catch(onTrouble)
    this.#end = goRound({ clock, firstInMs: NOTED_EVERY_MS, round: () => this.#note(), failed })
  }

  async stop(): Promise<void> {
    this.#end()
    await this.#note().catch(this.#options.onTrouble)
  }

  /** GHES was asked now. */
  learn(facts: RepositoryFacts): void {
    this.#take({ facts, atMs: this.#options.clock.now() })
  }

  /** A hook has signed a push. */
  signed(repository: string, atMs: number): void {
    this.#take({ facts: { repository, lastPushAt: new Date(atMs).toISOString() }, atMs: 0 })
  }

  /** An administrator's plan was read. */
  enforced(of: EnforcementOf): void {
    this.#enforcementOf = of
    for (const kept of this.#kept.values()) {
      const hookEnforcement = of(kept.facts.repository)
      if (hookEnforcement === kept.hookEnforcement) continue
      kept.hookEnforcement = hookEnforcement
      kept.change = ++this.#change
    }
  }

  /** The later answer of GHES counts, and the later push. */
  #take({ facts, atMs }: Noted): void {
    const key = facts.repository.toLowerCase()
    const before = this.#kept.get(key)
    const [earlier, later] = before && before.atMs > atMs ? [facts, before.facts] : [before?.facts, facts]
    const pushes = [earlier?.lastPushAt, later.lastPushAt].filter(at => at !== undefined).sort()
    const lastPushAt = pushes.at(-1)
    const merged = { ...earlier, ...later, ...(lastPushAt === undefined ? {} : { lastPushAt }) }
    if (before && JSON.stringify(before.facts) === JSON.stringify(merged)) {
      before.atMs = Math.max(before.atMs, atMs)
      return
    }
    this.#kept.set(key, {
      facts: merged,
      atMs: Math.max(before?.atMs ?? 0, atMs),
      change: ++this.#change,
      hookEnforcement: this.#enforcementOf(merged.repository),
    })
    this.#isNoted = false
  }

  /** Everything, where the cursor is not ours. */
  after(cursor: string | undefined): FactChanges {
    const version = this.#options.version()
    if (version !== undefined && version !== this.#version) {
      this.#version = version
      this.#change++
    }
    const [, epoch, at] = /^([^.]+)\.(\d{1,15})$/.exec(cursor ?? '') ?? []
    const since = epoch === this.#epoch ? Number(at) : -1
    const isNew = since < this.#change
    const repositories = isNew ? [...this.#kept.values()].flatMap(one => (one.change > since ? factsOf(one) : [])) : []
    const known = this.#version === undefined ? {} : { version: this.#version }
    return { isNew, cursor: `${this.#epoch}.${this.#change}`, ...known, repositories }
  }

  async #note(): Promise<number> {
    const { store } = this.#options
    if (store.isShared) await this.#load()
    if (!this.#isNoted) {
      this.#isNoted = true
      await store.setNote(NOTE, JSON.stringify([...this.#kept.values()].map(({ facts, atMs }) => ({ facts, atMs }))))
    }
    return NOTED_EVERY_MS
  }

  async #load(): Promise<void> {
    const text = await this.#options.store.note(NOTE)
    for (const noted of text === undefined ? [] : (JSON.parse(text) as Noted[])) this.#take(noted)
  }
}

const factsOf = ({ facts, hookEnforcement }: Kept): RepositoryFacts =>
  hookEnforcement === undefined ? facts : { ...facts, hookEnforcement }
