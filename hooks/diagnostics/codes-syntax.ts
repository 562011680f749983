// What cannot be read as YAML, or is not a map: the codes, and their words.
import { count } from '../../schemas/count.ts'
import type { CodesOf, Facts } from './facts.ts'
import { shown, write } from './hints.ts'
import { quoted, WITHOUT_MARK } from './wording.ts'

type Code =
  | 'yaml-syntax'
  | 'yaml-colon'
  | 'yaml-quotes'
  | 'yaml-missing-space'
  | 'yaml-tab'
  | 'yaml-indent'
  | 'yaml-multiline-key'
  | 'yaml-unclosed'
  | 'yaml-duplicate-key'
  | 'yaml-separator'
  | 'yaml-alias'
  | 'not-checked'
  | 'yaml-conflict-marker'
  | 'not-a-map'

function withoutList({ of, column }: NonNullable<Facts['not-a-map']['list']>): string {
  if (column === 0)
    return 'write each entity without the brackets around the list, and a line "---" between two of them'
  const way = `replace each "- " in column ${column} with two spaces`
  return of === 'entities'
    ? `${way}, and write a line "---" between two entities`
    : `${way}: these lines are one map, not a list`
}

const alsoBelow = (others: number) => (others > 0 ? `, here and in ${count(others, 'more line')}` : '')

export const syntaxCodes: CodesOf<Code> = {
  'yaml-syntax': {
    words: ({ problem, hint }) => ({ message: shown(problem), ...(hint ? { hint: shown(hint) } : {}) }),
  },
  'yaml-colon': {
    words: ({ proposal, hint }) => ({
      message: 'the value contains ": ", which YAML reads as a second key',
      hint: hint === undefined ? write('put it in quotes', proposal) : shown(hint),
    }),
  },
  'yaml-quotes': {
    words: ({ problem, proposal, hint }) => ({
      message: shown(problem),
      hint: hint ?? write('put the whole value in quotes', proposal),
    }),
  },
  'yaml-missing-space': {
    words: ({ after, proposal, others = 0 }) => ({
      message: `a space is missing after ${after}${alsoBelow(others)}`,
      hint: write('write the space', proposal),
    }),
  },
  'yaml-tab': {
    words: ({ others }) => ({
      message: `a tab is used for indentation${alsoBelow(others)}; YAML allows only spaces there`,
      hint: 'replace each tab by two spaces',
    }),
  },
  'yaml-indent': {
    words: ({ problem, hint }) => ({
      message: shown(problem),
      hint: shown(hint ?? 'start the line in the same column as the other keys of its map'),
    }),
  },
  'yaml-multiline-key': { words: ({ problem, hint }) => ({ message: shown(problem), hint: shown(hint) }) },
  'yaml-unclosed': {
    words: ({ opened, closing, proposal, line }) => ({
      message: `${opened} is opened here and not closed`,
      hint:
        proposal === undefined
          ? `add the closing ${closing}${line === undefined ? '' : ` at the end of line ${line}`}`
          : write('close it', proposal),
    }),
  },
  'yaml-duplicate-key': {
    words: ({ key, firstLine, isFirstEmpty, more = 0 }) => ({
      message: `key ${quoted(key)} is there twice, first in line ${firstLine}${more > 0 ? `, and so ${more > 1 ? 'are' : 'is'} ${count(more, 'more key')} of this map` : ''}`,
      hint: isFirstEmpty
        ? `remove line ${firstLine}, which is empty`
        : more > 0
          ? 'if these are entries of a list, begin each of them with "- "'
          : 'remove one of them, or merge their values',
    }),
  },
  'yaml-separator': { words: ({ problem, hint }) => ({ message: problem, hint }) },
  'yaml-alias': { words: ({ problem, hint }) => ({ message: shown(problem), hint: shown(hint) }) },
  'not-checked': {
    severity: 'warning',
    words: ({ reason }) => ({
      message: `it was not checked: ${reason}`,
      hint: 'make it smaller, or divide it into several files',
    }),
  },
  'yaml-conflict-marker': {
    words: ({ marker, isAlone }) => ({
      message: `merge conflict marker ${quoted(marker, 30)}`,
      hint: isAlone
        ? 'remove the line: the other markers of it are gone already'
        : 'choose one side, remove the marker lines and commit again',
    }),
  },
  'not-a-map': {
    words: ({ found, list, isMarked, way }) => ({
      message: `expected a map with apiVersion, kind, metadata and spec, but found ${found}${isMarked ? ', behind a byte order mark (U+FEFF)' : ''}`,
      hint: `${isMarked ? `${WITHOUT_MARK}, and ` : ''}${list === undefined ? (way ?? 'begin with "apiVersion: backstage.io/v1alpha1"') : withoutList(list)}`,
    }),
  },
}
