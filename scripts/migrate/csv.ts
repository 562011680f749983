// A migration as CSV: a line for each repository.
import { csvText } from '../survey/csv.ts'
import type { Report } from './report.ts'
import { deliveryWords } from './words.ts'

const HEAD = [
  'repository',
  'standing',
  'why',
  'owner',
  'owner is known from',
  'entities',
  'delivery',
  'pull request',
  'in the catalog',
  'guesses',
  'problems',
  'remarks',
]

export function csvReport({ rows }: Report): string {
  const lines = rows.map(row => {
    const { repository, standing, why, owner, entities, delivery, isInCatalog, reasons, problems, notes } = row
    const owned = reasons.find(({ field }) => field === 'owner')
    const guesses = reasons.filter(({ isGuess }) => isGuess).map(({ field, reason }) => `${field}: ${reason}`)
    return [
      ...[repository, standing, why, owner, owned?.reason ?? '', entities.join(' '), deliveryWords(row) ?? ''],
      ...[delivery?.pullRequest ?? '', isInCatalog === undefined ? '' : isInCatalog ? 'yes' : 'no', guesses.join('; ')],
      ...[problems.map(({ path, line, message }) => `${path}:${line} ${message}`).join('; '), notes.join('; ')],
    ]
  })
  return csvText([HEAD, ...lines])
}
