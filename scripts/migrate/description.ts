// What a repository is for, in a sentence: its own description, else the first sentence of its README.
import { printable } from '../../schemas/printable.ts'
import { cutText } from '../../schemas/text.ts'

const MOST = 300
/** A README says what it is about at its beginning. */
const LOOKED_AT = 8000

/** A line without what nobody sees. */
export const oneLine = (text: string): string => printable(text.replace(/\s+/g, ' ').trim())

/** Undefined where it begins with nothing that is a sentence. */
export function firstSentence(readme: string): string | undefined {
  const blocks = withoutMarkup(readme.slice(0, LOOKED_AT)).split(/\n\s*\n/)
  for (const block of blocks) {
    const lines = block.split('\n').map(line => line.trim())
    // Headings, lists, quotes, tables and code are no sentences; an underlined heading is one, too.
    if (lines.some(line => /^(#|[-*+>|=~`]|\d+[.)]|:::|\.\.|---)/.test(line))) continue
    const text = oneLine(lines.join(' ').replace(/[*_`]/g, ''))
    if (!text.includes(' ') || !/\p{L}/u.test(text)) continue
    const end = /[.!?](?=\s|$)/.exec(text)
    const sentence = end === null ? text : text.slice(0, end.index + 1)
    return sentence.length <= MOST ? sentence : `${cutText(sentence, MOST - 3)}...`
  }
  return undefined
}

/** Comments, tags, pictures and badges go; of a link its words stay. */
function withoutMarkup(text: string): string {
  return text
    .replace(/\r/g, '')
    .replace(/^---\n[\s\S]{0,2000}?\n---\n/, '')
    .split('<!--')
    .map((part, i) => (i === 0 ? part : part.slice(part.indexOf('-->') < 0 ? part.length : part.indexOf('-->') + 3)))
    .join('')
    .replace(/<[a-zA-Z/][^<>]{0,500}>/g, '')
    .replace(/!\[[^[\]]{0,200}\](\([^()]{0,500}\)|\[[^[\]]{0,200}\])/g, '')
    .replace(/\[\]\([^()]{0,500}\)/g, '')
    .replace(/\[([^[\]]{1,200})\](\([^()]{0,500}\)|\[[^[\]]{0,200}\])/g, '$1')
    .replace(/^\s*\[[^[\]]{1,200}\]:.*$/gm, '')
}
