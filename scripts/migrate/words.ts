// A plan in words, for a terminal or a log.
import { count } from '../../schemas/count.ts'
import { printable } from '../../schemas/printable.ts'
import type { Plan } from './find-plan.ts'
import { type Row, STANDINGS, type Standing } from './plan.ts'

const STANDING_WORDS: Record<Standing, string> = {
  propose: 'get a catalog file',
  has: 'have one that is right',
  wrong: 'have one that the catalog refuses',
  misplaced: 'have one in a place where it is not found',
  held: 'need a person first',
  left: 'are left alone',
  unread: 'could not be looked at',
}

const MOST_LINES = 40

export function planLines({ rows, organizations, failures, requests }: Plan): string[] {
  const counted = STANDINGS.map(standing => [standing, rows.filter(row => row.standing === standing)] as const)
  const lines = [
    `${count(rows.length, 'repository', 'repositories')} of ${organizations.join(', ')}, ${count(requests, 'request')} to GHES`,
    '',
    ...counted.flatMap(([standing, some]) =>
      some.length === 0 ? [] : [`${String(some.length).padStart(6)}  ${STANDING_WORDS[standing]}`],
    ),
    ...failures.map(failure => `warning: ${failure}`),
    ...counted.flatMap(([standing, some]) =>
      standing === 'has' || some.length === 0 ? [] : ['', `${STANDING_WORDS[standing]}:`, ...listed(some)],
    ),
  ]
  return lines.map(line => printable(line))
}

function listed(rows: readonly Row[]): string[] {
  const more = rows.length - MOST_LINES
  return [
    ...rows.slice(0, MOST_LINES).flatMap(rowLines),
    ...(more > 0 ? [`  and ${more} more; --csv and --html have them all`] : []),
  ]
}

function rowLines({ repository, why, notes, reasons, proposal }: Row): string[] {
  const owner = reasons.find(({ field }) => field === 'owner')
  const about =
    proposal === undefined
      ? why
      : `${proposal.entities.join(', ')}; owner ${owner?.value || 'left out'} (${owner?.reason ?? ''})`
  return [`  ${repository.repository}: ${about}`, ...notes.map(note => `    ${note}`)]
}
