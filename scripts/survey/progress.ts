// How far a survey or a migration is, on standard error: a bar for a person, a line now and then for a log.

export type Progress = {
  /** More repositories are known of. */
  expect(more: number): void
  /** So many more are done, with so many of them to be refused. */
  step(done: number, refused: number): void
  /** A sentence that stays. */
  say(sentence: string): void
  end(): void
}

const BAR = 24
/** A log gets a line at each tenth. */
const TENTHS = 10

/** `also`: what is said of those that were counted besides. */
export function openProgress(
  isWatched: boolean,
  write: (text: string) => void,
  also: (counted: number) => string = refused => `, ${refused} would be refused`,
): Progress {
  let total = 0
  let done = 0
  let refused = 0
  let lastTenth = 0
  let shown = ''
  const state = () => `${done} of ${total} repositories${also(refused)}`
  const clear = () => {
    if (shown !== '') write(`\r${' '.repeat(shown.length)}\r`)
    shown = ''
  }
  const draw = () => {
    const filled = total === 0 ? 0 : Math.round((BAR * Math.min(done, total)) / total)
    const line = `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${state()}`
    write(`\r${line.padEnd(shown.length)}`)
    shown = line
  }
  return {
    expect: more => {
      total += more
      if (isWatched) draw()
    },
    step: (more, toBeRefused) => {
      done += more
      refused += toBeRefused
      if (isWatched) return draw()
      const tenth = total === 0 ? 0 : Math.floor((TENTHS * done) / total)
      if (tenth > lastTenth) write(`${state()}\n`)
      lastTenth = Math.max(lastTenth, tenth)
    },
    say: sentence => {
      clear()
      write(`${sentence}\n`)
      if (isWatched && total > 0) draw()
    },
    end: clear,
  }
}
