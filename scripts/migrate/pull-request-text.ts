// What a pull request of ours says: what it brings, where each value is known from, and how to be left alone.
import { count } from '../../schemas/count.ts'
import { printable } from '../../schemas/printable.ts'
import type { MigrateConfig } from './config.ts'
import type { Delivery } from './delivery.ts'
import type { Row } from './plan.ts'

const MOST = 60

export function pullRequestText(
  { row, isRepair, files }: Delivery,
  { pullRequests }: Pick<MigrateConfig, 'pullRequests'>,
): { title: string; body: string } {
  const paths = [...files.keys()]
  const title = isRepair ? 'Repair the catalog file' : `Add ${paths[0] ?? 'a catalog file'}`
  const usual = isRepair ? repairBody(row, paths) : proposalBody(row, pullRequests.optOut)
  const { body } = pullRequests
  if (body === undefined) return { title, body: usual }
  const parts: Record<string, string> = { repository: row.repository.repository, default: usual, reasons: table(row) }
  return { title, body: body.replace(/\{\{(\w+)\}\}/g, (all, name: string) => parts[name] ?? all) }
}

function proposalBody(row: Row, optOut: string): string {
  const guesses = row.reasons.filter(({ isGuess }) => isGuess).length
  return [
    'This repository has no catalog file, so Backstage does not show it. Here is one, made of what the repository itself says.',
    `${count(guesses, 'value')} below ${guesses === 1 ? 'is a guess' : 'are guesses'}: please look at ${guesses === 1 ? 'it' : 'them'}, change what is wrong on this branch, and merge.`,
    table(row),
    ...(row.notes.length === 0 ? [] : [row.notes.map(note => `- ${plain(note)}`).join('\n')]),
    `Not wanted? Close this: it will not be opened again. A file ${code(optOut)} at the top keeps any such proposal away.`,
    '',
  ].join('\n\n')
}

function repairBody({ problems }: Row, paths: readonly string[]): string {
  const told = problems
    .slice(0, MOST)
    .map(({ path, line, message, code: name }) => `- ${code(`${path}:${line}`)}: ${plain(message)} (${name})`)
  return [
    `The catalog refuses, or doubts, what ${paths.map(code).join(', ')} says. This repairs what can only be meant one way; everything else stays as it is written.`,
    'Found:',
    told.join('\n'),
    'Not wanted? Close this: it will not be opened again.',
    '',
  ].join('\n\n')
}

function table({ reasons }: Row): string {
  const rows = reasons.slice(0, MOST).map(({ field, value, reason, isGuess }) => {
    const cells = [field, value === '' ? '' : code(value), `${isGuess ? '**guess:** ' : ''}${plain(reason)}`]
    return `| ${cells.join(' | ')} |`
  })
  return ['| field | value | known from |', '|---|---|---|', ...rows].join('\n')
}

/** No word of a repository mentions a person or a team, links to anything, or leaves its cell. */
const code = (text: string) => `\`${printable(text).replaceAll('`', "'").replaceAll('|', '\\|')}\``
const plain = (text: string) =>
  printable(text).replace(/[\\`*_{}[\]<>#@|]/g, sign => (sign === '@' ? '@<!-- -->' : `\\${sign}`))
