// How long an interval of app-config is: Backstage takes maps, ISO 8601, "5m", and cron for schedules.
import { isMap } from '../../../schemas/unknown.ts'
import { isOpen } from '../../backstage/app-config.ts'

const UNITS: Record<string, number> = {
  milliseconds: 1,
  seconds: 1000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
  months: 2_592_000_000,
  years: 31_536_000_000,
}
const SHORT: Record<string, number> = {
  ms: 1,
  s: 1000,
  sec: 1000,
  secs: 1000,
  second: 1000,
  m: 60_000,
  min: 60_000,
  mins: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hrs: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  y: 31_557_600_000,
  year: 31_557_600_000,
  ...UNITS,
}

/** Undefined: only known where Backstage runs, or none of its forms. */
export function durationMs(value: unknown): number | undefined {
  if (isOpen(value)) return undefined
  if (typeof value === 'string') return isoMs(value.trim()) ?? shortMs(value.trim())
  if (!isMap(value)) return undefined
  if (typeof value['cron'] === 'string') return cronMs(value['cron'])
  const parts = Object.entries(value)
  if (parts.length === 0 || parts.some(([unit, n]) => !Object.hasOwn(UNITS, unit) || !Number.isFinite(Number(n))))
    return undefined
  return parts.reduce((sum, [unit, n]) => sum + Number(n) * (UNITS[unit] ?? 0), 0)
}

function isoMs(text: string): number | undefined {
  const found = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(
    text,
  )
  if (!found || text.length < 3) return undefined
  const units = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds']
  return units.reduce((sum, unit, i) => sum + Number(found[i + 1] ?? 0) * (UNITS[unit] ?? 0), 0)
}

function shortMs(text: string): number | undefined {
  const [, n, unit = 'ms'] = /^(\d+(?:\.\d+)?) *([a-z]+)?$/i.exec(text) ?? []
  const factor = SHORT[unit.toLowerCase()]
  return n === undefined || factor === undefined ? undefined : Number(n) * factor
}

/** The shortest time between two of its runs, to the minute; of what runs at most daily, a day. */
function cronMs(cron: string): number | undefined {
  const fields = cron.trim().split(/\s+/)
  if (fields.length === 6 && /[*/,-]/.test(fields[0] ?? '')) return 1000
  const [minute = '', hour = ''] = fields.slice(-5)
  if (fields.length < 5) return undefined
  const everyMinutes = gapOf(minute, 60)
  if (everyMinutes < 60) return everyMinutes * 60_000
  return gapOf(hour, 24) * 3_600_000
}

function gapOf(field: string, all: number): number {
  if (field === '*') return 1
  const [, step] = /\/(\d+)$/.exec(field) ?? []
  if (step) return Math.max(1, Number(step))
  if (/^\d+-\d+$/.test(field)) return 1
  const at = field
    .split(',')
    .map(Number)
    .sort((a, b) => a - b)
  const gaps = at.slice(1).map((one, i) => one - (at[i] ?? 0))
  return gaps.length === 0 ? all : Math.min(...gaps)
}

/** `5 minutes`, `2 hours`: the largest unit that it is whole in. */
export function inWords(ms: number): string {
  const units = [
    ['day', UNITS['days']],
    ['hour', UNITS['hours']],
    ['minute', UNITS['minutes']],
    ['second', UNITS['seconds']],
  ] as const
  for (const [name, unit = 1] of units)
    if (ms >= unit && ms % unit === 0) return `${ms / unit} ${name}${ms === unit ? '' : 's'}`
  return `${ms} ms`
}
