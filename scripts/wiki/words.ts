// What became of a repository's wiki, in lines for a terminal or a log.
import { count } from '../../schemas/count.ts'
import { printable } from '../../schemas/printable.ts'
import type { Outcome } from './bring-over.ts'

const MOST_NOTES = 20

export function outcomeLines(repository: string, outcome: Outcome): string[] {
  return [`${repository}: ${sentence(outcome)}`, ...details(outcome).map(line => `  ${line}`)].map(line =>
    printable(line),
  )
}

function sentence(outcome: Outcome): string {
  switch (outcome.result) {
    case 'unchanged':
      return 'unchanged'
    case 'nothing':
    case 'left':
      return outcome.reason
    case 'trouble':
      return `could not be brought over: ${outcome.words}`
    default: {
      const { pages, attachments, changes, pullRequest } = outcome
      const size = `${count(pages, 'page')}, ${count(attachments, 'attachment')}`
      if (outcome.result === 'planned') return `${size}: ${count(changes, 'file')} to change`
      const where = pullRequest === undefined ? '' : `: ${pullRequest.url}`
      return outcome.result === 'pushed'
        ? `${size}, ${count(changes, 'file')} changed${where}`
        : `${size}, as in the pull request${where}`
    }
  }
}

function details(outcome: Outcome): string[] {
  const conflicts = 'conflicts' in outcome ? outcome.conflicts : []
  const notes = 'notes' in outcome ? outcome.notes : []
  const more = notes.length - MOST_NOTES
  return [
    ...conflicts.map(path => `left alone, it was written or changed by hand: ${path}`),
    ...notes.slice(0, MOST_NOTES).map(({ path, words }) => `${path}: ${words}`),
    ...(more > 0 ? [`and ${more} more, in the pull request`] : []),
  ]
}
