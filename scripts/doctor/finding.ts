// What a check has found, as data; each failure carries its remedy.

export type Finding = {
  check: string
  state: 'ok' | 'warning' | 'wrong' | 'skipped'
  /** What is so. */
  said: string
  /** What to do about it; for `skipped`, what the check would need. */
  remedy?: string
}

export const ok = (check: string, said: string): Finding => ({ check, state: 'ok', said })
export const warning = (check: string, said: string, remedy: string): Finding => ({
  check,
  state: 'warning',
  said,
  remedy,
})
export const wrong = (check: string, said: string, remedy: string): Finding => ({ check, state: 'wrong', said, remedy })
export const skipped = (check: string, said: string, remedy: string): Finding => ({
  check,
  state: 'skipped',
  said,
  remedy,
})

/** Longer than any healthy answer takes; all checks run side by side. */
const LIMIT_MS = 15_000

/** A check that neither ends nor fails by itself is ended here, and one that throws costs only itself. */
export async function bounded(check: string, run: () => Promise<Finding[]>): Promise<Finding[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Finding[]>(resolve => {
    timer = setTimeout(
      () =>
        resolve([
          wrong(
            check,
            `no answer within ${LIMIT_MS / 1000} s`,
            'look whether the target hangs, and at proxies on the way',
          ),
        ]),
      LIMIT_MS,
    )
  })
  try {
    return await Promise.race([run(), late])
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return [wrong(check, `an internal error: ${reason}`, 'please report it')]
  } finally {
    clearTimeout(timer)
  }
}

/** Standing differences of clocks: signatures allow five minutes, GHES's own log is hard to read with one. */
export function clockFinding(check: string, date: string | undefined, nowMs: number): Finding {
  const theirsMs = Date.parse(date ?? '')
  if (Number.isNaN(theirsMs)) return skipped(check, 'it tells no time', 'a Date header in its answers')
  // The header is exact to a second.
  const offMs = Math.abs(theirsMs + 500 - nowMs)
  const off = `${Math.round(offMs / 1000)} s`
  if (offMs > 240_000)
    return wrong(check, `its clock differs by ${off} from this one`, 'signatures are refused at 300 s; set both by NTP')
  if (offMs > 30_000)
    return warning(
      check,
      `its clock differs by ${off} from this one`,
      'set both by NTP; signatures are refused at 300 s',
    )
  return ok(check, 'its clock and this one agree')
}
