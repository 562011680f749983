// A clock that a test owns: time stands still until it is told to go on.
import type { Clock } from '../../relay/runtime/clock.ts'

type Timer = { atMs: number; callback: () => void }

export class TestClock implements Clock {
  #nowMs: number
  #timers: Timer[] = []

  constructor(nowMs = 1_800_000_000_000) {
    this.#nowMs = nowMs
  }

  now = (): number => this.#nowMs

  after = (delayMs: number, callback: () => void): (() => void) => {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(one => one !== timer)
    }
  }

  /** Lets time pass; timers fire in their order, each at its time. */
  pass(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const next = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (!next) break
      this.#timers = this.#timers.filter(one => one !== next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.callback()
    }
    this.#nowMs = untilMs
  }

  isSetFor(atMs: number): boolean {
    return this.#timers.some(timer => timer.atMs === atMs)
  }

  /** Waits until a timer is set for this time or earlier. */
  get nextTimerAtMs(): number | undefined {
    return this.#timers.length === 0 ? undefined : Math.min(...this.#timers.map(({ atMs }) => atMs))
  }
}
