// How many refreshes a second a catalog is asked for: a function over values. More while its answers come early and it has time left, fewer while they come late.

export type Rate = {
  perSecond: number
  /** How long a verdict takes when nothing is in its way: the quickest round of the last ones. */
  usualMs: number
  /** What that is found from: the quickest of these rounds, and of those before them. */
  quickest?: { ms: number; beforeMs: number; rounds: number }
  /** Answers a second, of the last rounds. */
  answers?: number
  /** What it answered when its answers came late: the way back up to there is quick. */
  took?: number
  /** It was made slower: for so many rounds, what comes was asked for before. */
  settling?: number
}

/** What has been seen in a second. `busy`: how much of its time Backstage worked, 0 to 1, where it says so. */
export type Round = {
  latenciesMs: readonly number[]
  lost: number
  wasFull: boolean
  busy?: number | undefined
  tookMs: number
}

export const ROUND_MS = 1_000
export const RATE = { least: 1, most: 1_000 } as const
/** Of a verdict, without a queue: the catalog looks once a second for what is to be read, and once for what is to be shown. Measured at 40 a second: 1.2 s. */
const USUAL_MS = 1_200
/** Who pushes alone waits behind what is in the catalog's queue. Up to `early` the rate may grow, beyond `late` there is a queue. */
const LATENCY = { early: { leastMs: 1_900, times: 1.5 }, late: { leastMs: 2_400, times: 2 } } as const
/** Busier than this the catalog reads faster than it shows, and what it has read waits: 1,000 refreshes at once are read within 7 s, and the first of them is shown after 10. */
const MOST_BUSY = 0.8
/** One that has had its first load was asked for one a second, and was back at 40 after 20 s. */
const HALF_BUSY = 0.5
/** A round. What is asked for shows two or three rounds later, so that it grows slowly, and slower where nobody says whether Backstage has time; back to the pace that is set it is quick. */
const GROWS = { idle: 2, back: 1.4, beyond: 1.15, blind: 1.08 } as const
/** A round in which nothing comes. */
const STANDS_STILL = 0.5
/** Rounds. What the catalog shows now it was asked for two or three seconds ago. */
const SETTLES = 3
const SLOWS = 0.8
/** Without anything to do for so long, it begins anew. */
const PAUSE_MS = 3_000
/** A round in which nobody has to wait. */
const CALMS = 0.8
/** Of the latest round. */
const ANSWERS_BELIEVED = 0.4
/** Rounds that had answers. */
const QUICKEST_OF = 30

export const firstRate = (perSecond: number): Rate => ({ perSecond, usualMs: USUAL_MS })

/** `setting`: the pace that is configured. */
export function nextRate(before: Rate, { latenciesMs, lost, wasFull, busy, tookMs }: Round, setting: number): Rate {
  const answered = latenciesMs.length
  const rate = asBegun(before, tookMs > PAUSE_MS, answered + lost === 0 && !wasFull, setting)
  const { perSecond } = rate
  if (answered + lost === 0) return rate
  if (answered === 0) return { ...rate, perSecond: within(rate.perSecond * STANDS_STILL) }
  const medianMs = latenciesMs.toSorted((a, b) => a - b)[Math.floor(answered / 2)] ?? rate.usualMs
  const perSecondNow = (answered * 1000) / Math.max(tookMs, ROUND_MS)
  const answersBefore = rate.answers ?? perSecondNow
  const answers = answersBefore + (perSecondNow - answersBefore) * ANSWERS_BELIEVED
  const now = { ...withUsual(rate, medianMs), answers }
  const lateMs = limitMs('late', now.usualMs)
  if (medianMs > lateMs || lost > answered) return slower(now)
  const { settling: _, ...inTime } = now
  const hasRoom = medianMs <= limitMs('early', now.usualMs) && (busy === undefined || busy < MOST_BUSY)
  if (!wasFull) return calmed(inTime, setting)
  if (!hasRoom) return inTime
  const beyond = busy === undefined ? GROWS.blind : GROWS.beyond
  const isIdle = busy !== undefined && busy < HALF_BUSY
  const back = isIdle ? setting : Math.min(setting, rate.took ?? setting)
  const grown = perSecond < back ? Math.min(back, perSecond * (isIdle ? GROWS.idle : GROWS.back)) : perSecond * beyond
  return { ...inTime, perSecond: within(grown) }
}

/** So many may be without a verdict: of a catalog that stands still, what it would take in a few seconds. */
export const mostWithout = ({ perSecond, usualMs }: Rate): number =>
  Math.max(20, Math.ceil((perSecond * 1.5 * limitMs('late', usualMs)) / 1000))

const limitMs = (which: keyof typeof LATENCY, usualMs: number) =>
  Math.max(LATENCY[which].leastMs, LATENCY[which].times * usualMs)

/** A catalog that has become slower by itself is believed after a while; a queue has been away once by then, since it is asked for ever less. */
function withUsual(rate: Rate, medianMs: number): Rate {
  const { ms, beforeMs, rounds } = rate.quickest ?? { ms: rate.usualMs, beforeMs: rate.usualMs, rounds: 0 }
  const quickest =
    rounds >= QUICKEST_OF
      ? { ms: medianMs, beforeMs: ms, rounds: 1 }
      : { ms: Math.min(ms, medianMs), beforeMs, rounds: rounds + 1 }
  return { ...rate, quickest, usualMs: Math.min(quickest.ms, quickest.beforeMs) }
}

/** After a pause the pace is the one that is set: neither what other work could take nor what a catalog took that had just been started says anything of what comes. */
function asBegun(rate: Rate, isAfterPause: boolean, isQuiet: boolean, setting: number): Rate {
  if (isAfterPause) return { ...rate, perSecond: setting }
  return isQuiet ? { ...rate, perSecond: Math.min(rate.perSecond, setting) } : rate
}

/** What is next may be more work than what has been: unchanged files cost a catalog a fifth of changed ones. */
const calmed = (rate: Rate, setting: number): Rate => ({
  ...rate,
  perSecond: Math.max(Math.min(rate.perSecond, setting), rate.perSecond * CALMS),
})

/** Once in some rounds: what was asked for before still comes late. To less than what is answered. */
function slower(rate: Rate): Rate {
  const { perSecond, settling = 0, answers = 0 } = rate
  if (settling > 0) return { ...rate, settling: settling - 1 }
  const slowed = Math.max(perSecond / 2, Math.min(perSecond, answers) * SLOWS)
  return { ...rate, perSecond: within(slowed), took: answers, settling: SETTLES }
}

const within = (perSecond: number) => Math.min(RATE.most, Math.max(RATE.least, perSecond))
