// What a pull request of docs says: what it brings, what stayed, and what a person should look at.
import { count } from '../../schemas/count.ts'
import type { Note } from './site.ts'

const MOST_NOTES = 30

export type Told = { pages: number; attachments: number; notes: readonly Note[]; conflicts: readonly string[] }

export function pullRequestText(
  { pages, attachments, notes, conflicts }: Told,
  wiki: string,
): { title: string; body: string } {
  const lines = [
    `The wiki of this repository as docs for TechDocs: ${count(pages, 'page')}, ${count(attachments, 'attachment')}, as of its commit ${wiki.slice(0, 12)}.`,
    'Once it is merged, Backstage shows it under "Docs". The wiki stays where people write: `catalog-gate wiki` brings later changes over in the same way.',
    ...(conflicts.length === 0 ? [] : [list('Written or changed by hand, and left alone:', conflicts.map(code))]),
    ...(notes.length === 0
      ? []
      : [
          list(
            'To look at:',
            notes.map(({ path, words }) => `${code(path)}: ${plain(words)}`),
          ),
        ]),
  ]
  return { title: 'Docs from the wiki', body: `${lines.join('\n\n')}\n` }
}

function list(title: string, items: readonly string[]): string {
  const more = items.length - MOST_NOTES
  return [
    title,
    '',
    ...items.slice(0, MOST_NOTES).map(item => `- ${item}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ].join('\n')
}

/** No word of a wiki mentions a person or a team, or links to anything. */
const code = (text: string) => `\`${text.replaceAll('`', "'")}\``
const plain = (text: string) => text.replace(/[\\`*_{}[\]<>#@]/g, '\\$&')
