// How often Backstage asks GHES by itself: the processing loop, and the scans of its providers.
import { isOpen } from '../../backstage/app-config.ts'
import { type Finding, ok, warning, wrong } from '../finding.ts'
import { durationMs, inWords } from './duration.ts'
import { type Inspected, mapsIn, placeOf } from './inspected.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DAILY = 'schedule: { frequency: { hours: 24 }, timeout: { minutes: 30 } }'

export function checkScans(inspected: Inspected): Finding[] {
  const providers = mapsIn(inspected.config.decided('catalog', 'providers')?.value).flatMap(({ key, map }) =>
    instancesOf(inspected, key, map),
  )
  return [
    ...loop(inspected),
    ...providers.flatMap(provider => scan(inspected, provider)),
    ...twoProviders(inspected, providers),
  ]
}

function loop(inspected: Inspected): Finding[] {
  const check = 'processing loop'
  const interval = inspected.config.decided('catalog', 'processingInterval')
  const place = placeOf(inspected, 'catalog', 'processingInterval')
  const out =
    'catalog: { processingInterval: { hours: 24 } }, where a relay refreshes what changes and its daily reconcile finds the rest'
  if (interval?.value === false) return [ok(check, 'there is none: what changes is brought by refreshes alone')]
  const ms = interval === undefined ? undefined : durationMs(interval.value)
  if (interval === undefined)
    return [
      warning(
        check,
        `${place} is not set: every file is asked for again after 100 to 150 s, 26,500 requests an hour for 1,000 files; expected some hours`,
        out,
      ),
    ]
  if (ms === undefined && isOpen(interval.value)) return []
  if (ms === undefined)
    return [wrong(check, `${place} is no duration: expected { hours: 24 }, "PT24H", "24h" or false`, out)]
  if (ms >= HOUR_MS) return [ok(check, `every file is asked for again after ${inWords(ms)} or more`)]
  const perHour = Math.round((1000 * HOUR_MS) / (ms * 1.25))
  return [
    warning(
      check,
      `${place} is ${inWords(ms)}: ${perHour.toLocaleString('en')} requests an hour for 1,000 files; expected some hours`,
      out,
    ),
  ]
}

type Provider = { kind: string; name: string; keys: string[]; settings: Record<string, unknown> }

/** One, a map of several, or a list. */
function instancesOf({ config }: Inspected, kind: string, map: Record<string, unknown>): Provider[] {
  const keys = ['catalog', 'providers', kind]
  const isOne = ['schedule', 'organization', 'host', 'orgs', 'githubUrl', 'app'].some(key => Object.hasOwn(map, key))
  if (isOne) return [{ kind, name: kind, keys, settings: map }]
  return mapsIn(config.decided(...keys)?.value).map(({ key, map: settings }) => ({
    kind,
    name: `${kind}.${key}`,
    settings,
    keys: [...keys, key],
  }))
}

function scan(inspected: Inspected, { kind, name, keys, settings }: Provider): Finding[] {
  const check = `provider ${name}`
  const place = placeOf(inspected, ...keys)
  const schedule = settings['schedule']
  if (schedule === undefined && !kind.startsWith('github')) return []
  if (schedule === undefined)
    return [wrong(check, `${place} has no schedule: the backend does not start; expected one`, DAILY)]
  const ms = durationMs(Object(schedule)['frequency'])
  if (ms === undefined || ms >= HOUR_MS) return ms === undefined ? [] : [ok(check, `a scan every ${inWords(ms)}`)]
  const perDay = Math.round(DAY_MS / ms).toLocaleString('en')
  const what =
    kind === 'github'
      ? 'a scan lists all repositories, and brings new ones only, never what has changed in a file'
      : 'a scan reads all of it again'
  return [
    warning(
      check,
      `${place}.schedule.frequency is ${inWords(ms)}, ${perDay} full scans a day: ${what}; expected once a day`,
      DAILY,
    ),
  ]
}

/** A file that two providers name is a conflict, and the second one's entities are dropped. */
function twoProviders(inspected: Inspected, providers: readonly Provider[]): Finding[] {
  const isOurs = inspected.config.decided('catalogGate', 'provider')?.value === true
  const others = providers.filter(({ kind }) => kind === 'github').map(({ name }) => name)
  if (!isOurs || others.length === 0) return []
  return [
    wrong(
      'providers',
      `${placeOf(inspected, 'catalogGate', 'provider')} is true, and there is catalog.providers.${others.join(', ')}: a file in two hands is a conflict; expected one of them`,
      'take catalog.providers.github out: the relay says which files there are',
    ),
  ]
}
