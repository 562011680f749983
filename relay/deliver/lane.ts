// A lane of work: claims what is due, runs so many at once, sleeps until the next falls due. Landing is one, and each kind of job.
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/log.ts'
import { StoreUnavailable } from '../store/store.ts'
import type { Circuit } from './circuit.ts'

export type LaneWork<T extends { lease: string }> = {
  name: string
  /** How many may call the target at once, while it works. Of a target that is only tried each of its lanes has one try. */
  most: number
  target: Pick<Circuit, 'allowed' | 'openUntilMs' | 'admits'>
  /** `room` is asked when the store hands them out: of a backlog, which waits for each commit, one claim takes all that there is room for by then. */
  claim: (room: () => number) => Promise<T[]>
  /** `answered`: the target is not called for it any more; what is left is the store's. */
  run: (task: T, answered: () => void) => Promise<void>
  release: (leases: string[]) => Promise<void>
  nextDueAtMs: () => Promise<number | undefined>
}

/** Due work that could not be claimed (store full, say) is looked for again after this. */
const FAILED_AGAIN_MS = 1000

/**
 * What is due and could not be claimed is in another replica's transaction, which may take long (a frozen machine): each time that we ask in vain the pause doubles. Every 10 ms took a tenth
 * of a processor of ours, and half as much of PostgreSQL's.
 */
const HELD_AGAIN_MS = { first: 10, most: 500 }

/** So many times as many may be under way as call the target: the others wait for the store, where many share a commit. */
const WITH_THE_STORE = 3

export class Lane<T extends { lease: string }> {
  readonly #work: LaneWork<T>
  readonly #clock: Clock
  readonly #log: Logger
  readonly #running = new Map<string, Promise<void>>()
  /** Of what is under way: what may call the target. */
  readonly #calling = new Set<string>()
  /** Leases of tasks whose result the store could not take. */
  #unrecorded: string[] = []
  #cancelTimer: () => void = () => {}
  #timerAtMs = Number.POSITIVE_INFINITY
  /** The pause that follows; 0 while nothing is held by others. */
  #heldMs = 0
  #looking: Promise<void> | undefined
  #lookAgain = false
  #stopped = false

  constructor(work: LaneWork<T>, clock: Clock, log: Logger) {
    this.#work = work
    this.#clock = clock
    this.#log = log
  }

  /** Something falls due at this time: look then, unless a look is due sooner. */
  wakeAt(atMs: number): void {
    if (this.#stopped || atMs >= this.#timerAtMs) return
    this.#cancelTimer()
    this.#timerAtMs = atMs
    this.#cancelTimer = this.#clock.after(atMs - this.#clock.now(), () => {
      this.#timerAtMs = Number.POSITIVE_INFINITY
      this.look()
    })
  }

  /** Looks for due work now. */
  look(): void {
    if (this.#stopped) return
    this.#lookAgain = true
    this.#looking ??= this.#lookUntilDone().finally(() => {
      this.#looking = undefined
      // Asked for after the last look, and before we were told that it has ended.
      if (this.#lookAgain) this.look()
    })
  }

  /** Claims nothing any more; resolves when what runs is finished. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelTimer()
    await this.#looking
    await Promise.all(this.#running.values())
  }

  /** Of what is under way. */
  leases(): string[] {
    return [...this.#running.keys()]
  }

  async #lookUntilDone(): Promise<void> {
    while (this.#lookAgain && !this.#stopped) {
      this.#lookAgain = false
      try {
        await this.#lookOnce()
      } catch (error) {
        this.#log.error({ err: error }, `${this.#work.name}: the store does not hand out work`)
        this.wakeAt(this.#clock.now() + FAILED_AGAIN_MS)
      }
    }
  }

  async #lookOnce(): Promise<void> {
    const { target, claim, nextDueAtMs } = this.#work
    await this.#releaseUnrecorded()
    const room = () => Math.max(0, this.#room())
    const claimed = room() > 0 && (await target.admits()) ? await claim(room) : undefined
    for (const task of claimed ?? []) this.#start(task)
    // With no room a running task looks again; with none running the target rests.
    if (this.#running.size > 0 && this.#room() <= 0) return
    const dueAt = await nextDueAtMs()
    if (dueAt === undefined) return
    const isHeld = claimed?.length === 0 && dueAt <= this.#clock.now()
    this.#heldMs = isHeld ? Math.min(Math.max(HELD_AGAIN_MS.first, 2 * this.#heldMs), HELD_AGAIN_MS.most) : 0
    this.wakeAt(Math.max(dueAt, this.#clock.now() + this.#heldMs, target.allowed(1) > 0 ? 0 : target.openUntilMs))
  }

  #room(): number {
    const { most, target } = this.#work
    return Math.min(target.allowed(most) - this.#calling.size, WITH_THE_STORE * most - this.#running.size)
  }

  /** Once the store can write again, what it could not take down is done once more, without waiting for the leases to end. */
  async #releaseUnrecorded(): Promise<void> {
    if (this.#unrecorded.length === 0) return
    const leases = this.#unrecorded
    await this.#work.release(leases)
    this.#unrecorded = this.#unrecorded.filter(lease => !leases.includes(lease))
  }

  #start(task: T): void {
    const { lease } = task
    const answered = () => {
      if (this.#calling.delete(lease)) this.look()
    }
    this.#calling.add(lease)
    const run = this.#work
      .run(task, answered)
      .catch((error: unknown) => {
        // Anything else is a bug: its lease ends by itself, so that it cannot run in circles.
        if (error instanceof StoreUnavailable) this.#unrecorded.push(lease)
        this.#log.error({ err: error }, `${this.#work.name}: a task failed; it is done once more`)
      })
      .finally(() => {
        this.#running.delete(lease)
        this.#calling.delete(lease)
        this.look()
      })
    this.#running.set(lease, run)
  }
}
