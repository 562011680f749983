// A plan, what became of it, and how far it is, in words for a terminal or a log.
import { count } from '../../schemas/count.ts'
import { printable } from '../../schemas/printable.ts'
import type { Applied } from './apply.ts'
import { STANDINGS, type Standing } from './plan.ts'
import type { Report, ReportRow } from './report.ts'

/** Of several, and as the heading of a list. */
export const STANDING_WORDS: Record<Standing, string> = {
  propose: 'get a catalog file',
  has: 'have one that is right',
  wrong: 'have one that the catalog refuses',
  misplaced: 'have one in a place where it is not found',
  held: 'need a person first',
  left: 'are left alone',
  unread: 'could not be looked at',
}

const OF_ONE: Record<Standing, string> = {
  propose: 'gets a catalog file',
  has: 'has one that is right',
  wrong: 'has one that the catalog refuses',
  misplaced: 'has one in a place where it is not found',
  held: 'needs a person first',
  left: 'is left alone',
  unread: 'could not be looked at',
}

export const standingWords = (standing: Standing, n: number): string => (n === 1 ? OF_ONE : STANDING_WORDS)[standing]

const MOST_LINES = 40

export function planLines(report: Report): string[] {
  const { rows, organizations, failures, requests } = report
  const some = STANDINGS.map(standing => [standing, rows.filter(row => row.standing === standing)] as const).filter(
    ([, all]) => all.length > 0,
  )
  const lines = [
    `${count(rows.length, 'repository', 'repositories')} of ${organizations.join(', ')}, ${count(requests, 'request')} to GHES`,
    '',
    ...some.map(([standing, all]) => `${String(all.length).padStart(6)}  ${standingWords(standing, all.length)}`),
    ...failures.map(failure => `warning: ${failure}`),
    ...some.flatMap(([standing, all]) =>
      standing === 'has' ? [] : ['', `${STANDING_WORDS[standing]}:`, ...listed(all)],
    ),
    ...repairLines(rows),
  ]
  return lines.map(line => printable(line))
}

function repairLines(rows: readonly ReportRow[]): string[] {
  const repaired = rows.filter(({ delivery }) => delivery?.isRepair)
  return repaired.length === 0 ? [] : ['', 'repaired by --fix:', ...listed(repaired)]
}

function listed(rows: readonly ReportRow[]): string[] {
  const more = rows.length - MOST_LINES
  return [
    ...rows.slice(0, MOST_LINES).flatMap(rowLines),
    ...(more > 0 ? [`  and ${more} more; --csv and --html have them all`] : []),
  ]
}

function rowLines(row: ReportRow): string[] {
  const { repository, why, notes, reasons, entities, text } = row
  const owner = reasons.find(({ field }) => field === 'owner')
  const about =
    text === undefined ? why : `${entities.join(', ')}; owner ${owner?.value || 'left out'} (${owner?.reason ?? ''})`
  const delivery = deliveryWords(row)
  return [
    `  ${repository}: ${about}`,
    ...(delivery === undefined ? [] : [`    ${delivery}`]),
    ...notes.map(note => `    ${note}`),
  ]
}

/** Undefined: there is nothing to deliver. */
export function deliveryWords({ delivery, outcome }: ReportRow): string | undefined {
  if (outcome !== undefined)
    return 'url' in outcome ? `${outcome.result}: ${outcome.url}` : `${outcome.result}: ${outcome.reason}`
  if (delivery === undefined) return undefined
  const { step, wave, pullRequest = 'a pull request' } = delivery
  const words = {
    new: wave === 1 ? 'a pull request today' : `a pull request in wave ${wave}`,
    'go-on': 'its pull request is to be finished',
    update: `${pullRequest} is to be updated`,
    adopt: `${pullRequest} is open`,
    open: `${pullRequest} is open, and says what it should`,
    merged: delivery.isRepair
      ? `${pullRequest} was merged, and there is something to repair again: delete its branch first`
      : `${pullRequest} was merged, and the file is not there: nothing is opened again`,
    declined: `${pullRequest} was closed without a merge: it is not opened again`,
    foreign: "a branch of that name is somebody else's",
    cannot: 'GHES takes no push to an archived repository; --out writes the file',
  }
  return words[step]
}

export function appliedLines({ outcomes, later, ended }: Applied): string[] {
  const all = [...outcomes]
  const of = (...results: string[]) => all.filter(([, { result }]) => results.includes(result)).length
  const remarked = all.flatMap(([repository, outcome]) => {
    if (!('url' in outcome)) return [`${repository}: ${outcome.reason}`]
    const done = outcome.result === 'unchanged' ? [] : [`${repository}: ${outcome.result} ${outcome.url}`]
    return [...done, ...outcome.remarks.map(remark => `  ${remark}`)]
  })
  return [
    '',
    ...remarked,
    `${of('opened')} opened, ${of('updated', 'finished')} updated, ${of('foreign', 'trouble')} for a person, ${later} on another day${ended === undefined ? '' : '; ended early'}`,
  ].map(line => printable(line))
}

/** `migrate status`. */
export function statusLines({ rows }: Report): string[] {
  const some = rows.filter(
    ({ delivery, pullRequest, isInCatalog }) =>
      delivery !== undefined || pullRequest !== undefined || isInCatalog === true,
  )
  const stateOf = ({ pullRequest, delivery }: ReportRow) =>
    pullRequest?.state ?? (delivery?.step === 'cannot' ? 'by hand' : 'to come')
  const states = ['open', 'merged', 'closed', 'to come', 'by hand']
  const inCatalog = rows.filter(({ isInCatalog }) => isInCatalog === true).length
  const isAsked = rows.some(({ isInCatalog }) => isInCatalog !== undefined)
  const tally = states.map(
    state => `${some.filter(row => stateOf(row) === state && (row.pullRequest ?? row.delivery)).length} ${state}`,
  )
  return [
    `${tally.join(', ')}${isAsked ? `, ${inCatalog} in the catalog` : ''}`,
    ...some.flatMap(row => {
      if (row.pullRequest === undefined && row.delivery === undefined) return []
      const where = row.isInCatalog === undefined ? '' : row.isInCatalog ? ', in the catalog' : ', not in the catalog'
      return [
        `  ${row.repository}: ${stateOf(row)}${where}${row.pullRequest === undefined ? '' : ` ${row.pullRequest.url}`}`,
      ]
    }),
  ].map(line => printable(line))
}
