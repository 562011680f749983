// What a catalog file names and the catalog then reads: files that are not there, or do not hold what they should. The codes, and their words.
import type { CodesOf, MissingTarget, Words } from './facts.ts'
import { shown } from './hints.ts'
import { quoted } from './wording.ts'

type Code = 'lfs-pointer' | 'placeholder-content' | 'missing-target' | 'long-missing-target' | 'doubtful-target'

export const treeCodes: CodesOf<Code> = {
  'lfs-pointer': {
    words: () => ({
      message: 'this is a Git LFS pointer: the catalog reads the pointer, not the file that it points to',
      hint: 'take the file out of LFS: remove it from .gitattributes, then run: git add --renormalize .',
    }),
  },
  'placeholder-content': {
    words: ({ placeholder, target, problem }) => ({
      message: `${placeholder} names ${quoted(target, 60)}, which ${shown(problem)}`,
      hint: 'correct that file: it is read as if it stood here',
    }),
  },
  'missing-target': {
    words: facts => ({ message: `${whatIsMissing(facts)}; ${costOf(facts)}`, ...wayOut(facts) }),
  },
  'long-missing-target': {
    severity: 'warning',
    words: facts => ({
      message: `${whatIsMissing(facts)}, and was not before this push; ${costOf(facts)}`,
      ...wayOut(facts),
    }),
  },
  'doubtful-target': { severity: 'warning', words: facts => ({ message: whatIsMissing(facts), ...wayOut(facts) }) },
}

function whatIsMissing({ what, target, path, why, isRemoved }: MissingTarget): string {
  const named = `${what === 'target' ? 'the target' : 'the file'} ${quoted(target)}`
  if (why === 'folder') return `${named} is a folder; expected a file`
  if (why === 'nowhere') return `${named} cannot be the path of a file`
  if (why === 'no match') return `${named} matches no file of this repository`
  if (isRemoved) return `${named} is removed by this push`
  const where = path === target.replace(/^\.\//, '') ? '' : `: there is no file ${shown(path)}`
  return `${named} is not in this repository${where}`
}

const costOf = ({ what }: MissingTarget) =>
  what === 'target' ? "the catalog then reads none of this Location's targets" : 'the catalog refuses the entity then'

function wayOut({ what, why, near, isRemoved }: MissingTarget): Pick<Words, 'hint'> {
  if (near !== undefined) return { hint: `did you mean ${quoted(near)}?` }
  const optional = what === 'target' ? ', or write "presence: optional" below spec' : ''
  const relative = '(it is relative to the folder of this file)'
  if (isRemoved) return { hint: `keep the file, or remove this line${optional}` }
  if (why === 'folder')
    return {
      hint: what === 'target' ? 'name the file in it, or write for example "./teams/*.yaml"' : 'name a file in it',
    }
  if (why === 'no match') return { hint: `correct the pattern ${relative}${optional}` }
  return {
    hint: `add the file, or correct the path ${relative}${why === 'nowhere' ? '' : optional}`,
  }
}
